import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { SdkContent } from '@n8n/ai-node-sdk';

import { OWN_CALL } from '../../../nodes/LmChatBaseten/chatModel';
import { TokenCost } from '../../../nodes/shared/http/flow/tokens';
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
import { fakeHttp } from '../../support/fakeHttp';

const MODEL_API = { source: 'modelApi', model: 'emulator/chat' };
const completion = (message: object, reason = 'stop') => ({
  id: 'x',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason }],
  usage: USAGE,
});
const stream = (deltas: object[], reason = 'stop') =>
  [
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, reason),
    { id: 'x', choices: [], usage: USAGE },
    '[DONE]',
  ]
    .map((data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
    .join('');
const withoutMark = (id: unknown) => String(id).replace(/#[\da-f]{8}$/, '#');

test('an answer has its text, its tokens and why it ended', async () => {
  const { bodies, sent } = answering(completion({ content: 'Hi' }));
  const result = await (await givenModel()).generate(ASKED);
  expect(result).toStrictEqual({
    id: 'x',
    finishReason: 'stop',
    usage: {
      promptTokens: 5,
      completionTokens: 2,
      totalTokens: 7,
      inputTokenDetails: { cacheRead: 3 },
    },
    message: { role: 'assistant', id: 'x', content: [{ type: 'text', text: 'Hi' }] },
  });
  expect(bodies()).toStrictEqual([
    { model: 'emulator/chat', messages: [{ role: 'user', content: 'Hello' }] },
  ]);
  expect(sent[0]?.url).toBe('https://inference.baseten.co/v1/chat/completions');
});

test('a streamed answer comes in pieces, with its tokens at the end', async () => {
  const { bodies } = answering(stream([{ content: 'He' }, { content: 'llo' }]));
  const chunks = await chunksOf(await givenModel());
  expect(textsOf(chunks)).toBe('Hello');
  expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
  expect(chunks.at(-1)).toMatchObject({ usage: { promptTokens: 5, completionTokens: 2 } });
  expect(bodies()[0]).toMatchObject({ stream: true, stream_options: { include_usage: true } });
});

test.each(['whole', 'streamed'])('an answer that comes %s tells what it cost', async (how) => {
  answering(how === 'whole' ? completion({ content: 'Hi' }) : stream([{ content: 'Hi' }]));
  const model = await givenModel();
  const tell = jest.spyOn(TokenCost.prototype, 'tell');
  await (how === 'whole' ? model.generate(ASKED) : chunksOf(model));
  // Two tokens are guessed for "Hello", until the answer tells its seven.
  expect(tell.mock.contexts).toMatchObject([{ guess: 2, onTold: expect.any(Function) }]);
  expect(tell.mock.calls).toStrictEqual([[USAGE]]);
});

const CALLS = [
  { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
  { index: 1, id: 'c', type: 'function', function: { name: 'g', arguments: '' } },
];

test('calls have IDs of their own, whatever the server gives them', async () => {
  answering(completion({ content: null, tool_calls: CALLS }, 'stop'));
  const { message, finishReason } = await (await givenModel()).generate(ASKED);
  expect(finishReason).toBe('tool-calls');
  const ids = message.content.map(({ toolCallId }) => toolCallId);
  expect(ids.map(withoutMark)).toStrictEqual(['c#', 'c_1#']);
  expect(message.content.map(({ toolName, input }) => [toolName, input])).toStrictEqual([
    ['f', '{"x":1}'],
    ['g', '{}'],
  ]);
  const again = await (await givenModel()).generate(ASKED);
  expect(again.message.content.map(({ toolCallId }) => toolCallId)).not.toContain(ids[0]);
});

test('calls of a stream come whole, one piece each', async () => {
  const pieces = [
    { tool_calls: [{ ...CALLS[0], function: { name: 'f', arguments: '{"x"' } }] },
    { tool_calls: [{ index: 1, id: 'd', function: { name: 'g', arguments: '{}' } }] },
    { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
  ];
  answering(stream(pieces, 'tool_calls'));
  const chunks = await chunksOf(await givenModel());
  const calls = chunks.filter((each) => each.type === 'tool-call-delta');
  expect(calls.map((call) => ({ ...call, id: withoutMark(call.id) }))).toStrictEqual([
    { type: 'tool-call-delta', id: 'c#', name: 'f', argumentsDelta: '{"x":1}' },
    { type: 'tool-call-delta', id: 'd#', name: 'g', argumentsDelta: '{}' },
  ]);
});

test.each([
  ['an object', { a: 1 }, '{"a":1}'],
  ['encoded twice', '"{\\"a\\":1}"', '{"a":1}'],
  ['blank', ' ', '{}'],
  ['no object', '"Berlin"', '{"input":"Berlin"}'],
  ['long numbers', '{"n":9007199254740993}', '{"n":"9007199254740993"}'],
])('a tool gets its arguments as an object: %s', async (_name, given, input) => {
  const calls = [{ id: 'c', function: { name: 'f', arguments: given } }];
  answering(completion({ tool_calls: calls }));
  const { message } = await (await givenModel()).generate(ASKED);
  expect(message.content[0]?.input).toBe(input);
});

test('arguments that are not JSON are an error, with what came', async () => {
  const calls = [{ id: 'c', function: { name: 'f', arguments: '{"x":' } }];
  answering(completion({ content: 'I ask.', tool_calls: calls }));
  const error = await (await givenModel()).generate(ASKED).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(NodeApiError);
  expect(error).toMatchObject({
    message: expect.stringMatching(/^The arguments with which .* are not valid JSON$/),
    context: { data: { received: { content: 'I ask.' } } },
    functionality: 'configuration-node',
  });
});

test('reasoning is no text, whatever its form', async () => {
  const forms = [
    { content: 'Hi', reasoning_content: 'hm' },
    { content: '<think>hm</think>\n\nHi' },
    { content: [{ type: 'thinking', thinking: 'hm' }, 'Hi'] },
    { content: 'hm</think>\n\nHi' },
  ];
  for (const message of forms) {
    answering(completion(message));
    const own = { messages: [{ type: 'human', content: 'Hello' }] };
    const { message: answer } = await (await givenModel()).generate(ASKED, { [OWN_CALL]: own });
    expect(answer.content).toStrictEqual([{ type: 'text', text: 'Hi' }]);
    expect(own).toMatchObject({ answer: { reasoning: 'hm' } });
  }
  answering(stream([{ content: '<thi' }, { content: 'nk>hm</thin' }, { content: 'k>Hi' }]));
  expect(textsOf(await chunksOf(await givenModel()))).toBe('Hi');
});

test('a refusal is the text of the answer', async () => {
  answering(completion({ content: null, refusal: 'I will not.' }));
  const { message } = await (await givenModel()).generate(ASKED);
  expect(message.content).toStrictEqual([{ type: 'text', text: 'I will not.' }]);
  answering(stream([{ refusal: 'I will ' }, { refusal: 'not.' }]));
  expect(textsOf(await chunksOf(await givenModel()))).toBe('I will not.');
});

const tools = [{ name: 'f', description: 'F', inputSchema: { type: 'object' } }];
const SENT_TOOLS = [
  { type: 'function', function: { name: 'f', description: 'F', parameters: { type: 'object' } } },
];
test.each([
  [undefined, undefined],
  ['any', 'required'],
  ['auto', 'auto'],
  ['f', { type: 'function', function: { name: 'f' } }],
  [
    { type: 'function', function: { name: 'f' } },
    { type: 'function', function: { name: 'f' } },
  ],
])('tools are sent with the choice of one: %j', async (toolChoice, sent) => {
  const { bodies } = answering(completion({ content: 'Hi' }));
  const model = (await givenModel()).withTools(tools).withTools(tools);
  await model.generate(ASKED, { [OWN_CALL]: { messages: [], toolChoice } });
  expect(bodies()[0]).toStrictEqual({
    model: 'emulator/chat',
    messages: [],
    tools: SENT_TOOLS,
    ...(sent !== undefined && { tool_choice: sent }),
  });
});

test('without tools no choice is sent', async () => {
  const { bodies } = answering(completion({ content: 'Hi' }));
  await (await givenModel()).generate(ASKED, { [OWN_CALL]: { messages: [], toolChoice: 'any' } });
  expect(bodies()[0]).not.toHaveProperty('tool_choice');
});

test('by the SDK’s contract alone, calls and results are sent, too', async () => {
  const { bodies } = answering(completion({ content: 'Hi' }));
  const content: SdkContent[] = [
    { type: 'text', text: 'I ask.' },
    { type: 'tool-call', toolCallId: 'c#0a1b2c3d', toolName: 'f', input: '{"x":1}' },
  ];
  const result = { type: 'tool-result', toolCallId: 'c#0a1b2c3d', result: '42' };
  await (
    await givenModel()
  ).generate([
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    ...ASKED,
    { role: 'assistant', content },
    { role: 'tool', content: [result] },
  ]);
  expect(bodies()[0]).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: 'I ask.',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: '42' },
    ],
  });
});

test('half an emoji goes out as a character that servers take', async () => {
  const { sent } = answering(completion({ content: 'Hi' }));
  const messages = [{ type: 'human', content: 'cut \ud83d' }];
  const model = (await givenModel()).withTools([{ ...tools[0]!, description: '\ude00' }]);
  await model.generate(ASKED, { [OWN_CALL]: { messages } });
  const body = String(sent[0]?.body);
  expect(body).toContain('cut \\ufffd');
  expect(body).not.toMatch(/\\ud[89a-f]/i);
});

test('a rate limit is waited for, and the call is repeated', async () => {
  const { sent } = answering(
    { status: 429, headers: { 'retry-after': '0' }, body: '{"error":"slow"}' },
    completion({ content: 'Hi' }),
  );
  await (await givenModel()).generate(ASKED);
  expect(sent).toHaveLength(2);
});

test('an error is the sub-node’s own, and says what to do', async () => {
  answering({ status: 401, body: '{"error":"no"}' });
  const error = await (await givenModel()).generate(ASKED).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(NodeApiError);
  expect(error).toMatchObject({
    message: 'Baseten refused the API key',
    description: expect.stringContaining('Check the API key in the credential'),
    httpCode: '401',
    functionality: 'configuration-node',
  });
});

test('the error of a stream says all of it in its description', async () => {
  answering({ status: 401, body: '{"error":"no"}' });
  const error = await chunksOf(await givenModel()).catch((cause: unknown) => cause);
  expect(error).toMatchObject({
    message: 'Baseten refused the API key',
    description: expect.stringMatching(/^Baseten refused the API key\. Check the API key/),
  });
});

test('a stream that is cut is an error, with what came', async () => {
  answering(stream([{ content: 'Hello' }]).slice(0, 80));
  const texts: string[] = [];
  const reading = async () => {
    for await (const each of (await givenModel()).stream(ASKED))
      if (each.type === 'text-delta') texts.push(each.delta);
  };
  await expect(reading()).rejects.toMatchObject({
    message: expect.stringMatching(/broke off before its end$/),
  });
  answering(`${stream([{ content: 'Hello' }]).slice(0, 90)}\n\ndata: {"error":"x"}\n\n`);
  await expect(reading()).rejects.toBeInstanceOf(NodeApiError);
});

test.each(['whole', 'streamed'])('no error shows the key: %s', async (how) => {
  const echo = JSON.stringify({ error: { message: 'Bearer key-1234567890 is wrong', code: 400 } });
  const credential = { apiKey: 'key-1234567890' };
  const broken = `data: ${JSON.stringify(chunk({ content: 'key-1234567890' }))}\n\n`;
  for (const response of [{ status: 400, body: echo }, { body: echo }, { body: broken }]) {
    answering({ headers: EVENTS, ...response });
    const model = await givenModel({ parameters: MODEL_API, credential });
    const asking = how === 'whole' ? model.generate(ASKED) : chunksOf(model);
    const error = (await asking.catch((cause: unknown) => cause)) as NodeApiError;
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify([error, error.message, error.description])).not.toContain('1234567890');
  }
});

