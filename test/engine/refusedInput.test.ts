import type { INodeParameters } from 'n8n-workflow';

import { MODEL_IDS } from '../../emulator';
import { runBaseten, type NodeRun } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';

const emulator = useEmulator();
const EXAMPLE = '{"text":"Great value, we love it."}';
const WORDS = `Example input of this model, ready to paste: ${EXAMPLE}`;

/** Calls the sentiment model, which takes a text. */
async function refused(
  parameters: INodeParameters,
  { credential = {}, ...more }: Partial<Omit<NodeRun, 'credential'>> & { credential?: object } = {},
) {
  return await runBaseten({
    parameters: {
      resource: 'model',
      operation: 'predict',
      modelId: byId(MODEL_IDS.sentiment),
      ...parameters,
    },
    credential: credentialFor(emulator(), credential as Record<string, string>),
    ...more,
  });
}

test.each<[string, INodeParameters]>([
  ['an empty object', {}],
  ['JSON', { input: '{"review": "Great"}' }],
])('%s that the model refuses: its own words, and its example to paste', async (_, parameters) => {
  const { error } = await refused(parameters);
  expect(error?.description).toContain('Field "text" has to be a string');
  expect(error?.description).toContain(WORDS);
});

test('with Continue the example is in the details of the item', async () => {
  const { items } = await refused({}, { onError: 'continueRegularOutput' });
  expect(items[0]?.json).toMatchObject({
    details: { status: 422, exampleInput: { text: 'Great value, we love it.' } },
  });
});

test('items that fail ask for the example once', async () => {
  const modelId = 'refuse01';
  const metadata = { example_model_input: { a: 1 } };
  emulator().addModel({
    id: modelId,
    name: 'Refuses',
    metadata,
    handler: () => ({ status: 400, body: '{"error": "no"}' }),
  });
  const items = Array.from({ length: 20 }, () => ({ json: {} }));
  const result = await refused(
    { modelId: byId(modelId) },
    { items, onError: 'continueRegularOutput' },
  );
  expect(result.items).toHaveLength(20);
  const asked = emulator().requests.filter(({ path }) => path.endsWith('/config'));
  expect(asked).toHaveLength(1);
});

test('a key that may not read the example leaves the error as it is', async () => {
  const { error } = await refused({}, { credential: { apiKey: emulator().inferenceOnlyKey } });
  expect(error?.description).toContain('Field "text" has to be a string');
  expect(error?.description).not.toContain('Example input');
});

test.each<[string, INodeParameters]>([
  ['the fields of the model', { inputMode: 'modelFields' }],
  ['fields', { inputMode: 'fields' }],
  ['an item', { inputMode: 'item' }],
  ['a model that does not exist', { modelId: byId('nosuch99') }],
])('%s: no example', async (_, parameters) => {
  const { error } = await refused(parameters);
  expect(error?.description).not.toContain('Example input');
});

test('a long example is shortened and stays JSON, without a stream', async () => {
  const example = {
    audio: 'a'.repeat(10_000),
    list: [1, 2, 3, 4, 5],
    deep: { text: 'b'.repeat(300) },
    stream: true,
  };
  const metadata = { example_model_input: example };
  const handler = () => ({ status: 422, body: '{}' });
  emulator().addModel({ id: 'refuse02', name: 'Refuses', metadata, handler });
  const { error } = await refused({ modelId: byId('refuse02') });
  const [, json = ''] = error?.description?.split('ready to paste: ') ?? [];
  expect(JSON.parse(json)).toStrictEqual({
    audio: `${'a'.repeat(200)}…`,
    list: [1, 2, 3],
    deep: { text: `${'b'.repeat(200)}…` },
  });
});

test('an example that is long all the same is left out', async () => {
  const names = Array.from({ length: 1000 }, (_, at) => [`field${at}`, at]);
  const metadata = { example_model_input: Object.fromEntries(names) as object };
  const handler = () => ({ status: 422, body: '{}' });
  emulator().addModel({ id: 'refuse03', name: 'Refuses', metadata, handler });
  const { error } = await refused({ modelId: byId('refuse03') });
  expect(error?.description).not.toContain('Example input');
});
