import { inspect } from 'node:util';

import { LoadOptionsContext } from 'n8n-core';
import type { INodeListSearchResult, INodeParameters } from 'n8n-workflow';

import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { CHAIN_IDS, deploymentIdFor, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';
import { nodeContext } from '../../host/n8n/engine';

const emulator = useEmulator();
const { listSearch } = new Baseten().methods;

/** Opens a dropdown, as the editor does. */
async function open(
  method: keyof typeof listSearch,
  {
    filter,
    parameters = {},
    apiKey,
  }: { filter?: string; parameters?: INodeParameters; apiKey?: string } = {},
): Promise<INodeListSearchResult> {
  const credential = credentialFor(emulator(), apiKey ? { apiKey } : {});
  const { workflow, node, additionalData } = await nodeContext({ parameters, credential });
  const context = new LoadOptionsContext(
    workflow,
    node,
    { ...additionalData, currentNodeParameters: node.parameters },
    '',
  );
  return await listSearch[method].call(context, filter);
}
const values = ({ results }: INodeListSearchResult) => results.map(({ value }) => value);

test('models are listed by name with their IDs, and can be searched', async () => {
  const all = await open('searchModels');
  expect(values(all)).toEqual(expect.arrayContaining([MODEL_IDS.echo, MODEL_IDS.sentiment]));
  expect(all.results.map(({ name }) => name)).toStrictEqual(
    all.results.map(({ name }) => name).sort((a, b) => a.localeCompare(b)),
  );
  expect(
    values(await open('searchModels', { filter: MODEL_IDS.echo.toUpperCase() })),
  ).toStrictEqual([MODEL_IDS.echo]);
});

test('a list of models shows whether each is awake, and what it is for', async () => {
  const handler = () => ({ body: '{}' });
  const metadata = { example_model_input: { messages: [] } };
  emulator().addModel({ id: 'given001', name: 'Llama', handler, metadata });
  emulator().addModel({
    id: 'given002',
    name: 'Whisper',
    handler,
    metadata: { tags: ['speech-recognition'] },
    startsAsleep: true,
  });
  emulator().addModel({ id: 'given003', name: 'Plain', handler });
  const names = async (filter: string) =>
    (await open('searchModels', { filter })).results.map(({ name }) => name);
  expect(await names('given00')).toStrictEqual([
    'Llama · awake · language model (given001)',
    'Plain · awake (given003)',
    'Whisper · scaled to zero · speech to text (given002)',
  ]);
  expect(await names('zero · speech')).toStrictEqual([
    'Whisper · scaled to zero · speech to text (given002)',
  ]);
  expect(emulator().owner('model', 'given002').deployments[0]?.status).toBe('SCALED_TO_ZERO');
});

test('a model whose details can’t be read is listed by its name', async () => {
  emulator().addModel({ id: 'given004', name: 'Secret', handler: () => ({ body: '{}' }) });
  emulator().faults.add({ kind: 'status', status: 403, match: { path: 'given004' }, times: 2 });
  const { results } = await open('searchModels', { filter: 'given004' });
  expect(results.map(({ name }) => name)).toStrictEqual(['Secret (given004)']);
});

test('chains are listed', async () => {
  expect(values(await open('searchChains'))).toEqual(expect.arrayContaining([CHAIN_IDS.echo]));
});

test('environments and deployments of the chosen model or chain are listed', async () => {
  const parameters = {
    resource: 'model',
    operation: 'predict',
    modelId: byId(MODEL_IDS.echo),
    target: 'environment',
  };
  expect(values(await open('searchEnvironments', { parameters }))).toEqual(
    expect.arrayContaining(['production', 'staging']),
  );
  const staging = deploymentIdFor(MODEL_IDS.echo, 'staging');
  const deployments = await open('searchDeployments', {
    parameters: { ...parameters, target: 'deployment' },
  });
  expect(values(deployments)).toEqual(expect.arrayContaining([staging]));
  expect(deployments.results.find(({ value }) => value === staging)?.name).toMatch(
    /staging · awake$/,
  );
  const chain = {
    resource: 'chain',
    operation: 'run',
    chainId: byId(CHAIN_IDS.echo),
    target: 'environment',
  };
  expect(values(await open('searchEnvironments', { parameters: chain }))).toEqual(
    expect.arrayContaining(['production']),
  );
});

test('if the key may not list, the list says so and does not fail', async () => {
  const { results } = await open('searchModels', { apiKey: emulator().inferenceOnlyKey });
  expect(results).toStrictEqual([
    {
      name: 'This API key may not list models. Choose "By ID" and enter it, or put a key that may into the credential as Management API Key.',
      value: '',
    },
  ]);
});

test.each(['AbCd1234\nsEcReT99', 'AbCd1234\u200bsEcReT99', '“AbCd1234.sEcReT99”'])(
  'a key that no request can carry is refused, and the list does not show it: %j',
  async (apiKey) => {
    const error = (await open('searchModels', { apiKey }).catch((cause) => cause)) as Error;
    expect(error.message).toMatch(/^The credential’s API key has .* as character \d/);
    expect(inspect(error, { depth: 9 })).not.toMatch(/AbCd1234|sEcReT/);
  },
);

test('if no model is chosen, the list of environments says to choose one', async () => {
  const { results } = await open('searchEnvironments', {
    parameters: { resource: 'model', operation: 'predict' },
  });
  expect(results[0]?.name).toBe('Choose the model first.');
});

describe('the routes of a model', () => {
  const parameters = { resource: 'model', operation: 'callRoute', modelId: byId(MODEL_IDS.echo) };
  const names = ({ results }: INodeListSearchResult) => results.map(({ name }) => name);

  test('are listed with what they are for, and those of other methods are named', async () => {
    const { results } = await open('searchRoutes', { parameters });
    expect(results).toEqual(
      expect.arrayContaining([
        { name: 'GET /items · List items', value: '/items' },
        { name: 'GET /items/{item_id} · One item', value: '/items/{item_id}' },
      ]),
    );
    expect(results.at(-1)).toStrictEqual({
      name: 'With another Method: DELETE /items/{item_id}, PATCH /items/{item_id}, PUT /items/{item_id}, POST /echo',
      value: '',
    });
    const post = await open('searchRoutes', { parameters: { ...parameters, method: 'POST' } });
    expect(post.results[0]).toStrictEqual({ name: 'POST /echo · What was sent', value: '/echo' });
  });

  test('can be searched', async () => {
    expect(names(await open('searchRoutes', { parameters, filter: 'LIST it' }))).toStrictEqual([
      'GET /items · List items',
    ]);
  });

  test('are not asked for while the model sleeps, which goes on sleeping', async () => {
    const asleep = { ...parameters, modelId: byId(MODEL_IDS.sleeper) };
    expect(names(await open('searchRoutes', { parameters: asleep }))).toStrictEqual([
      'The model is not awake, so its routes are not known. Choose "By Path".',
    ]);
    const [production] = emulator().owner('model', MODEL_IDS.sleeper).deployments;
    expect(production?.status).toBe('SCALED_TO_ZERO');
    expect(emulator().requests.every(({ path }) => path.startsWith('/management/'))).toBe(true);
  });

  test.each([
    ['the key may not ask Baseten', {}, 'This API key may not ask whether the model is awake.'],
    [
      'the server does not say',
      { modelId: byId(MODEL_IDS.llm) },
      'This model does not describe its routes.',
    ],
    ['no model is chosen', { modelId: byId('') }, 'Choose the model first.'],
  ])('if %s, the list says so', async (reason, more, words) => {
    const apiKey = reason.includes('key') ? emulator().inferenceOnlyKey : undefined;
    const { results } = await open('searchRoutes', {
      parameters: { ...parameters, ...more },
      apiKey,
    });
    expect(results).toStrictEqual([{ name: expect.stringContaining(words), value: '' }]);
  });

  test('a sleeping development deployment is not woken either', async () => {
    emulator().addModel({
      id: 'routes01',
      name: 'Sleeps',
      handler: () => ({ body: '{}' }),
      server: () => ({ body: '{}' }),
      startsAsleep: true,
      capacity: { minReplica: 0 },
    });
    const asleep = { ...parameters, modelId: byId('routes01'), target: 'development' };
    await open('searchRoutes', { parameters: asleep });
    const { deployments } = emulator().owner('model', 'routes01');
    expect(deployments.map(({ status }) => status)).toStrictEqual(
      deployments.map(() => 'SCALED_TO_ZERO'),
    );
  });
});

describe('a list that is not one', () => {
  const answerWith = (body: unknown) =>
    emulator().faults.add({
      kind: 'status',
      status: 200,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const owner = { resource: 'model', operation: 'predict', modelId: byId(MODEL_IDS.echo) };
  const METHODS = [
    ['searchModels', 'models', {}],
    ['searchChains', 'chains', {}],
    ['searchEnvironments', 'environments', owner],
    ['searchDeployments', 'deployments', owner],
    ['searchModelNames', 'data', { resource: 'chat', source: 'modelApi' }],
  ] as const;
  const BODIES = ['null', '', [], {}, 'list: {}', 'list: null', 'list: text'];

  test.each(
    METHODS.flatMap(([method, name, parameters]) =>
      BODIES.map((body) => [method, body, name, parameters] as const),
    ),
  )('%s says that %j does not come from Baseten', async (method, body, name, parameters) => {
    const inside = { 'list: {}': {}, 'list: null': null, 'list: text': 'x' }[String(body)];
    answerWith(inside === undefined ? body : { [name]: inside });
    await expect(open(method, { parameters })).rejects.toThrow(
      /^The response of the list of [a-z ]+ does not look like one from Baseten$/,
    );
  });

  test('entries without an ID are left out, and an entry without a name shows its ID', async () => {
    answerWith({
      models: [null, 'x', {}, { id: '', name: 'n' }, { id: 'a' }, { id: 7, name: ' ' }],
    });
    expect((await open('searchModels')).results).toStrictEqual([
      { name: '7', value: '7' },
      { name: 'a', value: 'a' },
    ]);
  });

  test('environments and deployments may lack fields, or have other types', async () => {
    answerWith({ environments: [null, {}, { name: 5 }, { name: 'staging' }] });
    expect(values(await open('searchEnvironments', { parameters: owner }))).toStrictEqual([
      '5',
      'staging',
    ]);
    answerWith({ deployments: [{}, { id: 'd1', name: null, status: 5, environment: {} }] });
    expect((await open('searchDeployments', { parameters: owner })).results).toStrictEqual([
      { name: 'd1 · 5', value: 'd1' },
    ]);
  });

  test('a deployment whose list can’t be read may still be called', async () => {
    answerWith('null');
    const { results } = await open('searchModelNames', {
      parameters: { resource: 'chat', source: 'deployment', modelId: byId(MODEL_IDS.llm) },
    });
    expect(results[0]?.name).toContain('does not list model names now');
  });

  test('an expression as the target is taken for production', async () => {
    const { results } = await open('searchModelNames', {
      parameters: {
        resource: 'chat',
        source: 'deployment',
        modelId: byId(MODEL_IDS.llm),
        target: '={{ $json.target }}',
      },
    });
    expect(results).toStrictEqual([{ name: 'baseten', value: 'baseten' }]);
  });
});

test('a wrong key is an error', async () => {
  await expect(open('searchModels', { apiKey: 'wrong' })).rejects.toThrow(
    'Baseten refused the API key',
  );
});
