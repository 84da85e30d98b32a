import type { INodeParameters } from 'n8n-workflow';

import { CHAIN_IDS, deploymentIdFor, MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';

const MODEL = MODEL_IDS.echo;
const CHAIN = CHAIN_IDS.echo;
const STAGING = deploymentIdFor(MODEL, 'staging');
const ofModel = { ownerType: 'model', modelId: byId(MODEL) };
const ofChain = { ownerType: 'chain', chainId: byId(CHAIN) };

const emulator = useEmulator({ changeMs: 0, limits: { changesPerMinute: 1000 } });

async function run(parameters: INodeParameters, more: { apiKey?: string } = {}) {
  return await runBaseten({ credential: credentialFor(emulator(), more), parameters });
}

async function itemsOf(parameters: INodeParameters) {
  const { items, error } = await run(parameters);
  expect(error?.message).toBeUndefined();
  return items.map(({ json }) => json);
}

describe('reading', () => {
  test('a model and a chain', async () => {
    const model = { resource: 'model', operation: 'get', modelId: byId(MODEL) };
    expect(await itemsOf(model)).toMatchObject([{ id: MODEL, deployments_count: 4 }]);
    const chain = { resource: 'chain', operation: 'get', chainId: byId(CHAIN) };
    expect(await itemsOf(chain)).toMatchObject([{ id: CHAIN }]);
  });

  test('many models and chains, up to the limit', async () => {
    const many = { operation: 'getMany' };
    expect(await itemsOf({ ...many, resource: 'chain' })).toHaveLength(
      Object.keys(CHAIN_IDS).length,
    );
    expect(await itemsOf({ ...many, resource: 'model', limit: 2 })).toHaveLength(2);
    const all = await itemsOf({ ...many, resource: 'model', returnAll: true });
    expect(all).toHaveLength(Object.keys(MODEL_IDS).length);
  });

  test.each([
    ['production', {}, 'production'],
    ['development', {}, 'development'],
    ['environment', { environment: byId('staging') }, 'staging'],
    ['deployment', { deploymentId: byId(STAGING) }, 'staging'],
  ] as const)('the deployment that the target %s names', async (target, more, role) => {
    const get = { resource: 'deployment', operation: 'get', ...ofModel, target, ...more };
    expect(await itemsOf(get)).toMatchObject([
      { id: deploymentIdFor(MODEL, role), status: 'ACTIVE' },
    ]);
  });

  test('the deployment of a chain through its environment', async () => {
    const get = { resource: 'deployment', operation: 'get', ...ofChain };
    expect(await itemsOf(get)).toMatchObject([
      { id: deploymentIdFor(CHAIN, 'production'), chainlets: [{ name: 'Entrypoint' }] },
    ]);
    expect(emulator().requests.map(({ path }) => path)).toStrictEqual([
      `/management/v1/chains/${CHAIN}/environments/production`,
    ]);
  });

  test('many deployments, by their statuses', async () => {
    const many = { resource: 'deployment', operation: 'getMany' };
    expect(await itemsOf({ ...many, ...ofModel })).toHaveLength(4);
    expect(await itemsOf({ ...many, ...ofChain, limit: 1 })).toHaveLength(1);
    const failed = { ...many, ...ofModel, options: { statuses: ['FAILED', 'UNHEALTHY'] } };
    expect(await itemsOf(failed)).toStrictEqual([]);
    // A filter that an expression gives as a text must not be dropped: what follows may stop all.
    const single = { ...many, ...ofModel, options: { statuses: '={{ "FAILED" }}' } };
    expect(await itemsOf(single)).toStrictEqual([]);
    const { error } = await run({ ...many, ...ofModel, options: { statuses: ['GONE'] } });
    expect(error?.message).toBe('Statuses can\'t be "GONE"');
  });

  test('an environment, and many', async () => {
    const environment = { resource: 'environment', environment: byId('staging') };
    expect(await itemsOf({ ...environment, operation: 'get', ...ofModel })).toMatchObject([
      { name: 'staging', current_deployment: { id: STAGING } },
    ]);
    const many = { resource: 'environment', operation: 'getMany' };
    expect(await itemsOf({ ...many, ...ofModel })).toHaveLength(3);
    expect(await itemsOf({ ...many, ...ofChain })).toHaveLength(3);
  });

  test('hosted models with their prices', async () => {
    const many = { resource: 'modelApi', operation: 'getMany' };
    const all = await itemsOf({ ...many, returnAll: true });
    expect(all.map(({ name }) => name)).toStrictEqual(Object.values(MODEL_API_SLUGS));
    expect(all[0]).toHaveProperty('cost_per_million_input_tokens');
    expect(await itemsOf({ ...many, limit: 2 })).toHaveLength(2);
    const added = await itemsOf({ ...many, options: { addedOnly: true } });
    expect(added.map(({ name }) => name)).not.toContain(MODEL_API_SLUGS.notEnabled);
  });

  test('a key limited to inference is told which key can', async () => {
    const parameters = { resource: 'deployment', operation: 'get', ...ofModel };
    const { error } = await run(parameters, { apiKey: emulator().inferenceOnlyKey });
    expect(error?.message).toBe(
      `The API key may not read or change the production deployment of model ${MODEL}`,
    );
    expect(error?.description).toContain('Management API Key');
  });
});

describe('changing', () => {
  const inEnvironment = { resource: 'deployment', target: 'environment', ...ofModel };
  const staging = { ...inEnvironment, environment: byId('staging') };

  test('deactivate, then activate', async () => {
    expect(await itemsOf({ ...staging, operation: 'deactivate' })).toMatchObject([
      { id: STAGING, status: 'INACTIVE' },
    ]);
    expect(await itemsOf({ ...staging, operation: 'activate' })).toMatchObject([
      { id: STAGING, status: 'ACTIVE' },
    ]);
  });

  test('a deployment of a chain is deactivated', async () => {
    const parameters = { resource: 'deployment', operation: 'deactivate', ...ofChain };
    const target = { target: 'environment', environment: byId('staging') };
    expect(await itemsOf({ ...parameters, ...target })).toMatchObject([{ status: 'INACTIVE' }]);
  });

  test('without waiting the output is the deployment as it is on its way', async () => {
    const options = { waitUntilDone: false };
    const [deployment] = await itemsOf({ ...staging, operation: 'deactivate', options });
    expect(['DEACTIVATING', 'INACTIVE']).toContain(deployment?.status);
    await itemsOf({ ...staging, operation: 'activate' });
  });

  test('retry says why Baseten did not', async () => {
    const { error } = await run({ ...staging, operation: 'retry' });
    expect(error?.message).toBe(`Baseten did not retry deployment ${STAGING} of model ${MODEL}`);
    expect(error?.description).toBe(`Deployment ${STAGING} is ACTIVE.`);
  });

  test('a start that fails quotes the last errors of the log, without the key', async () => {
    await itemsOf({ ...staging, operation: 'deactivate' });
    emulator().lifecycle.failNext(STAGING, 'DEPLOY_FAILED');
    const { apiKey, logs } = emulator();
    logs.add(STAGING, { message: 'loading', level: 'INFO' });
    logs.add(STAGING, { message: `CUDA out of memory, key ${apiKey}`, level: 'ERROR' });
    const { error } = await run({ ...staging, operation: 'activate' });
    expect(error?.message).toBe(`Deployment ${STAGING} of model ${MODEL} is DEPLOY_FAILED`);
    expect(error?.description).toBe(
      'The last errors in its log:\nCUDA out of memory, key [API key]',
    );
    expect(await itemsOf({ ...staging, operation: 'retry' })).toMatchObject([{ status: 'ACTIVE' }]);
  });

  test('autoscaling of an environment, and what it can’t be', async () => {
    const update = { ...staging, operation: 'updateAutoscaling' };
    const autoscaling = { minReplica: 2, maxReplica: 3, scaleDownDelay: 60 };
    const [updated] = await itemsOf({ ...update, autoscaling });
    expect(updated).toMatchObject({ status: 'ACCEPTED' });
    expect(emulator().requests.map(({ method, path }) => `${method} ${path}`)).toStrictEqual([
      `PATCH /management/v1/models/${MODEL}/environments/staging`,
    ]);
    expect(emulator().requests[0]?.json()).toStrictEqual({
      autoscaling_settings: { max_replica: 3, min_replica: 2, scale_down_delay: 60 },
    });
    emulator().clearRequests();
    expect((await run({ ...update, autoscaling: {} })).error?.message).toBe(
      'No autoscaling setting is given',
    );
    const reversed = { minReplica: 4, maxReplica: 3 };
    expect((await run({ ...update, autoscaling: reversed })).error?.message).toBe(
      'Min Replicas (4) is above Max Replicas (3)',
    );
    expect(emulator().requests).toHaveLength(0);
  });

  test('replicas are not waited for if the deployment gets none', async () => {
    await itemsOf({ ...staging, operation: 'deactivate' });
    const { error } = await run({
      ...staging,
      operation: 'updateAutoscaling',
      autoscaling: { minReplica: 3, maxReplica: 3 },
      options: { waitUntilScaled: true, readyTimeout: 3 },
    });
    expect(error?.message).toBe(
      `Environment staging of model ${MODEL} gets no replicas: it is INACTIVE`,
    );
    expect(error?.description).toContain('They hold once it is activated');
    await itemsOf({ ...staging, operation: 'activate' });
  });

  test('autoscaling of a deployment that an environment owns', async () => {
    const { error } = await run({
      resource: 'deployment',
      operation: 'updateAutoscaling',
      ...ofModel,
      target: 'deployment',
      deploymentId: byId(STAGING),
      autoscaling: { minReplica: 1 },
    });
    expect(error?.description).toContain('An environment owns this deployment.');
    expect(error?.description).toContain('belongs to environment staging');
  });

  test('autoscaling of a development deployment and of a chainlet', async () => {
    const update = { resource: 'deployment', operation: 'updateAutoscaling' };
    const autoscaling = { concurrencyTarget: 4 };
    await itemsOf({ ...update, ...ofModel, target: 'development', autoscaling });
    await itemsOf({ ...update, ...ofChain, chainletName: 'Entrypoint', autoscaling });
    expect(emulator().requests.map(({ path }) => path)).toStrictEqual([
      `/management/v1/models/${MODEL}/deployments/development/autoscaling_settings`,
      `/management/v1/chains/${CHAIN}/environments/production/chainlet_settings/autoscaling_settings`,
    ]);
    const chainlet = { ...update, ...ofChain, target: 'development', chainletName: 'Entrypoint' };
    expect((await run({ ...chainlet, autoscaling })).error?.message).toBe(
      'Autoscaling of a chain belongs to its environments',
    );
  });

  test('promote, and what served before', async () => {
    const development = deploymentIdFor(MODEL, 'development');
    const promote = {
      resource: 'deployment',
      operation: 'promote',
      ...ofModel,
      environment: byId('staging'),
      options: { scaleDownPrevious: false },
    };
    const toNew = { ...promote, deploymentId: byId(development) };
    expect(await itemsOf(toNew)).toMatchObject([
      { name: 'staging', current_deployment: { id: development }, previousDeploymentId: STAGING },
    ]);
    const posted = emulator().requests.find(({ method }) => method === 'POST');
    expect(posted?.json()).toStrictEqual({
      deployment_id: development,
      scale_down_previous_deployment: false,
      preserve_env_instance_type: true,
    });
    expect(await itemsOf({ ...promote, deploymentId: byId(STAGING) })).toMatchObject([
      { current_deployment: { id: STAGING }, previousDeploymentId: development },
    ]);
  });

  test.each([
    ['cancel', 'cancel_promotion'],
    ['pause', 'pause_promotion'],
    ['resume', 'resume_promotion'],
    ['forceCancel', 'force_cancel_promotion'],
    ['forceRollForward', 'force_roll_forward_promotion'],
  ])('%s a promotion', async (action, route) => {
    const control = { resource: 'environment', operation: 'controlPromotion', action };
    const { error } = await run({ ...control, ...ofModel, environment: byId('staging') });
    expect(emulator().requests.map(({ method, path }) => `${method} ${path}`)).toStrictEqual([
      `POST /management/v1/models/${MODEL}/environments/staging/${route}`,
    ]);
    expect(error?.description).toContain('No promotion to staging is in progress.');
  });
});

describe('reports', () => {
  const logs = { resource: 'deployment', operation: 'getLogs', ...ofModel };
  const start = Date.now() - 9 * 24 * 3_600_000;

  test('1,300 lines over pages and a seven-day edge come once and in order', async () => {
    const id = deploymentIdFor(MODEL_IDS.llm, 'production');
    for (let line = 0; line < 1300; line++) {
      // Three lines in each millisecond, some at the edge of seven days.
      const ms = start + Math.floor(line / 3) * (line < 600 ? 1 : 1_500_000);
      const nanoseconds = BigInt(ms) * 1_000_000n + BigInt(line % 3);
      emulator().logs.add(id, { message: `line ${line}`, level: 'INFO', nanoseconds });
    }
    const all = {
      ...logs,
      modelId: byId(MODEL_IDS.llm),
      returnAll: true,
      options: { startTime: start, endTime: Date.now() + 40 * 24 * 3_600_000 },
    };
    const lines = await itemsOf(all);
    // Within a millisecond the nanoseconds decide.
    expect(lines.map(({ message }) => message)).toStrictEqual(
      Array.from({ length: 1300 }, (_, line) => `line ${line}`),
    );
    const pages = emulator().requests.map(({ query }) => query);
    expect(pages.length).toBeGreaterThan(3);
    expect(new Set(pages.map((page) => page.end_epoch_millis)).size).toBeGreaterThan(1);
  });

  test('of a limited number of lines the newest come, the newest last', async () => {
    const id = deploymentIdFor(MODEL, 'production');
    for (const message of ['first', 'second', 'third']) emulator().logs.add(id, { message });
    const lines = await itemsOf({ ...logs, limit: 2 });
    expect(lines).toStrictEqual([
      expect.objectContaining({ message: 'second', level: null, request_id: null }),
      expect.objectContaining({ message: 'third' }),
    ]);
  });

  test('lines are filtered by Baseten', async () => {
    const options = {
      minLevel: 'ERROR',
      requestId: 'r1',
      includes: 'a, b',
      excludes: 'c',
      searchPattern: 'x+',
    };
    await itemsOf({ ...logs, options });
    const query = new URLSearchParams(emulator().requests.at(-1)?.search);
    expect(query.getAll('includes')).toStrictEqual(['a', 'b']);
    expect(Object.fromEntries(query)).toMatchObject({
      min_level: 'ERROR',
      request_id: 'r1',
      excludes: 'c',
      search_pattern: 'x+',
      direction: 'desc',
    });
  });

  test('the log of a chain is a chainlet’s', async () => {
    const chainlet = `${deploymentIdFor(CHAIN, 'production')}c1`;
    emulator().logs.add(chainlet, { message: 'from the chainlet' });
    const ofChainlet = { ...logs, ...ofChain, chainletId: byId(chainlet) };
    expect(await itemsOf(ofChainlet)).toMatchObject([{ message: 'from the chainlet' }]);
    const none = { ...logs, ...ofChain, chainletId: byId('={{ "" }}') };
    expect((await run(none)).error?.message).toContain('Chainlet is empty');
  });

  test.each([
    ['deployment', { target: 'production' }],
    ['environment', { environment: byId('production') }],
  ])('metrics of a %s as numbers that can be compared', async (resource, more) => {
    const metrics = { resource, operation: 'getMetrics', ...ofModel, ...more };
    const items = await itemsOf(metrics);
    expect(items).toMatchObject([
      { metric: 'baseten_replicas_active', unit: 'count', kind: 'gauge', value: 1 },
      { metric: 'baseten_inference_requests_total', values: { '5xx': 0 } },
      { unit: 'seconds', values: { p50: 0.1, p99: 0.4, average: 0.15 } },
    ]);
    const chosen = { ...metrics, metrics: ['baseten_concurrent_requests'], mode: 'series' };
    expect(await itemsOf(chosen)).toMatchObject([
      { metric: 'baseten_concurrent_requests', points: [{ value: 0 }, {}, {}, {}] },
    ]);
  });

  test('costs over more than 31 days are added up exactly', async () => {
    emulator().billing.costsOf = () => ({ dedicated: '0.1', modelApis: '0.2', credits: '0.1' });
    const period = { startDate: '2026-01-01T00:00:00', endDate: '2026-03-12T00:00:00' };
    const costs = { resource: 'usage', operation: 'getCosts' };
    const [json] = await itemsOf({ ...costs, ...period });
    const days = 70;
    expect(json).toMatchObject({
      total: Number((days * 0.3).toFixed(2)),
      subtotal: Number((days * 0.2).toFixed(2)),
      creditsUsed: days / 10,
      gross: 21,
      dedicated_usage: { total: 7, credits_used: 7, minutes: days * 60 },
    });
    expect(emulator().requests).toHaveLength(3);
    expect((await itemsOf(costs))[0]).toHaveProperty('total');
    // The empty one of both can't be exchanged.
    for (const [dates, hint] of [
      [{ endDate: '2026-02-01' }, 'Give a Start Date, too'],
      [{ startDate: '2199-01-01' }, 'that is past'],
      [{ startDate: '2026-02-01', endDate: '2026-01-01' }, 'Exchange them'],
    ] as const) {
      const { error } = await run({ ...costs, ...dates });
      expect(error?.message).toBe('End Date is not after Start Date');
      expect(error?.description).toContain(hint);
    }
  });

  test('token usage, an item a bucket and group', async () => {
    const tokens = {
      resource: 'usage',
      operation: 'getTokens',
      startDate: '2026-01-01T00:00:00Z',
      endDate: '2026-03-01T00:00:00Z',
      groupBy: ['apiKey'],
    };
    const items = await itemsOf(tokens);
    expect(items).toHaveLength(59);
    expect(items[0]).toMatchObject({
      start_time: '2026-01-01T00:00:00.000Z',
      api_key_prefix: 'emulator',
      input_tokens: 120,
    });
    expect(emulator().requests).toHaveLength(2);
  });
});

describe('any route', () => {
  const call = { resource: 'managementApi', operation: 'callRoute' };

  test('as one item, or an item an entry', async () => {
    const route = '/v1/model_apis';
    expect(await itemsOf({ ...call, route })).toMatchObject([
      { items: expect.any(Array) as unknown[] },
    ]);
    const queryParameters = { parameter: [{ name: 'limit', value: '2' }] };
    const all = { ...call, route, queryParameters, options: { returnAll: true } };
    expect(await itemsOf(all)).toHaveLength(Object.keys(MODEL_API_SLUGS).length);
    const models = { ...call, route: '/v1/models', options: { returnAll: true } };
    expect(await itemsOf(models)).toHaveLength(Object.keys(MODEL_IDS).length);
  });

  test('with a body', async () => {
    const route = `/v1/models/${MODEL}/environments/staging`;
    const body = '{ "autoscaling_settings": { "min_replica": 1 } }';
    const [item] = await itemsOf({ ...call, method: 'PATCH', route, body });
    expect(item).toHaveProperty('environment');
    expect(emulator().requests[0]?.rawBody.toString()).toBe(body);
  });

  test.each(['/users/me', 'https://x.example.com/v1/models', '/v1/../x', '/v1/a\\b', ''])(
    'no other address: %j',
    async (route) => {
      const { error } = await run({ ...call, route: `={{ ${JSON.stringify(route)} }}` });
      expect(error?.message).toBeTruthy();
      expect(emulator().requests).toHaveLength(0);
    },
  );
});
