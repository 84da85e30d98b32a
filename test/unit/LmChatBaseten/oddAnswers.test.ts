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

test.each(ODD)('the same without streaming: %s', async (_name, body, calls, text = '') => {
  // What a stream adds up to comes as a whole if nobody asks for a stream, too.
  answering({ headers: { 'content-type': 'application/json' }, body });
  const { message } = await (await givenModel()).generate(ASKED);
  const [said, made] = ['text', 'tool-call'].map((type) =>
    message.content.filter((part) => part.type === type),
  );
  expect({
    text: said?.map((part) => part.text).join(''),
    calls: made?.map(({ toolName, input }) => [toolName, input]),
  }).toStrictEqual({ text, calls });
});

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
