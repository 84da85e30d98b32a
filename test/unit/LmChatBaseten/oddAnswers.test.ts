import type { SdkChunk } from '@n8n/ai-node-sdk';

import {
  answering,
  ASKED,
  chunk,
  chunksOf,
  EVENTS,
  givenModel,
  textsOf,
  USAGE,
} from '../../support/chatModel';

const call = (fields: object) => ({ tool_calls: [fields] });
const called = (fields: object, name?: string, input?: unknown) =>
  call({
    ...fields,
    function: { ...(name && { name }), ...(input !== undefined && { arguments: input }) },
  });
const events = (chunks: object[], end = '\n\n') =>
  chunks.map((each) => `data: ${JSON.stringify(each)}${end}`).join('');
const deltas = (list: object[], reason: string | null = 'tool_calls') =>
  events([...list.map((delta) => chunk(delta)), chunk({}, reason)]) + 'data: [DONE]\n\n';

const F = ['f', '{"x":1}'];
const G = ['g', '{"y":2}'];
/** What servers were seen to send, and the calls and the text that must come of it. */
const ODD: Array<[string, string, string[][], string?]> = [
  ['arguments as an object', deltas([called({ index: 0, id: 'a' }, 'f', { x: 1 })]), [F]],
  [
    'empty and blank arguments',
    deltas([called({ index: 0, id: 'a' }, 'f', ''), called({ index: 1, id: 'b' }, 'g', ' \n')]),
    [
      ['f', '{}'],
      ['g', '{}'],
    ],
  ],
  [
    'the same index for parallel calls',
    deltas([
      called({ index: 0, id: 'a' }, 'f', '{"x":'),
      called({ index: 0, id: 'a' }, undefined, '1}'),
      called({ index: 0, id: 'b' }, 'g', '{"y":2}'),
    ]),
    [F, G],
  ],
  [
    'no index',
    deltas([
      called({ id: 'a' }, 'f', '{"x":'),
      called({}, undefined, '1}'),
      called({ id: 'b' }, 'g', '{"y":2}'),
    ]),
    [F, G],
  ],
  [
    'no ID',
    deltas([called({ index: 0 }, 'f', '{"x":1}'), called({ index: 1 }, 'g', '{"y":2}')]),
    [F, G],
  ],
  [
    'the same ID for all',
    deltas([
      called({ index: 0, id: 'a' }, 'f', '{"x":1}'),
      called({ index: 1, id: 'a' }, 'g', '{"y":2}'),
    ]),
    [F, G],
  ],
  [
    'the ID emptied later',
    deltas([called({ index: 0, id: 'a' }, 'f', '{"x":'), called({ index: 0, id: '' }, '', '1}')]),
    [F],
  ],
  [
    'a name in pieces',
    deltas([
      called({ index: 0, id: 'a' }, 'get_', ''),
      called({ index: 0 }, 'weather'),
      called({ index: 0 }, undefined, '{"x":1}'),
    ]),
    [['get_weather', '{"x":1}']],
  ],
  [
    'content that is null, and no role',
    deltas([{ content: null }, called({ index: 0, id: 'a' }, 'f', '{"x":1}')]),
    [F],
  ],
  [
    'no calls, as a list and as null',
    deltas([{ tool_calls: [] }, { content: 'Hello', tool_calls: null }], 'stop'),
    [],
    'Hello',
  ],
  ['no reason', deltas([called({ index: 0, id: 'a' }, 'f', '{"x":1}')], null), [F]],
  ['another reason', deltas([called({ index: 0, id: 'a' }, 'f', '{"x":1}')], 'stop'), [F]],
  [
    'no usage, and usage without choices',
    events([chunk({ content: 'Hello' }), { ...chunk({}, 'stop'), usage: null }]) +
      events([{ id: 'x', usage: USAGE }]),
    [],
    'Hello',
  ],
  [
    'comments and data that keep the connection open',
    `: hi\n\ndata: : keepalive\n\n${events([chunk({ content: 'Hel' })])}data: null\n\n: hi\n\n` +
      events([chunk({ content: 'lo' }), chunk({}, 'stop')]),
    [],
    'Hello',
  ],
  [
    'one line break between events',
    events([chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop')], '\n'),
    [],
    'Hello',
  ],
  [
    'the calls of the older API',
    deltas([
      { function_call: { name: 'f', arguments: '{"x"' } },
      { function_call: { arguments: ':1}' } },
    ]),
    [F],
  ],
];

/** The text and the calls of a streamed answer. */
function readOf(chunks: SdkChunk[]) {
  const calls = chunks.filter((each) => each.type === 'tool-call-delta');
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  return {
    text: textsOf(chunks),
    calls: calls.map(({ name, argumentsDelta }) => [name, argumentsDelta]),
  };
}

test.each(ODD)(
  'a stream with %s is read, however it is cut',
  async (_name, body, calls, text = '') => {
    const model = await givenModel();
    const bytes = Buffer.from(body);
    const ways = [...bytes.keys()].map((at) => [bytes.subarray(0, at), bytes.subarray(at)]);
    for (const pieces of [[...bytes].map((byte) => Buffer.of(byte)), ...ways]) {
      async function* inPieces() {
        yield* pieces;
      }
      answering({ headers: EVENTS, body: inPieces() });
      expect(readOf(await chunksOf(model))).toStrictEqual({ text, calls });
    }
  },
);

/** The text and the calls of a body that comes in one piece. */
async function readWhole(body: string) {
  answering({ headers: { 'content-type': 'application/json' }, body });
  const { message } = await (await givenModel()).generate(ASKED);
  const [said, made] = ['text', 'tool-call'].map((type) =>
    message.content.filter((part) => part.type === type),
  );
  const ids = made?.map(({ toolCallId }) => toolCallId) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
  return {
    text: said?.map((part) => part.text).join(''),
    calls: made?.map(({ toolName, input }) => [toolName, input]),
  };
}

test.each(ODD)(
  'a stream that nobody asked for is read, too: %s',
  async (_name, body, calls, text = '') => {
    expect(await readWhole(body)).toStrictEqual({ text, calls });
  },
);

const completion = (message: object, more: object = {}) =>
  JSON.stringify({
    id: 'x',
    choices: [{ index: 0, message, finish_reason: 'tool_calls', ...more }],
    usage: USAGE,
  });
const callOf = (fields: object, name: string, input?: unknown) => ({
  ...fields,
  function: { name, ...(input !== undefined && { arguments: input }) },
});
const CALLED = callOf({ id: 'a' }, 'f', '{"x":1}');
const ALSO_CALLED = callOf({ id: 'b' }, 'g', '{"y":2}');
/** The same ways of servers in answers that are not streamed. */
const ODD_WHOLE: Array<[string, string, string[][], string?]> = [
  ['arguments as an object', completion({ tool_calls: [callOf({ id: 'a' }, 'f', { x: 1 })] }), [F]],
  [
    'empty, blank and no arguments',
    completion({
      tool_calls: ['', ' \n', undefined, null].map((input, at) =>
        callOf({ id: `id${at}` }, 'f', input),
      ),
    }),
    ['f', 'f', 'f', 'f'].map((name) => [name, '{}']),
  ],
  [
    'the same index for parallel calls',
    completion({ tool_calls: [CALLED, ALSO_CALLED].map((each) => ({ index: 0, ...each })) }),
    [F, G],
  ],
  ['no index', completion({ tool_calls: [CALLED, ALSO_CALLED] }), [F, G]],
  [
    'no ID',
    completion({ tool_calls: [callOf({}, 'f', '{"x":1}'), callOf({}, 'g', '{"y":2}')] }),
    [F, G],
  ],
  [
    'the same ID for all',
    completion({ tool_calls: [CALLED, { ...ALSO_CALLED, id: 'a' }] }),
    [F, G],
  ],
  [
    'empty IDs',
    completion({ tool_calls: [CALLED, ALSO_CALLED].map((one) => ({ ...one, id: '' })) }),
    [F, G],
  ],
  ['content that is null, and no role', completion({ content: null, tool_calls: [CALLED] }), [F]],
  ['an empty list of calls', completion({ content: 'Hello', tool_calls: [] }), [], 'Hello'],
  ['null for the calls', completion({ content: 'Hello', tool_calls: null }), [], 'Hello'],
  ['no reason', completion({ tool_calls: [CALLED] }, { finish_reason: undefined }), [F]],
  ['null as its reason', completion({ tool_calls: [CALLED] }, { finish_reason: null }), [F]],
  ['another reason', completion({ tool_calls: [CALLED] }, { finish_reason: 'stop' }), [F]],
  [
    'null as its usage',
    JSON.stringify({ choices: [{ message: { content: 'Hello' } }], usage: null }),
    [],
    'Hello',
  ],
  [
    'the call of the older API',
    completion({ content: null, function_call: { name: 'f', arguments: '{"x":1}' } }),
    [F],
  ],
];

test.each(ODD_WHOLE)(
  'an answer with %s is read, whole and however it is cut',
  async (_name, body, calls, text = '') => {
    expect(await readWhole(body)).toStrictEqual({ text, calls });
    const model = await givenModel();
    const bytes = Buffer.from(body);
    for (const at of bytes.keys()) {
      async function* inPieces() {
        yield bytes.subarray(0, at);
        yield bytes.subarray(at);
      }
      answering({ headers: { 'content-type': 'application/json' }, body: inPieces() });
      expect(readOf(await chunksOf(model))).toStrictEqual({ text, calls });
    }
  },
);

test.each([
  ['an error', 'data: {"error":{"message":"out of memory","code":500}}\n\n', /raised an error$/],
  ['an error by its name', 'event: error\ndata: {"message":"x","code":429}\n\n', /rate limit/],
  ['its end', '', /broke off before its end$/],
])('a stream that has %s inside is an error, however it is cut', async (_name, end, message) => {
  const model = await givenModel();
  const bytes = Buffer.from(events([chunk({ content: 'Hel' })]) + end);
  for (const at of bytes.keys()) {
    async function* inPieces() {
      yield bytes.subarray(0, at);
      yield bytes.subarray(at);
    }
    answering({ headers: EVENTS, body: inPieces() });
    await expect(chunksOf(model)).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
  }
});
