import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { INodeParameters, NodeParameterValueType } from 'n8n-workflow';

import { CHAIN_IDS, deploymentIdFor, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, byUrl } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

/** Path of Baseten's own OpenAPI document, which is not part of this project. */
const DOCUMENT = process.env.BASETEN_OPENAPI;

const INPUT = { prompt: 'a red fox', steps: 4 };
const REQUEST_ID = '0123456789abcdef0123456789abcdef';

interface Route {
  resource: string;
  operation: string;
  kind: 'model' | 'chain';
  method: string;
  action: string;
  parameters: INodeParameters;
  body?: unknown;
}

const json = { inputMode: 'json', input: JSON.stringify(INPUT) };
const submission = {
  ...json,
  delivery: 'webhook',
  webhookUrl: 'https://n8n.example.com/webhook/result',
  options: {
    priority: 1,
    maxTimeInQueue: 900,
    inferenceMaxAttempts: 5,
    inferenceInitialDelay: 100,
    inferenceMaxDelay: 2000,
  },
};
const submitted = {
  model_input: INPUT,
  webhook_endpoint: 'https://n8n.example.com/webhook/result',
  priority: 1,
  max_time_in_queue_seconds: 900,
  inference_retry_config: { max_attempts: 5, initial_delay_ms: 100, max_delay_ms: 2000 },
};

const ROUTES: Route[] = [
  {
    resource: 'model',
    operation: 'predict',
    kind: 'model',
    method: 'POST',
    action: 'predict',
    parameters: json,
    body: INPUT,
  },
  {
    resource: 'chain',
    operation: 'run',
    kind: 'chain',
    method: 'POST',
    action: 'run_remote',
    parameters: json,
    body: INPUT,
  },
  {
    resource: 'model',
    operation: 'submitAsync',
    kind: 'model',
    method: 'POST',
    action: 'async_predict',
    parameters: submission,
    body: submitted,
  },
  {
    resource: 'chain',
    operation: 'submitAsync',
    kind: 'chain',
    method: 'POST',
    action: 'async_run_remote',
    parameters: submission,
    body: submitted,
  },
  {
    resource: 'model',
    operation: 'getQueueStatus',
    kind: 'model',
    method: 'GET',
    action: 'async_queue_status',
    parameters: {},
  },
  {
    resource: 'chain',
    operation: 'getQueueStatus',
    kind: 'chain',
    method: 'GET',
    action: 'async_queue_status',
    parameters: {},
  },
  {
    resource: 'model',
    operation: 'wake',
    kind: 'model',
    method: 'POST',
    action: 'wake',
    parameters: { waitUntilReady: false },
  },
];

const OWNERS = { model: MODEL_IDS.echo, chain: CHAIN_IDS.echo };

interface TargetCase {
  name: string;
  parameters: (id: string) => INodeParameters;
  /** Path on the owner's host, before the action, in the document. */
  template: string;
  /** The same path in requests. */
  path: (id: string) => string;
  region?: string;
}

const TARGETS: TargetCase[] = [
  {
    name: 'production',
    parameters: () => ({ target: 'production' }),
    template: '/production',
    path: () => '/production',
  },
  {
    name: 'development',
    parameters: () => ({ target: 'development' }),
    template: '/development',
    path: () => '/development',
  },
  {
    name: 'environment',
    parameters: () => ({ target: 'environment', environment: byId('staging') }),
    template: '/environments/{env_name}',
    path: () => '/environments/staging',
  },
  {
    name: 'deployment',
    parameters: (id) => ({
      target: 'deployment',
      deploymentId: byId(deploymentIdFor(id, 'staging')),
    }),
    template: '/deployment/{deployment_id}',
    path: (id) => `/deployment/${deploymentIdFor(id, 'staging')}`,
  },
  {
    name: 'regional',
    parameters: () => ({ target: 'regional', environment: byId('prod-us') }),
    template: '',
    path: () => '',
    region: 'prod-us',
  },
];

const CASES = ROUTES.flatMap((route) => TARGETS.map((target) => ({ route, target })));

const REQUEST_CASES = (['model', 'chain'] as const).flatMap((kind) =>
  (
    [
      ['get', 'GET'],
      ['cancel', 'DELETE'],
    ] as const
  ).map(([operation, method]) => ({ kind, operation, method })),
);

const emulator = useEmulator({ limits: { statusPerSecond: 1000 } });

