import type { ChatCompletion } from '../../../../nodes/shared/chat/types';
import { simplify } from '../../../../nodes/shared/chat/completion';
import { readCompletion } from '../../../../nodes/shared/chat/stream';
import { responseFailure, BasetenError } from '../../../../nodes/shared/errors/basetenError';
import type { ServerSentEvent } from '../../../../nodes/shared/http/sse';

type Step = object | string | Error;
const chunk = (delta: object, finish_reason: string | null = null, index = 0) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [{ index, delta, finish_reason }],
});
const END = chunk({}, 'stop');

async function* streamOf(steps: Step[]): AsyncGenerator<ServerSentEvent> {
  for (const step of steps) {
    if (step instanceof Error) throw step;
    if (typeof step !== 'string' && 'event' in step) yield step as ServerSentEvent;
    else yield { event: 'message', data: typeof step === 'string' ? step : JSON.stringify(step) };
  }
}

async function read(...steps: Step[]): Promise<{ completion: ChatCompletion; texts: string[] }> {
  const texts: string[] = [];
  const onText = async (text: string) => void texts.push(text);
  const completion = await readCompletion(streamOf(steps), {
    subject: 'Model API m',
    apiKey: 'key-123',
    onText,
  });
  return { completion, texts };
}
const lost = () => new BasetenError('lost', { kind: 'connection', hint: '', code: 'ECONNRESET' });

test('chunks become the completion that the server would have sent without streaming', async () => {
  const usage = { total_tokens: 3 };
  const { completion, texts } = await read(
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hel' }),
    chunk({ content: 'lo' }),
    END,
    { ...END, choices: [], usage },
    '[DONE]',
  );
  expect(texts).toStrictEqual(['Hel', 'lo']);
  expect(completion).toMatchObject({
    id: 'c1',
    object: 'chat.completion',
    model: 'm',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' },
    ],
    usage,
  });
});

test('reasoning is kept and not passed on', async () => {
  const { completion, texts } = await read(
    chunk({ reasoning_content: 'h' }),
    chunk({ reasoning_content: 'm', content: null }),
    chunk({ content: '<thi' }),
    chunk({ content: 'nk>x</think>' }),
    chunk({ content: '\n\nHello' }),
    END,
  );
  expect(texts).toStrictEqual(['Hello']);
  expect(completion.choices[0]?.message).toMatchObject({
    reasoning_content: 'hm',
    content: '<think>x</think>\n\nHello',
  });
});

test('text that could have become a tag is passed on at the end', async () => {
  expect((await read(chunk({ content: '<th' }), END)).texts).toStrictEqual(['<th']);
});

test('tool calls are put together from their deltas', async () => {
  const call = (index: number, fields: object, id?: string) =>
    chunk({ tool_calls: [{ index, id, function: fields }] });
  const { completion } = await read(
    chunk({ role: 'assistant', content: '' }),
    call(0, { name: 'add', arguments: '' }, 'a'),
    call(1, { name: 'mul', arguments: '{' }, 'b'),
    call(0, { arguments: '{"x":' }),
    call(1, { arguments: '}' }),
    call(0, { name: 'add', arguments: '1}' }),
    chunk({}, 'tool_calls'),
  );
  expect(completion.choices[0]?.message).toStrictEqual({
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'a', type: 'function', function: { name: 'add', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'mul', arguments: '{}' } },
    ],
  });
});

test('complete tool calls without an index stay separate', async () => {
  const whole = (id: string) =>
    chunk({ tool_calls: [{ id, function: { name: id, arguments: '{}' } }] });
  const { completion } = await read(whole('a'), whole('b'), END);
  expect(completion.choices[0]?.message.tool_calls?.map(({ id }) => id)).toStrictEqual(['a', 'b']);
});

test('several choices are kept, and the first is passed on', async () => {
  const { completion, texts } = await read(
    chunk({ content: 'B' }, 'stop', 1),
    chunk({ content: 'A' }, 'stop', 0),
    '[DONE]',
  );
  expect(texts).toStrictEqual(['A']);
  expect(completion.choices.map(({ message }) => message.content)).toStrictEqual(['A', 'B']);
});

