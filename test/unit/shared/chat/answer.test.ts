import { cpuTimeOf } from '../../../support/cpuTime';
import {
  failureInAnswer,
  readAnswer,
  readStreamedAnswer,
} from '../../../../nodes/shared/chat/answer';
import { simplify, type SimpleCompletion } from '../../../../nodes/shared/chat/completion';
import type { BasetenError } from '../../../../nodes/shared/errors/basetenError';

const SUBJECT = 'Model API m';
const SOURCE = { subject: SUBJECT, apiKey: 'key-1234567890' };

const chunk = (delta: object, finishReason: string | null = null) => ({
  id: 'x',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finishReason }],
});
const data = (json: unknown, end = '\n\n') => `data: ${JSON.stringify(json)}${end}`;
const events = (deltas: object[], reason = 'stop') =>
  [...deltas.map((delta) => data(chunk(delta))), data(chunk({}, reason)), 'data: [DONE]\n\n'].join(
    '',
  );
const whole = (message: object, reason = 'stop') =>
  JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason }],
  });
const call = (fields: object) => ({ tool_calls: [fields] });

interface Read {
  answer: SimpleCompletion;
  /** What was passed on. */
  text: string;
}

async function* inPieces(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function readPieces(pieces: Uint8Array[], limit?: number): Promise<Read> {
  let text = '';
  const onText = async (piece: string) => void (text += piece);
  const completion = await readStreamedAnswer(inPieces(pieces), { ...SOURCE, onText }, limit);
  return { answer: simplify(completion, false, SUBJECT), text };
}

async function readWhole(body: string): Promise<Read> {
  let text = '';
  const onText = async (piece: string) => void (text += piece);
  const completion = await readAnswer(Buffer.from(body), { ...SOURCE, onText });
  return { answer: simplify(completion, false, SUBJECT), text };
}

/** Reads a body as a whole, and as a stream that is split at every byte. All must be the same. */
async function readEveryWay(body: string): Promise<Read> {
  const bytes = Buffer.from(body);
  const read = await readWhole(body);
  expect(await readPieces([...bytes].map((byte) => Uint8Array.of(byte)))).toStrictEqual(read);
  for (let at = 0; at <= bytes.length; at++) {
    const both = await readPieces([bytes.subarray(0, at), bytes.subarray(at)]);
    expect(both).toStrictEqual(read);
  }
  return read;
}

async function failureOf(reading: Promise<unknown>): Promise<BasetenError> {
  return await reading.then(
    () => {
      throw new Error('It did not fail');
    },
    (error: unknown) => error as BasetenError,
  );
}

const HEL = chunk({ role: 'assistant', content: 'Hel' });
const LO = chunk({ content: 'lo' });
const END = chunk({}, 'stop');
const DONE = 'data: [DONE]\n\n';
const HELLO: Array<[string, string]> = [
  ['events', data(HEL) + data(LO) + data(END) + DONE],
  ['events parted by one line break', data(HEL, '\n') + data(LO, '\n') + data(END) + DONE],
  [
    'events parted by one line break to the end',
    `${data(HEL, '\n')}${data(LO, '\n')}${data(END, '\n')}data: [DONE]`,
  ],
  [
    'events parted by one line break, with names',
    ['event: a', data(HEL, ''), 'event: b', data(LO, ''), data(END, ''), '', ''].join('\r\n'),
  ],
  ['JSON over many lines', [HEL, LO, END].map((json) => `${lines(json)}\n`).join('') + DONE],
  ['comments as data', `data: : keepalive\n\n${data(HEL)}data: : x\n\n${data(LO)}${data(END)}`],
  ['null as data', `data: null\n\n${data(HEL)}data: null\n\n${data(LO)}${data(END)}${DONE}`],
  ['empty objects as data', `data: {}\n\n${data(HEL)}data: []\n\n${data(LO)}${data(END)}`],
  [
    'words of a ping as data',
    `data: ping\n\n${data(HEL)}data: keep-alive\n\n${data(LO)}${data(END)}`,
  ],
  [
    'other words as data',
    `data: .\n\n${data(HEL)}data: [PING]\n\n${data(LO)}data: <alive>\n\n${data(END)}`,
  ],
  ['events named ping', `event: ping\ndata: 12:00\n\n${data(HEL)}${data(LO)}${data(END)}`],
  ['lists of chunks', data([HEL, LO]) + data([END])],
  ['comments of the standard', `: ping\n\n${data(HEL)}: ping\n\n${data(LO)}${data(END)}${DONE}`],
  ['a byte order mark', `\ufeff${data(HEL)}${data(LO)}${data(END)}`],
  ['carriage returns', (data(HEL) + data(LO) + data(END)).replaceAll('\n', '\r\n')],
  ['lines of JSON', [HEL, LO, END].map((json) => `${JSON.stringify(json)}\n`).join('')],
  [
    'lines of JSON without a last line end',
    [HEL, LO, END].map((json) => JSON.stringify(json)).join('\n'),
  ],
  ['a completion without streaming', whole({ content: 'Hello' })],
  [
    'a completion over many lines',
    JSON.stringify(JSON.parse(whole({ content: 'Hello' })), null, 2),
  ],
  ['a completion in one event', `data: ${whole({ content: 'Hello' })}\n\n`],
  [
    'deltas, and then the whole message',
    data(HEL) + data(LO) + `data: ${whole({ content: 'Hello' })}\n\n`,
  ],
  [
    'content in parts',
    events([
      { content: [{ type: 'text', text: 'Hel' }] },
      { content: [{ type: 'text', text: 'lo' }] },
    ]),
  ],
  [
    'content in many parts',
    events([
      {
        content: [
          { type: 'text', text: 'H' },
          { type: 'text', text: 'el' },
        ],
      },
      { content: ['l', 'o'] },
    ]),
  ],
  [
    'content in parts with a value',
    events([{ content: [{ type: 'text', text: { value: 'Hello' } }] }]),
  ],
  ['deltas that are text', data({ choices: [{ delta: 'Hel' }] }) + data(LO) + data(END)],
  ['text of the older API', data({ choices: [{ text: 'Hel' }] }) + data(LO) + data(END)],
  ['content in one part', events([{ content: { type: 'text', text: 'Hel' } }, { content: 'lo' }])],
  ['content in parts, without streaming', whole({ content: [{ type: 'text', text: 'Hello' }] })],
];

function lines(json: unknown): string {
  return JSON.stringify(json, null, 2)
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('');
}

test.each(HELLO)('an answer is read, however it is cut: %s', async (_name, body) => {
  const { answer, text } = await readEveryWay(body);
  expect([answer.content, answer.reasoning, text]).toStrictEqual(['Hello', '', 'Hello']);
  expect(answer.finishReason).toBe('stop');
});

const THOUGHT = [{ type: 'text', text: 'h' }];
const THINKING: Array<[string, string]> = [
  [
    'in a field',
    events([{ reasoning_content: 'h' }, { reasoning_content: 'm' }, { content: 'Hello' }]),
  ],
  ['in the field of vLLM', events([{ reasoning: 'h' }, { reasoning: 'm' }, { content: 'Hello' }])],
  ['in a field, without streaming', whole({ content: 'Hello', reasoning_content: 'hm' })],
  ['in the field of vLLM, without streaming', whole({ content: 'Hello', reasoning: 'hm' })],
  [
    'in a field, and empty or null in the other',
    events([
      { reasoning_content: 'hm', reasoning: null },
      { content: 'Hello', reasoning: '' },
    ]),
  ],
  [
    'in details',
    events([
      { reasoning_details: [{ type: 'reasoning.text', text: 'h', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', text: 'm', index: 0 }] },
      { content: 'Hello' },
    ]),
  ],
  [
    'in details, without streaming',
    whole({ content: 'Hello', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }),
  ],
  ['in a field of another name', events([{ reasoning_text: 'hm' }, { content: 'Hello' }])],
  ['in a block', events([{ content: '<think>h' }, { content: 'm</think>Hello' }])],
  ['in a block, without streaming', whole({ content: '<think>hm</think>\n\nHello' })],
  [
    'in thinking parts',
    events([
      { content: [{ type: 'thinking', thinking: THOUGHT }] },
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'm' }] }] },
      { content: [{ type: 'text', text: 'Hel' }] },
      { content: 'lo' },
    ]),
  ],
  [
    'in a thinking part, without streaming',
    whole({
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true },
        { type: 'text', text: 'Hello' },
      ],
    }),
  ],
  [
    'in a thinking part as text',
    whole({
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'Hello' },
      ],
    }),
  ],
  [
    'in a reasoning part',
    whole({
      content: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
        { type: 'text', text: 'Hello' },
      ],
    }),
  ],
];