describe('every route of the inference API, for every target', () => {
  test.each(CASES)('$route.resource $route.operation · $target.name', async ({ route, target }) => {
    const id = OWNERS[route.kind];
    await runBaseten({
      credential: credentialFor(emulator()),
      parameters: {
        resource: route.resource,
        operation: route.operation,
        [route.kind === 'model' ? 'modelId' : 'chainId']: byId(id),
        ...target.parameters(id),
        ...route.parameters,
      },
    });
    const host = `/${route.kind}-${id}${target.region ? `-${target.region}` : ''}`;
    const [request] = emulator().requests;
    expect(emulator().requests).toHaveLength(1);
    expect(request?.method).toBe(route.method);
    expect(request?.path).toBe(`${host}${target.path(id)}/${route.action}`);
    if (route.body === undefined) expect(request?.rawBody.toString()).toBe('');
    else expect(request?.json()).toStrictEqual(route.body);
    expect(request?.status).toBeLessThan(300);
  });

  test.each(REQUEST_CASES)(
    'async request $operation · $kind',
    async ({ kind, operation, method }) => {
      await runBaseten({
        credential: credentialFor(emulator()),
        parameters: {
          resource: 'asyncRequest',
          operation,
          ownerType: kind,
          [kind === 'model' ? 'modelId' : 'chainId']: byId(OWNERS[kind]),
          requestId: REQUEST_ID,
        },
      });
      const [request] = emulator().requests;
      expect(request?.method).toBe(method);
      expect(request?.path).toBe(`/${kind}-${OWNERS[kind]}/async_request/${REQUEST_ID}`);
      expect(request?.rawBody.toString()).toBe('');
    },
  );
});

test('a request that was submitted to a regional environment is asked for at the standard host', async () => {
  const parameters = { resource: 'model', modelId: byId(MODEL_IDS.echo) };
  const credential = credentialFor(emulator());
  const { items, error } = await runBaseten({
    credential,
    parameters: {
      ...parameters,
      ...json,
      operation: 'submitAsync',
      delivery: 'none',
      target: 'regional',
      environment: byId('prod-us'),
    },
  });

  expect(error).toBeUndefined();
  const requestId = String(items[0]?.json.request_id);
  const url = `https://model-${MODEL_IDS.echo}-prod-us.api.baseten.co/async_request/${requestId}`;
  for (const modelId of [byId(MODEL_IDS.echo), byUrl(url)]) {
    emulator().clearRequests();
    const asked = { ...parameters, modelId, resource: 'asyncRequest', operation: 'get', requestId };
    const result = await runBaseten({ credential, parameters: asked });
    expect(result.items[0]?.json.request_id).toBe(requestId);
    expect(emulator().requests.map(({ path }) => path)).toStrictEqual([
      `/model-${MODEL_IDS.echo}/async_request/${requestId}`,
    ]);
  }
});

test.each(['TRACE', 'CONNECT', 'OPTIONS', '', 'GET\r\nX: y'])(
  'a method that a route can’t be called with is not sent: %j',
  async (method) => {
    const { error } = await runBaseten({
      credential: credentialFor(emulator()),
      parameters: {
        resource: 'model',
        operation: 'callRoute',
        modelId: byId(MODEL_IDS.echo),
        method: `={{ ${JSON.stringify(method)} }}`,
        route: '/health',
      },
    });
    expect(error?.message).toMatch(/^Method can't be /);
    expect(error?.description).toContain('"GET"');
    expect(emulator().requests).toHaveLength(0);
  },
);

test.each<[string, NodeParameterValueType, string]>([
  ['a text, as older workflows hold it', '/health', '/health'],
  ['a path', { __rl: true, mode: 'id', value: '/items/{id}' }, '/items/%7Bid%7D'],
  ['one of the list', { __rl: true, mode: 'list', value: '/health' }, '/health'],
  ['an expression', { __rl: true, mode: 'id', value: '={{ "/items/" + 5 }}' }, '/items/5'],
])('a route may be %s', async (_, route, path) => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: { ...ROUTE_OF_ECHO, route },
  });
  expect(error).toBeUndefined();
  expect(emulator().requests[0]?.path).toContain(`/sync${path}`);
});

test('a route of the list with a part to fill in is not called', async () => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      ...ROUTE_OF_ECHO,
      route: { __rl: true, mode: 'list', value: '/items/{item_id}' },
    },
  });
  expect(error?.message).toBe('The route /items/{item_id} has a part to fill in: {item_id}');
  expect(emulator().requests).toHaveLength(0);
});

const ROUTE_OF_ECHO = {
  resource: 'model',
  operation: 'callRoute',
  modelId: byId(MODEL_IDS.echo),
};

interface OpenApi {
  paths: Record<string, Record<string, { requestBody?: { $ref?: string } }>>;
  components: { requestBodies: Record<string, { content: Record<string, unknown> }> };
}

if (DOCUMENT) {
  describe("against Baseten's own document", () => {
    const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as OpenApi;
    const ajv = new Ajv({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ ...document, $id: 'baseten' });

    test('the tested routes are all of its routes and no others', () => {
      const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      const ours = [
        ...CASES.map(({ route, target }) => `${route.method} ${target.template}/${route.action}`),
        ...REQUEST_CASES.map(({ method }) => `${method} /async_request/{request_id}`),
      ];
      expect([...new Set(ours)].sort()).toStrictEqual(documented.sort());
    });

    test.each(CASES.filter(({ route }) => route.body !== undefined))(
      'its schema allows the body of $route.resource $route.operation · $target.name',
      ({ route, target }) => {
        const operation =
          document.paths[`${target.template}/${route.action}`]?.[route.method.toLowerCase()];
        const name = operation?.requestBody?.$ref?.split('/').pop() ?? '';
        const validate = ajv.getSchema(
          `baseten#/components/requestBodies/${name}/content/application~1json/schema`,
        );
        expect(validate?.(route.body)).toBe(true);
      },
    );
  });
}