test.each(['call', 'execution'])(
  'an abort of the %s stops the request and stays one',
  async (who) => {
    const abort = new AbortController();
    const isAsked = new Promise<void>((resolve) => {
      fakeHttp('fetch', async ({ signal }) => {
        resolve();
        return await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      });
    });
    const model = await givenModel(who === 'execution' ? { cancel: abort.signal } : {});
    const asking = model.generate(ASKED, who === 'call' ? { signal: abort.signal } : {});
    await isAsked;
    abort.abort();
    const error: unknown = await asking.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(error).not.toBeInstanceOf(NodeOperationError);
  },
);

test('who stops reading closes the stream', async () => {
  let signal: AbortSignal | undefined;
  fakeHttp('fetch', async (request) => {
    signal = request.signal;
    async function* body() {
      yield Buffer.from(`data: ${JSON.stringify(chunk({ content: 'Hello' }))}\n\n`);
      await new Promise((_, reject) =>
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error)),
      );
    }
    return { headers: EVENTS, body: body() };
  });
  for await (const each of (await givenModel()).stream(ASKED)) {
    expect(each).toStrictEqual({ type: 'text-delta', delta: 'Hello' });
    break;
  }
  expect(signal?.aborted).toBe(true);
});

test('JSON though a stream was asked for is one piece', async () => {
  answering(completion({ content: 'Hi' }));
  expect(textsOf(await chunksOf(await givenModel()))).toBe('Hi');
});