test.each(THINKING)('reasoning is parted from the answer: %s', async (_name, body) => {
  const { answer, text } = await readEveryWay(body);
  expect([answer.content, answer.reasoning, text]).toStrictEqual(['Hello', 'hm', 'Hello']);
});

test('a stream whose prompt opened the reasoning is an item with both parts', async () => {
  const deltas = ['The user greets me.\n', '</thi', 'nk>\n\n', 'Hello there!'];
  const { answer } = await readEveryWay(events(deltas.map((content) => ({ content }))));
  expect([answer.content, answer.reasoning]).toStrictEqual(['Hello there!', 'The user greets me.']);
});

test('an answer whose prompt opened the reasoning has both parts, without streaming', async () => {
  const content = 'The user greets me.\n</think>\n\nHello there!';
  const { answer, text } = await readEveryWay(whole({ content }));
  expect([answer.content, answer.reasoning]).toStrictEqual(['Hello there!', 'The user greets me.']);
  expect(text).toBe('Hello there!');
});

test.each([
  'End it with `</think>` and go on.',
  'Models write "<think>" first and "</think>" at the end.',
  'Hello. <think>x</think>',
  '{"tag":"</think>"}',
])('a text that only mentions the tag stays whole: %s', async (content) => {
  for (const body of [
    whole({ content }),
    events([...content].map((each) => ({ content: each }))),
  ]) {
    const { answer, text } = await readEveryWay(body);
    expect([answer.content, answer.reasoning, text]).toStrictEqual([content, '', content]);
  }
});

