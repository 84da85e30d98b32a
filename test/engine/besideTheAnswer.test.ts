import type { INode, INodeExecutionData, INodeParameters, INodeProperties } from 'n8n-workflow';

import { CHAIN_IDS, MODEL_IDS, json } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, chat, echo } from '../support/parameters';

const emulator = useEmulator();
const ITEMS = [0, 1].map((id) =>
  binaryItem('photo', Buffer.from('x'), 'image/png', { id, text: `text ${id}` }, 'x.png'),
);

async function run(
  parameters: INodeParameters,
  { items = ITEMS, onError }: { items?: INodeExecutionData[]; onError?: INode['onError'] } = {},
) {
  return await runBaseten({ credential: credentialFor(emulator()), parameters, items, onError });
}

const { properties } = new Baseten().description;

test('every operation but Wake, which lets the items pass, has both fields', () => {
  const shownFor = ({ displayOptions }: INodeProperties) =>
    `${String(displayOptions?.show?.resource?.[0])}.${String(displayOptions?.show?.operation?.[0])}`;
  const all = properties.filter(({ name }) => name === 'options');
  const collections = all.filter((property) => shownFor(property) !== 'model.wake');
  expect(all.length).toBe(collections.length + 1);
  const included = properties.filter(({ name }) => name === 'includeInputFields').map(shownFor);
  expect(collections.length).toBeGreaterThan(20);
  expect(included).toEqual(collections.map(shownFor));
  for (const { options } of collections) {
    const names = (options as INodeProperties[]).map(({ name }) => name);
    expect(names).toContain('outputField');
    const labels = (options as INodeProperties[]).map(({ displayName }) => displayName);
    expect(labels).toEqual([...labels].sort((a, b) => a.localeCompare(b)));
  }
});

const BATCH = { modelId: byId(MODEL_IDS.reranker), text: '={{ $json.text }}' };

/** An operation each, with fields of its answer. */
const OPERATIONS: Array<[name: string, parameters: INodeParameters, answer: object]> = [
  ['Predict', echo({ input: '{"a": 1}' }), { a: 1 }],
  [
    'Run',
    { resource: 'chain', operation: 'run', chainId: byId(CHAIN_IDS.echo), input: '{"a": 1}' },
    { a: 1 },
  ],
  ['Call Route', echo({ operation: 'callRoute', route: '/health' }), { status: 'ok' }],
  [
    'Submit Async',
    echo({ operation: 'submitAsync', delivery: 'none', input: '{}' }),
    { request_id: expect.any(String), metadata: {} },
  ],
  [
    'Get Queue Status',
    echo({ operation: 'getQueueStatus' }),
    { num_queued_requests: expect.any(Number) },
  ],
  ['Complete', chat(), { content: expect.any(String) }],
  [
    'Create',
    {
      resource: 'embedding',
      operation: 'create',
      source: 'deployment',
      modelId: byId(MODEL_IDS.embedder),
      text: '={{ $json.text }}',
    },
    { embedding: expect.any(Array), index: expect.any(Number) },
  ],
  [
    'Classify',
    { resource: 'embedding', operation: 'classify', ...BATCH },
    { results: expect.any(Array) },
  ],
  [
    'Rerank',
    { resource: 'embedding', operation: 'rerank', ...BATCH, query: 'a', texts: '["a", "b"]' },
    { results: expect.any(Array) },
  ],
  [
    'Transcribe',
    {
      resource: 'audio',
      operation: 'transcribe',
      modelId: byId(MODEL_IDS.fasterWhisper),
      binaryPropertyName: 'photo',
    },
    { text: expect.any(String), segments: expect.any(Array) },
  ],
];

test.each(OPERATIONS)(
  '%s: the incoming fields and files stay beside the answer',
  async (_, parameters, answer) => {
    const { items, error } = await run({ ...parameters, includeInputFields: true });
    expect(error).toBeUndefined();
    expect(items).toHaveLength(2);
    items.forEach(({ json: fields, binary, pairedItem }, id) => {
      expect(fields).toMatchObject({ id, ...answer });
      expect(binary?.photo).toMatchObject({ fileName: 'x.png' });
      expect(pairedItem).toEqual({ item: id });
    });
    const without = await run(parameters);
    expect(Object.keys(without.items[0]?.json ?? {})).not.toContain('id');
    expect(without.items[0]?.binary?.photo).toBeUndefined();
  },
);

test.each(OPERATIONS)('%s: the answer goes into the field that is named', async (_, parameters) => {
  const { items, error } = await run({ ...parameters, options: { outputField: ' answer ' } });
  expect(error).toBeUndefined();
  for (const item of items) expect(Object.keys(item.json)).toEqual(['answer']);
});