test('log probabilities are joined', async () => {
  const withLogs = (token: string) => ({
    choices: [{ index: 0, delta: { content: token }, logprobs: { content: [{ token }] } }],
  });
  const { completion } = await read(withLogs('a'), withLogs('b'), END);
  expect(completion.choices[0]?.logprobs).toStrictEqual({
    content: [{ token: 'a' }, { token: 'b' }],
  });
});

test.each([
  ['ends before the model has finished', [chunk({ content: 'Hel' })]],
  ['is empty', []],
  ['loses its connection', [chunk({ content: 'Hel' }), lost()]],
  ['ends in the middle of an event', [chunk({ content: 'Hel' }), '{"choices":[{"del']],
])('a stream that %s is an error, not a short completion', async (_name, steps) => {
  await expect(read(...steps)).rejects.toMatchObject({
    kind: 'connection',
    message: 'The response of Model API m broke off before its end',
  });
});

test.each([
  ['says why the model stopped', [END]],
  ['says why the model stopped and then loses the connection', [END, lost()]],
  ['says that it is done', ['[DONE]']],
  ['has empty events', ['', END]],
])('a stream that %s is complete', async (_name, steps) => {
  const { completion } = await read(chunk({ content: 'Hello' }), ...steps);
  expect(completion.choices[0]?.message.content).toBe('Hello');
});

test.each(['stop', 'tool_calls'])(
  'a thought in which the model calls a tool is not passed on if it stops with %s',
  async (reason) => {
    const call = { index: 0, id: 'a', function: { name: 'f', arguments: '{}' } };
    const { completion, texts } = await read(
      chunk({ content: '<think>I look it up' }),
      chunk({ tool_calls: [call] }),
      chunk({}, reason),
    );
    expect(texts).toStrictEqual([]);
    expect(simplify(completion, false, 'Model API m')).toMatchObject({
      content: '',
      reasoning: 'I look it up',
      toolCalls: [{ id: 'a', name: 'f', arguments: {} }],
    });
  },
);

test.each([
  ['nothing', []],
  ['the tokens used', [{ ...END, choices: [], usage: { total_tokens: 3 } }]],
  ['something to keep the connection open', ['ping']],
])(
  'a stream that ends in order after %s is an error, not an empty answer',
  async (_name, steps) => {
    await expect(read(...steps, '[DONE]')).rejects.toMatchObject({
      kind: 'response',
      message: 'The stream of Model API m ended without an answer',
    });
  },
);

test('nothing after the end is read', async () => {
  expect((await read(chunk({ content: 'a' }), '[DONE]', 'never')).texts).toStrictEqual(['a']);
});

test('errors other than a lost connection stay as they are', async () => {
  await expect(read(chunk({ content: 'a' }), responseFailure('own words', ''))).rejects.toThrow(
    'own words',
  );
  await expect(read(END, new Error('stopped'))).rejects.toThrow('stopped');
});

test.each([
  [
    'an object with a code',
    { error: { message: 'too long: key-123', code: 400 } },
    'Baseten could not read the request for Model API m',
    'too long: [API key]',
  ],
  ['a text', { error: 'worker died' }, 'Model API m raised an error', 'worker died'],
  [
    'an object of kind error',
    { object: 'error', message: 'overloaded', code: 503 },
    'Baseten could not route the request to Model API m',
    'overloaded',
  ],
  [
    'an event',
    { event: 'error', data: '{"message": "oops"}' },
    'Model API m raised an error',
    'oops',
  ],
  [
    'an event of plain text',
    { event: 'error', data: 'oops' },
    'Model API m raised an error',
    'oops',
  ],
])('an error inside the stream is an error: %s', async (_name, step, message, detail) => {
  await expect(read(chunk({ content: 'Hel' }), step, END)).rejects.toMatchObject({
    message,
    detail,
  });
});