test('reasoning that ends before it begins never goes out', async () => {
  const { answer, text } = await readEveryWay(events([{ content: '</think>\n\nHello' }]));
  expect([answer.content, answer.reasoning, text]).toStrictEqual(['Hello', '', 'Hello']);
});

const CALL = { id: 'a', name: 'f', arguments: { x: 1 } };
const whole1 = (input: unknown) =>
  call({ index: 0, id: 'a', function: { name: 'f', arguments: input } });
const CALLS: Array<[string, string, unknown[]]> = [
  ['text', events([whole1('{"x":1}')], 'tool_calls'), [CALL]],
  ['an object', events([whole1({ x: 1 })], 'tool_calls'), [CALL]],
  ['text that is encoded twice', events([whole1('"{\\"x\\":1}"')], 'tool_calls'), [CALL]],
  [
    'text that is encoded twice, without streaming',
    whole(whole1('"{\\"x\\":1}"'), 'tool_calls'),
    [CALL],
  ],
  ['an object, without streaming', whole(whole1({ x: 1 }), 'tool_calls'), [CALL]],
  ['empty text', events([whole1('')]), [{ ...CALL, arguments: {} }]],
  ['blank text', events([whole1(' \n')]), [{ ...CALL, arguments: {} }]],
  ['text behind an empty object', events([whole1('{}'), whole1('{"x":1}')]), [CALL]],
  ['null', whole(whole1(null)), [{ ...CALL, arguments: {} }]],
  ['null as text', whole(whole1('null')), [{ ...CALL, arguments: {} }]],
  ['an empty text that is encoded twice', whole(whole1('""')), [{ ...CALL, arguments: {} }]],
  [
    'nothing',
    events([call({ index: 0, id: 'a', function: { name: 'f' } })]),
    [{ ...CALL, arguments: {} }],
  ],
];

