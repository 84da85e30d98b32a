import { Readable } from 'node:stream';

import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { MODEL_API_SLUGS, MODEL_IDS, type Handler } from '../../emulator';
import { isStreaming } from '../../nodes/Baseten/actions/chat/stream';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, chat } from '../support/parameters';
import { runStreaming, type StreamingRun } from '../support/chatStreaming';

const emulator = useEmulator();
const CUSTOM = 'stream01';

const run = async (parameters: INodeParameters = {}, more: Partial<StreamingRun> = {}) =>
  await runStreaming({
    credential: credentialFor(emulator()),
    parameters: chat(parameters),
    ...more,
  });

/** A deployment whose server always responds with this text. */
function serving(text: string, contentType = 'text/event-stream'): INodeParameters {
  const server: Handler = () => ({ headers: { 'content-type': contentType }, body: text });
  emulator().addModel({ id: CUSTOM, name: 'Stream', handler: server, server });
  return { source: 'deployment', modelId: byId(CUSTOM) };
}
const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const token = (content: string, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason }] });

test('tokens are sent as they come, and the item has the whole answer', async () => {
  const { items, types, texts } = await run();
  expect(types[0]).toBe('begin');
  expect(types.at(-1)).toBe('end');
  expect(texts.length).toBeGreaterThan(2);
  expect(texts.join('')).toBe('Simulated answer to "Hello".');
  expect(items).toMatchObject([
    {
      json: {
        content: 'Simulated answer to "Hello".',
        finishReason: 'stop',
        model: MODEL_API_SLUGS.chat,
        usage: { total_tokens: expect.any(Number) },
      },
      pairedItem: { item: 0 },
    },
  ]);
  expect(emulator().requests[0]?.json()).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('the first token is sent before the model has finished', async () => {
  let isSeen = false;
  let isDone = false;
  const server: Handler = () => {
    async function* body() {
      yield token('Hel');
      // The model goes on once the first token was received.
      while (!isSeen) await new Promise((resolve) => setImmediate(resolve));
      isDone = true;
      yield token('lo', 'stop');
    }
    return { headers: { 'content-type': 'text/event-stream' }, body: Readable.from(body()) };
  };
  emulator().addModel({ id: CUSTOM, name: 'Stream', handler: server, server });
  let doneAtFirst: boolean | undefined;
  const { items } = await run(
    { source: 'deployment', modelId: byId(CUSTOM) },
    {
      onChunk: ({ type }) => {
        if (type !== 'item' || isSeen) return;
        isSeen = true;
        doneAtFirst = isDone;
      },
    },
  );
  expect(doneAtFirst).toBe(false);
  expect(items[0]?.json.content).toBe('Hello');
});

const { reasoner, reasonerPlain, thinker } = MODEL_API_SLUGS;
test.each([reasoner, reasonerPlain, thinker])(
  'the reasoning of %s is in the item and not streamed',
  async (model) => {
    const { items, texts } = await run({ model: byId(model) });
    expect(texts.join('')).toBe('Simulated answer to "Hello".');
    expect(items[0]?.json).toMatchObject({
      content: 'Simulated answer to "Hello".',
      reasoning: expect.stringMatching(/^The user wrote/),
    });
  },
);

test('items stream one after the other', async () => {
  const { items, chunks } = await run(
    { prompt: '={{ $json.n }}' },
    { items: [1, 2, 3].map((n) => ({ json: { n } })) },
  );
  const indexes = chunks.map(({ metadata }) => metadata.itemIndex);
  expect(indexes).toStrictEqual([...indexes].sort());
  expect(chunks.filter(({ type }) => type === 'end')).toHaveLength(3);
  expect(items.map(({ json }) => json.content)).toStrictEqual(
    [1, 2, 3].map((n) => `Simulated answer to "${n}".`),
  );
});

test('tool calls are put together, and JSON is parsed', async () => {
  const parameters = { type: 'object', properties: { input: { type: 'string' } } };
  const tools = JSON.stringify([
    { type: 'function', function: { name: 'calculator', parameters } },
  ]);
  const called = await run({ prompt: 'Work out 6*7', options: { tools } });
  expect(called.items[0]?.json).toMatchObject({
    finishReason: 'tool_calls',
    toolCalls: [
      { id: expect.stringMatching(/^call_/), name: 'calculator', arguments: { input: '6*7' } },
    ],
  });
  const parsed = await run({ options: { responseFormat: 'json_object' } });
  expect(parsed.items[0]?.json.json).toStrictEqual({ answer: 'Simulated answer to "Hello".' });
});

test('without Simplify, the item is the response as it is without streaming', async () => {
  const { items } = await run({ simplify: false });
  expect(items[0]?.json).toMatchObject({
    object: 'chat.completion',
    choices: [
      {
        message: { role: 'assistant', content: 'Simulated answer to "Hello".' },
        finish_reason: 'stop',
      },
    ],
    usage: { total_tokens: expect.any(Number) },
  });
});

test('in a workflow that does not stream, nothing is streamed', async () => {
  const { items, chunks } = await run({}, { mode: 'trigger' });
  expect(chunks).toStrictEqual([]);
  expect(items[0]?.json.content).toBe('Simulated answer to "Hello".');
  expect(emulator().requests[0]?.json()).not.toHaveProperty('stream');
});

test('the text of a server that does not stream is sent in one piece', async () => {
  const completion = {
    choices: [{ message: { content: '<think>hm</think>Hello' }, finish_reason: 'stop' }],
  };
  const { items, texts } = await run(serving(JSON.stringify(completion), 'application/json'));
  expect(texts).toStrictEqual(['Hello']);
  expect(items[0]?.json).toMatchObject({ content: 'Hello', reasoning: 'hm' });
});

describe('a stream that breaks', () => {
  test('is an error, not a short answer', async () => {
    emulator().faults.add({ kind: 'truncate' });
    const { items, error, types } = await run();
    expect(items).toStrictEqual([]);
    expect(error?.message).toBe(
      `The response of Model API ${MODEL_API_SLUGS.chat} broke off before its end`,
    );
    expect(types).toContain('error');
    expect(types).not.toContain('end');
    expect(emulator().requests).toHaveLength(1);
  });

  test('is an error, too, if the connection was closed properly', async () => {
    const { error, texts } = await run(serving(token('Hel')));
    expect(texts).toStrictEqual(['Hel']);
    expect(error?.message).toBe('The response of model stream01 broke off before its end');
  });

  test('because of an error of the server is that error', async () => {
    const { error } = await run(
      serving(token('Hel') + event({ error: { message: 'CUDA out of memory', code: 500 } })),
    );
    expect(error?.message).toBe('Model stream01 raised an error');
    expect(error?.description).toMatch(/CUDA out of memory/);
  });

  test('fails its own item alone if the workflow goes on after errors', async () => {
    emulator().faults.add({ kind: 'truncate' });
    const twoItems = [{ json: {} }, { json: {} }];
    const { items, types } = await run({}, { onError: 'continueRegularOutput', items: twoItems });
    expect(items.map(({ json }) => json.content ?? json.error)).toStrictEqual([
      expect.stringMatching(/broke off before its end$/),
      'Simulated answer to "Hello".',
    ]);
    expect(types.filter((type) => type !== 'item')).toStrictEqual([
      'begin',
      'error',
      'begin',
      'end',
    ]);
  });
});

test('a failure before the stream is an error, or is repeated if that can help', async () => {
  const unknown = await run({ model: byId('org/nope') });
  expect(unknown.error?.message).toBe('Baseten did not find Model API org/nope');
  expect(unknown.types).toStrictEqual(['error']);
  emulator().clearRequests();
  emulator().faults.add({ kind: 'reset' });
  const repeated = await run();
  expect(repeated.items[0]?.json.content).toBe('Simulated answer to "Hello".');
  expect(emulator().requests).toHaveLength(2);
});

test('stopping the execution ends a stream', async () => {
  let onAborted: () => void = () => {};
  const aborted = new Promise<void>((resolve) => (onAborted = resolve));
  async function* endless() {
    yield token('Hel');
    await aborted;
  }
  const server: Handler = ({ signal }) => {
    signal.addEventListener('abort', () => onAborted());
    return { headers: { 'content-type': 'text/event-stream' }, body: Readable.from(endless()) };
  };
  emulator().addModel({ id: CUSTOM, name: 'Stream', handler: server, server });
  const { items, types } = await run(
    { source: 'deployment', modelId: byId(CUSTOM) },
    { onChunk: ({ type }, cancel) => type === 'item' && cancel() },
  );
  expect(items).toStrictEqual([]);
  await aborted;
  expect(types).not.toContain('end');
  expect(emulator().requests).toHaveLength(1);
});

test('a deployment is streamed, too', async () => {
  const { texts } = await run({
    source: 'deployment',
    modelId: byId(MODEL_IDS.llm),
    model: byId('baseten'),
  });
  expect(texts.join('')).toBe('Simulated answer to "Hello".');
});

const HOSTS: Array<[string, object, string, boolean]> = [
  ['n8n streams the response', { isStreaming: () => true }, 'x.baseten', true],
  ['n8n does not stream the response', { isStreaming: () => false }, 'x.baseten', false],
  ['n8n is too old to stream', {}, 'x.baseten', false],
  ['the node is the tool of an agent', { isStreaming: () => true }, 'x.basetenTool', false],
  [
    'the node runs as a tool',
    { isStreaming: () => true, isToolExecution: () => true },
    'x.baseten',
    false,
  ],
];
test.each(HOSTS)('whether the node streams if %s', (_name, host, type, expected) => {
  expect(isStreaming({ ...host, getNode: () => ({ type }) } as unknown as IExecuteFunctions)).toBe(
    expected,
  );
});
