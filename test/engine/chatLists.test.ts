import { LoadOptionsContext } from 'n8n-core';
import type { INodeListSearchResult, INodeParameters } from 'n8n-workflow';

import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { json, MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';
import { nodeContext } from '../../host/n8n/engine';

const emulator = useEmulator();

/** Opens the dropdown of model names, as the editor does. */
async function open(
  parameters: INodeParameters = {},
  filter?: string,
  more: Record<string, string> = {},
): Promise<INodeListSearchResult> {
  const { workflow, node, additionalData } = await nodeContext({
    parameters: { resource: 'chat', operation: 'complete', ...parameters },
    credential: credentialFor(emulator(), more),
  });
  const data = { ...additionalData, currentNodeParameters: node.parameters };
  const context = new LoadOptionsContext(workflow, node, data, '');
  return await new Baseten().methods.listSearch.searchModelNames.call(context, filter);
}
const deployment = (id: string, more: INodeParameters = {}): INodeParameters => ({
  source: 'deployment',
  modelId: byId(id),
  ...more,
});

const FACTS = ' · $0.50 in, $1.50 out per 1M tokens · 6K requests/min, 10M tokens/min';

test('the Model APIs of the workspace are listed with context length, price and limits', async () => {
  const { results } = await open();
  expect(results).toEqual(
    expect.arrayContaining([
      { name: `Emulator Chat · 131K context${FACTS}`, value: MODEL_API_SLUGS.chat },
      { name: `Emulator Reasoner · 262K context${FACTS}`, value: MODEL_API_SLUGS.reasoner },
    ]),
  );
  expect(results.map(({ value }) => value)).not.toContain(MODEL_API_SLUGS.notEnabled);
});

test('a key that may not read prices lists the names alone', async () => {
  const { results } = await open({}, 'Emulator Chat', { apiKey: 'emulator-inference-only-key' });
  expect(results).toStrictEqual([
    { name: 'Emulator Chat · 131K context', value: MODEL_API_SLUGS.chat },
  ]);
});

test.each(['THINKER', 'emulator/thinker'])(
  'Model APIs are searched by name and by slug: %s',
  async (filter) => {
    expect((await open({}, filter)).results.map(({ value }) => value)).toStrictEqual([
      MODEL_API_SLUGS.thinker,
    ]);
  },
);

test('a deployment lists the models that it serves', async () => {
  expect((await open(deployment(MODEL_IDS.llm))).results).toStrictEqual([
    { name: 'baseten', value: 'baseten' },
  ]);
  await open(deployment(MODEL_IDS.llm, { target: 'environment', environment: byId('staging') }));
  expect(emulator().requests.at(-1)?.path).toBe(
    `/model-${MODEL_IDS.llm}/environments/staging/sync/v1/models`,
  );
});

test('if no deployment is chosen yet, the list says to choose one', async () => {
  expect((await open({ source: 'deployment' })).results[0]?.name).toBe('Choose the model first.');
});

test.each([
  ['without an OpenAI-compatible server', () => json({ detail: 'Not Found' }, 404)],
  ['that responds with something else', () => json({ hello: 'world' })],
])('for a deployment %s, the list says to enter the name', async (_name, server) => {
  emulator().addModel({ id: 'other001', name: 'Other', handler: () => json({}), server });
  expect((await open(deployment('other001'))).results).toStrictEqual([
    {
      name: 'This deployment does not list model names now. Choose "By ID" and enter one, or leave it empty.',
      value: '',
    },
  ]);
});

test('if the key may not list, the list says so', async () => {
  emulator().faults.add({ kind: 'status', status: 403 });
  expect((await open()).results[0]?.name).toBe(
    'This API key may not list model names. Choose "By ID" and enter it.',
  );
});

test('a wrong key is an error', async () => {
  const apiKey = 'wrong';
  await expect(open({}, '', { apiKey })).rejects.toThrow('Baseten refused the API key');
  await expect(open(deployment(MODEL_IDS.llm), '', { apiKey })).rejects.toThrow(
    'Baseten refused the API key',
  );
});