test.each(CALLS)('a tool’s arguments may come as %s', async (_name, body, calls) => {
  expect((await readEveryWay(body)).answer.toolCalls).toStrictEqual(calls);
});

const F = { name: 'f', arguments: '{"x":1}' };
const FORMS: Array<[string, string, unknown[]]> = [
  ['as an object', whole({ tool_calls: { id: 'a', function: F } }), [CALL]],
  ['as an object, streamed', events([{ tool_calls: { index: 0, id: 'a', function: F } }]), [CALL]],
  ['as an object of calls', whole({ tool_calls: { 0: { id: 'a', function: F } } }), [CALL]],
  ['without a function around it', whole({ tool_calls: [{ id: 'a', ...F }] }), [CALL]],
  ['in the older form', whole({ content: null, function_call: F }), [{ ...CALL, id: 'call_1' }]],
  [
    'in the older form, streamed',
    events([
      { function_call: { name: 'f', arguments: '{"x"' } },
      { function_call: { arguments: ':1}' } },
    ]),
    [{ ...CALL, id: 'call_1' }],
  ],
  [
    'without IDs',
    whole({ tool_calls: [{ function: F }, { function: F }] }),
    [
      { ...CALL, id: 'call_1' },
      { ...CALL, id: 'call_2' },
    ],
  ],
  [
    'of a custom tool',
    whole({
      tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } }],
    }),
    [{ id: 'a', name: 'sql', arguments: 'select 1' }],
  ],
  [
    'of a custom tool, streamed',
    events([
      call({ index: 0, id: 'a', type: 'custom', custom: { name: 'sql', input: 'select ' } }),
      call({ index: 0, custom: { input: '1' } }),
    ]),
    [{ id: 'a', name: 'sql', arguments: 'select 1' }],
  ],
];

test.each(FORMS)('a tool call may come %s', async (_name, body, calls) => {
  expect((await readEveryWay(body)).answer.toolCalls).toStrictEqual(calls);
});

test('a refusal comes out, from a field and from parts', async () => {
  const streamed = await readEveryWay(events([{ refusal: 'I will ' }, { refusal: 'not.' }]));
  expect(streamed.answer.refusal).toBe('I will not.');
  const inParts = whole({ content: [{ type: 'refusal', refusal: 'I will not.' }] });
  expect((await readEveryWay(inParts)).answer).toMatchObject({
    content: '',
    refusal: 'I will not.',
  });
});

test('content that a server has parsed already is text again', async () => {
  expect((await readEveryWay(whole({ content: { a: 1 } }))).answer.content).toBe('{"a":1}');
});

const TOO_MANY = { error: { message: 'slow down', code: 429 } };
function withField(name: string, value: unknown): string {
  return JSON.stringify({ error: { message: 'slow down', [name]: value } });
}
const FAILURES: Array<[string, string, number]> = [
  ['as JSON', JSON.stringify(TOO_MANY), 429],
  ['as JSON in a list', JSON.stringify([TOO_MANY]), 429],
  ['with its code as text', JSON.stringify({ error: { message: 'slow down', code: '429' } }), 429],
  [
    'with its code in words',
    JSON.stringify({ error: { message: 'slow down', type: 'rate_limit_error' } }),
    429,
  ],
  ['with its status beside it', JSON.stringify({ error: 'slow down', status: 429 }), 429],
  ['without a status', JSON.stringify({ error: 'slow down' }), 500],
  ['as a detail', JSON.stringify({ detail: 'slow down' }), 500],
  ['as a list of details', JSON.stringify({ detail: [{ msg: 'slow down' }] }), 500],
  ['in a list of errors', JSON.stringify({ errors: [{ message: 'slow down', code: 429 }] }), 429],
  ['as a short message', JSON.stringify({ msg: 'slow down', code: 429 }), 429],
  ['with its status under another name', withField('http_status', 429), 429],
  ['with its status in capitals', withField('status', 'RESOURCE_EXHAUSTED'), 429],
  ['of kind error', JSON.stringify({ object: 'error', message: 'slow down', code: 400 }), 400],
  [
    'in a choice',
    JSON.stringify({ choices: [{ error: { message: 'slow down', code: 503 } }] }),
    503,
  ],
  ['as an event', data(TOO_MANY), 429],
  ['as an event by its name', `event: error\n${data({ message: 'slow down', code: 429 })}`, 429],
];

