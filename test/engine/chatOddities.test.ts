import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { credentialFor, useEmulator } from '../support/emulator';
import { byId, chat } from '../support/parameters';
import { runStreaming } from '../support/chatStreaming';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const TEXT = 'Simulated answer to "Hello".';
const calculator = {
  type: 'function',
  function: {
    name: 'calculator',
    parameters: { type: 'object', properties: { input: { type: 'string' } } },
  },
};
const TWO_CALLS = { prompt: 'Work out 6*7 and 2+3', options: { tools: [calculator] } };
const ONE_CALL = { ...TWO_CALLS, prompt: 'Work out 6*7' };

/** What a server is like, asked once without streaming and once with it. */
async function askBoth(oddity: string, parameters: INodeParameters = {}) {
  const settings = {
    credential: credentialFor(emulator()),
    parameters: chat({ model: byId(`odd/${oddity}`), ...parameters }),
  };
  const whole = await runBaseten(settings);
  const streamed = await runStreaming(settings);
  return { whole, streamed, json: [whole, streamed].map(({ items }) => items[0]?.json ?? {}) };
}

test.each([
  'one-line-break',
  'keep-alive-data',
  'json-lines',
  'no-type',
  'message-at-end',
  'stream-always',
  'stream-never',
  'parts',
])('an answer is the same from a server that sends %s', async (oddity) => {
  const { json, streamed } = await askBoth(oddity);
  for (const answer of json) expect(answer).toMatchObject({ content: TEXT, finishReason: 'stop' });
  expect(streamed.texts.join('')).toBe(TEXT);
});

test.each(['thinking-parts', 'reasoning-details', 'closing-tag'])(
  'reasoning is parted from the answer of a server that sends %s',
  async (oddity) => {
    const { json } = await askBoth(oddity);
    for (const answer of json)
      expect(answer).toMatchObject({ content: TEXT, reasoning: 'The user writes.' });
  },
);

const inputs = (answer: IDataObject) =>
  (answer.toolCalls as Array<{ arguments: IDataObject }>).map((call) => call.arguments.input);
const ids = (answer: IDataObject) => (answer.toolCalls as IDataObject[]).map(({ id }) => id);

test.each([
  ['id-emptied', TWO_CALLS],
  ['index-zero', TWO_CALLS],
  ['no-index', TWO_CALLS],
  ['no-id', TWO_CALLS],
  ['name-in-pieces', TWO_CALLS],
  ['arguments-object', TWO_CALLS],
  ['arguments-twice', TWO_CALLS],
  ['call-alone', ONE_CALL],
  ['function-call', ONE_CALL],
])('tool calls are the same from a server that sends %s', async (oddity, parameters) => {
  const { json } = await askBoth(oddity, parameters);
  for (const answer of json) {
    expect(inputs(answer)).toStrictEqual(['6*7', '2+3'].slice(0, parameters === ONE_CALL ? 1 : 2));
    expect(new Set(ids(answer)).size).toBe(inputs(answer).length);
    expect(ids(answer)).not.toContain('');
  }
});

test('blank arguments of a tool call are none', async () => {
  const { json } = await askBoth('arguments-blank', ONE_CALL);
  for (const answer of json) expect(answer.toolCalls).toMatchObject([{ arguments: {} }]);
});

test('JSON in a block of code on one line is read', async () => {
  const { json } = await askBoth('fenced', { options: { responseFormat: 'json_object' } });
  for (const answer of json) expect(answer.json).toStrictEqual({ answer: TEXT });
});

test('JSON behind reasoning whose prompt opened it is read', async () => {
  const { json } = await askBoth('closing-tag', { options: { responseFormat: 'json_object' } });
  for (const answer of json) expect(answer.json).toStrictEqual({ answer: TEXT });
});

const hintsOf = (run: Awaited<ReturnType<typeof runBaseten>>['run']) =>
  run.data.resultData.runData.Baseten?.[0]?.hints?.map(({ message }) => message) ?? [];

test('a refusal comes out, with a hint', async () => {
  const { json, whole } = await askBoth('refusal');
  for (const answer of json)
    expect(answer).toMatchObject({ content: '', refusal: 'I will not answer.' });
  expect(hintsOf(whole.run)).toStrictEqual([expect.stringMatching(/^The model refused to answer/)]);
});

test('an answer that a filter withheld has a hint', async () => {
  const { json, whole } = await askBoth('filtered');
  for (const answer of json)
    expect(answer).toMatchObject({ content: '', finishReason: 'content_filter' });
  expect(hintsOf(whole.run)).toStrictEqual([expect.stringMatching(/^A content filter withheld/)]);
});

test('an error under status 200 is told and repeated like its own status', async () => {
  const { whole, streamed } = await askBoth('error-200', { options: { maxRetries: 1 } });
  for (const { error } of [whole, streamed]) {
    expect(error).toMatchObject({ httpCode: '429' });
    expect(error?.description).toMatch(/Simulated: too many requests/);
  }
  expect(emulator().requests).toHaveLength(4);
});

test('a web page is told as that', async () => {
  const { whole, streamed } = await askBoth('page');
  for (const { error } of [whole, streamed]) {
    expect(error?.message).toBe(
      'The response of Model API odd/page is a web page and not a chat completion',
    );
    expect(error?.description).toMatch(/Its title is: Simulated gateway/);
  }
  expect(emulator().requests).toHaveLength(2);
});