test('where names meet the answer wins, and so do its files', async () => {
  emulator().addModel({
    id: 'fixed001',
    name: 'Fixed',
    handler: () =>
      json({ id: 'mine', photo: 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=' }),
  });
  const parameters = echo({ modelId: byId('fixed001'), includeInputFields: true });
  const { items } = await run(parameters);
  expect(items[0]?.json).toEqual({ id: 'mine', text: 'text 0', photo: { file: 'photo' } });
  expect(items[0]?.binary?.photo).toMatchObject({ mimeType: 'image/gif' });
  const beside = await run({ ...parameters, options: { outputField: 'id' } });
  expect(beside.items[0]?.json).toEqual({
    text: 'text 0',
    id: { id: 'mine', photo: { file: 'photo' } },
  });
});

test.each<[name: string, parameters: INodeParameters, value: unknown]>([
  ['a list', echo({ input: '[1, 2]' }), [1, 2]],
  ['a single value', echo({ input: '"hello"' }), 'hello'],
  ['an object with one field', echo({ input: '{"output": 5}' }), { output: 5 }],
  [
    'the label that fits best',
    { resource: 'embedding', operation: 'classify', ...BATCH, text: 'great' },
    'positive',
  ],
  [
    'the text of a recording',
    {
      resource: 'audio',
      operation: 'transcribe',
      modelId: byId(MODEL_IDS.fasterWhisper),
      binaryPropertyName: 'photo',
    },
    'This is a simulated transcript. It was made of 1 bytes. Nobody spoke.',
  ],
])('what goes into the field is %s', async (_, parameters, value) => {
  const { items } = await run({ ...parameters, options: { outputField: 'answer' } });
  expect(items[0]?.json).toEqual({ answer: value });
});

test('of a chat it is the text, and the data if JSON was asked for', async () => {
  const plain = await run(chat({ options: { outputField: 'answer' } }));
  expect(typeof plain.items[0]?.json.answer).toBe('string');
  const raw = await run(chat({ simplify: false, options: { outputField: 'answer' } }));
  expect(typeof raw.items[0]?.json.answer).toBe('string');
  const asData = await run(
    chat({ options: { outputField: 'answer', responseFormat: 'json_object' } }),
  );
  expect(asData.items[0]?.json.answer).toEqual(expect.any(Object));
});

test('of a vector it is the list of numbers, in the order of the items', async () => {
  const [, create = {}] = OPERATIONS.find(([name]) => name === 'Create') ?? [];
  const { items } = await run({
    ...create,
    includeInputFields: true,
    options: { outputField: 'v' },
  });
  expect(items.map((item) => Object.keys(item.json))).toEqual(Array(2).fill(['id', 'text', 'v']));
  expect(items[0]?.json.v).not.toEqual(items[1]?.json.v);
});

test('an answer that is a file has nothing to put into a field', async () => {
  const { items } = await run({
    ...echo({ modelId: byId(MODEL_IDS.image), input: '{"prompt": "a"}' }),
    includeInputFields: true,
    options: { outputField: 'answer' },
  });
  expect(items[0]?.json).toEqual({ id: 0, text: 'text 0' });
  expect(Object.keys(items[0]?.binary ?? {})).toEqual(['photo', 'data']);
});

test('an expression says for each item whether its fields stay', async () => {
  const { items } = await run(echo({ input: '{}', includeInputFields: '={{ $json.id === 1 }}' }));
  expect(items.map((item) => item.json)).toEqual([{}, { id: 1, text: 'text 1' }]);
});

describe('an item that failed', () => {
  const failing = echo({
    modelId: byId(MODEL_IDS.sentiment),
    input: '{}',
    includeInputFields: true,
  });

  test('has its incoming fields if the workflow continues', async () => {
    const { items } = await run(failing, { onError: 'continueRegularOutput' });
    expect(items[1]?.json).toMatchObject({ id: 1, text: 'text 1', error: expect.any(String) });
    expect(items[1]?.binary?.photo).toBeDefined();
  });

  test('gets them from n8n on the error output', async () => {
    const { errorItems } = await run(failing, { onError: 'continueErrorOutput' });
    expect(errorItems).toHaveLength(2);
    expect(errorItems[1]?.json).toMatchObject({ id: 1, details: { itemIndex: 1 } });
  });
});

test('a name that JavaScript keeps for itself is refused', async () => {
  for (const parameters of [echo({ input: '{}' }), OPERATIONS[6]?.[1] ?? {}]) {
    const { error } = await run({ ...parameters, options: { outputField: '__proto__' } });
    expect(error?.message).toBe(`Put Output in Field can't be "__proto__"`);
  }
});