test.each(FAILURES)('an error under status 200 is that error: %s', async (_name, body, status) => {
  const expected = { kind: 'http', status, detail: 'slow down' };
  expect(await failureOf(readWhole(body))).toMatchObject(expected);
  expect(await failureOf(readPieces([Buffer.from(body)]))).toMatchObject(expected);
  const bytes = [...Buffer.from(body)].map((byte) => Uint8Array.of(byte));
  expect(await failureOf(readPieces(bytes))).toMatchObject(expected);
});

test.each(FAILURES.filter(([name]) => !name.includes('its name')))(
  'an error under status 200 is found before the answer is read: %s',
  (_name, body, status) => {
    expect(failureInAnswer(Buffer.from(body), SOURCE)?.status).toBe(status);
  },
);

test('a sentence about a rate limit is one', async () => {
  const body = JSON.stringify({ error: 'Rate limit exceeded' });
  expect(await failureOf(readWhole(body))).toMatchObject({ status: 429 });
});

function withEmpty(name: string, value: unknown): string {
  return JSON.stringify({ ...JSON.parse(whole({ content: 'a' })), [name]: value });
}
test.each([
  ['a completion', whole({ content: 'An "error": {"message": "x"}' })],
  [
    'a completion with no error',
    JSON.stringify({ ...JSON.parse(whole({ content: 'a' })), error: null }),
  ],
  ['a completion with an empty list of errors', withEmpty('error', [])],
  ['a completion with the error 0', withEmpty('error', 0)],
  ['a stream', data(HEL)],
  ['half an event', data(HEL).slice(0, 40)],
  ['nothing', ''],
  ['JSON of another kind', '{"prediction": 7}'],
])('%s is no error', (_name, body) => {
  expect(failureInAnswer(Buffer.from(body), SOURCE)).toBeUndefined();
});

const PAGE = '<!doctype html><html><head><title>Sign in</title></head></html>';
test.each([
  ['a web page', PAGE, /is a web page and not a chat completion$/, /Its title is: Sign in/],
  ['plain text', 'upstream connect error', /is not a chat completion$/, /It was: upstream connect/],
  ['JSON of another kind', '{"prediction":7}', /is not a chat completion$/, /\{"prediction":7\}/],
  ['events of another kind', data({ token: 'a' }) + DONE, /is not a chat completion$/, /"token"/],
  ['half of JSON', '{"choices":[{"mess', /is not complete JSON$/, /It starts with/],
])('%s as an answer is told as what it is', async (_name, body, message, hint) => {
  for (const reading of [readWhole(body), readPieces([Buffer.from(body)])]) {
    const error = await failureOf(reading);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  }
});

test('what came of an answer is given with the error', async () => {
  const started = events([{ reasoning_content: 'hm' }, { content: 'Hello' }, whole1('{"x"')]).slice(
    0,
    -70,
  );
  const error = await failureOf(readPieces([Buffer.from(started)]));
  expect(error).toMatchObject({
    message: 'The response of Model API m broke off before its end',
    detail: 'Hello',
    received: {
      content: 'Hello',
      reasoning: 'hm',
      toolCalls: [{ id: 'a', name: 'f', arguments: '{"x"' }],
    },
  });
  const failed = data(HEL) + data({ error: { message: 'out of memory', code: 500 } });
  expect(await failureOf(readPieces([Buffer.from(failed)]))).toMatchObject({
    message: 'Model API m raised an error',
    detail: 'out of memory',
    received: { content: 'Hel' },
  });
});

test.each([
  ['whole', whole({ content: 'Hello', score: 1 }).replace('"score":1', '"score":NaN')],
  ['streamed', events([{ content: 'Hello' }]).replace('"created":1', '"created":-Infinity')],
  ['with digits', whole({ content: 'Hello' }).replace('"created":1', '"created":9007199254740993')],
])('numbers that JSON or JavaScript lacks are read, and noted: %s', async (_name, body) => {
  const notes = { bigNumbers: 0, notFinite: 0 };
  const onText = async () => {};
  const completion = await readAnswer(Buffer.from(body), { ...SOURCE, onText, notes });
  expect(completion.choices[0]?.message.content).toBe('Hello');
  const isBig = body.includes('9007199254740993');
  expect(notes).toStrictEqual({ bigNumbers: isBig ? 1 : 0, notFinite: isBig ? 0 : 1 });
  expect(completion.created).toBe(isBig ? '9007199254740993' : completion.created);
});

test('an error that a server puts into a stream as a bare line is that error', async () => {
  const body = `${data(HEL)}${JSON.stringify(TOO_MANY)}\n\n`;
  const expected = { status: 429, detail: 'slow down', received: { content: 'Hel' } };
  expect(await failureOf(readPieces([Buffer.from(body)]))).toMatchObject(expected);
  const bytes = [...Buffer.from(body)].map((byte) => Uint8Array.of(byte));
  expect(await failureOf(readPieces(bytes))).toMatchObject(expected);
});

test('the last words of a server are in the error of a stream that breaks off', async () => {
  const body = `${data(HEL)}data: upstream timeout\n\n`;
  const error = await failureOf(readPieces([Buffer.from(body)]));
  expect(error.message).toMatch(/broke off before its end$/);
  expect(error.hint).toMatch(/last words were: upstream timeout$/);
});

test('an event that is not JSON is told as that, if more comes', async () => {
  const body = `${data(HEL)}data: {"choices": [{"del\n\n${data(LO)}${data(END)}`;
  expect(await failureOf(readPieces([Buffer.from(body)]))).toMatchObject({
    kind: 'response',
    message: 'The stream of Model API m has an event that is not JSON',
    received: { content: 'Hel' },
  });
});

test('a stream has a limit', async () => {
  const body = Buffer.from(events([{ content: 'x'.repeat(1000) }]));
  expect((await readPieces([body], body.length)).answer.content).toHaveLength(1000);
  const error = await failureOf(readPieces([body], body.length - 1));
  expect(error.message).toMatch(/^The response of Model API m is larger than/);
});

test('a stream is closed when it has been read, or has failed', async () => {
  for (const body of [data(END) + DONE, data(TOO_MANY), PAGE]) {
    let isClosed = false;
    async function* stream() {
      try {
        yield Buffer.from(body);
        yield Buffer.from('\n\n');
      } finally {
        isClosed = true;
      }
    }
    const onText = async () => {};
    await readStreamedAnswer(stream(), { ...SOURCE, onText }).catch(() => undefined);
    expect(isClosed).toBe(true);
  }
});

test('a run of 100,000 blanks is read in a fraction of a second', async () => {
  const blanks = Array.from({ length: 100_000 }, () => ({ content: ' ' }));
  const body = Buffer.from(events([...blanks, { content: 'x' }]));
  let length = 0;
  const taken = await cpuTimeOf(async () => {
    length = (await readPieces([body])).text.length;
  });
  expect(length).toBe(100_001);
  expect(taken).toBeLessThan(8000);
});
