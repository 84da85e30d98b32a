import type { AssistantMessage, ChatCompletion } from '../../../../nodes/shared/chat/types';
import { simplify, toCompletion } from '../../../../nodes/shared/chat/completion';
import type { BasetenError } from '../../../../nodes/shared/errors/basetenError';

const SUBJECT = 'Model API org/model';
const completion = (message: AssistantMessage, finish_reason = 'stop'): ChatCompletion => ({
  model: 'org/model',
  choices: [{ index: 0, message, finish_reason }],
  usage: { total_tokens: 7 },
});
const simplified = (message: AssistantMessage, asksJson = false, finishReason = 'stop') =>
  simplify(completion(message, finishReason), asksJson, SUBJECT);

/** The error about a completion with this message. */
function failure(message: AssistantMessage, asksJson = true, finishReason = 'stop'): BasetenError {
  try {
    simplified(message, asksJson, finishReason);
  } catch (error) {
    return error as BasetenError;
  }
  throw new Error('It did not fail');
}
const calling = (text: string) => ({
  content: null,
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'add', arguments: text } }],
});

test('a simple completion has the same fields, whatever the model left out', () => {
  expect(simplified({ content: 'Hello' })).toStrictEqual({
    content: 'Hello',
    reasoning: '',
    toolCalls: [],
    finishReason: 'stop',
    usage: { total_tokens: 7 },
    model: 'org/model',
  });
  expect(simplify({ choices: [{ message: {} }] }, false, SUBJECT)).toStrictEqual({
    content: '',
    reasoning: '',
    toolCalls: [],
    finishReason: '',
    usage: {},
    model: '',
  });
});

test.each([
  ['reasoning_content', { reasoning_content: 'hm', content: 'Hello' }],
  ['reasoning', { reasoning: 'hm', content: 'Hello' }],
  ['both', { reasoning_content: 'hm', reasoning: 'hm', content: 'Hello' }],
  ['a <think> block', { content: '<think>\nhm\n</think>\n\nHello' }],
])('reasoning that comes as %s is separated from the content', (_name, message) => {
  expect(simplified(message)).toMatchObject({ content: 'Hello', reasoning: 'hm' });
});

test.each([
  ['speaks of the closing tag', 'It ends with\n</think>\nand goes on.', undefined],
  ['has a closing tag left in front', '</think>\n\nHello', 'Hello'],
  ['has a block in front', '<think>so</think>Hello', 'Hello'],
])('a text beside reasoning in a field of its own: %s', (_name, content, expected = content) => {
  expect(simplified({ reasoning_content: 'hm', content })).toMatchObject({
    content: expected,
    reasoning: expect.stringMatching(/^hm(\nso)?$/),
  });
});

test('content in parts becomes one text', () => {
  expect(
    simplified({
      content: [
        { type: 'text', text: 'Hel' },
        { type: 'text', text: 'lo' },
      ],
    }).content,
  ).toBe('Hello');
});

test.each([
  ['{"a": 1}', { a: 1 }],
  ['', {}],
])('tool calls have their arguments %j parsed', (text, expected) => {
  expect(simplified(calling(text), false, 'tool_calls').toolCalls).toStrictEqual([
    { id: 'call_1', name: 'add', arguments: expected },
  ]);
});

test('arguments that a server has parsed already are kept', () => {
  const message = {
    tool_calls: [{ function: { name: 'add', arguments: { a: 1 } } }],
  } as unknown as AssistantMessage;
  expect(simplified(message).toolCalls).toStrictEqual([
    { id: 'call_1', name: 'add', arguments: { a: 1 } },
  ]);
});

test('the error about broken arguments names the tool and shows the text', () => {
  const error = failure(calling('{"a": '), false, 'length');
  expect(error.message).toBe(
    'The arguments with which Model API org/model calls the tool add are not valid JSON',
  );
  expect(error.hint).toMatch(/limit of tokens.*\nThey were: \{"a": $/s);
});

test.each([
  ['an object', '{"a":1}', { a: 1 }],
  ['a list', ' [1] ', [1]],
  ['null', 'null', null],
  ['an object after its reasoning', '<think>{</think>{"a":1}', { a: 1 }],
  ['an object in a block of Markdown', '```json\n{"a":1}\n```', { a: 1 }],
])('JSON is parsed if the request asked for it: %s', (_name, content, json) => {
  expect(simplified({ content }, true).json).toStrictEqual(json);
});

test('JSON that was not asked for stays text', () => {
  expect(simplified({ content: '{"a":1}' })).not.toHaveProperty('json');
});

test('a model that calls a tool need not have JSON yet', () => {
  expect(simplified(calling('{}'), true)).not.toHaveProperty('json');
});

test('the error about broken JSON shows its text', () => {
  const error = failure({ content: 'Sure! {"a":' });
  expect(error).toMatchObject({
    kind: 'response',
    message: 'The answer of Model API org/model is not valid JSON',
  });
  expect(error.hint).toMatch(/It was: Sure! \{"a":$/);
  expect(error.hint).not.toMatch(/limit of tokens/);
});

test('the error about JSON that was cut off says that the limit of tokens is why', () => {
  expect(failure({ content: '{"a":' }, true, 'length').hint).toMatch(
    /^The answer reached the limit of tokens/,
  );
});

test('the error about missing JSON says that the answer is empty, or shows the refusal', () => {
  expect(failure({ content: null }).message).toBe(
    'Model API org/model gave no JSON: its answer is empty',
  );
  expect(failure({ content: null, refusal: 'I will not.' }).hint).toMatch(/It was: I will not\.$/);
});

test('the error shortens a long text', () => {
  expect(failure({ content: 'x'.repeat(5000) }).hint.length).toBeLessThan(1300);
});

test('the error about an answer gives all of it', () => {
  const text = `Sure! {"a": ${'1'.repeat(5000)}`;
  expect(failure({ content: text, reasoning: 'hm' }).received).toStrictEqual({
    content: text,
    reasoning: 'hm',
    toolCalls: [],
    finishReason: 'stop',
  });
  expect(failure(calling('{"a": '), false).received).toMatchObject({
    toolCalls: [{ id: 'call_1', name: 'add', arguments: '{"a": ' }],
  });
});

test('a tool call without a name is an error', () => {
  const message = {
    tool_calls: [{ function: { arguments: '{}' } }],
  } as unknown as AssistantMessage;
  expect(failure(message, false).message).toBe(
    'The answer of Model API org/model calls a tool without its name',
  );
});

test('a refusal is a field of its own', () => {
  expect(simplified({ content: null, refusal: 'I will not.' })).toMatchObject({
    content: '',
    refusal: 'I will not.',
  });
  expect(simplified({ content: 'Hello', refusal: null })).not.toHaveProperty('refusal');
});

test('all choices come out, if there are several', () => {
  const choice = (index: number, content: string) => ({
    index,
    message: { content },
    finish_reason: 'stop',
  });
  const both = simplify({ choices: [choice(0, '1'), choice(1, '2')] }, true, SUBJECT);
  expect(both).toMatchObject({ content: '1', json: 1 });
  expect(both.choices).toMatchObject([
    { content: '1', json: 1, finishReason: 'stop' },
    { content: '2', json: 2, finishReason: 'stop' },
  ]);
  expect(simplified({ content: 'one' })).not.toHaveProperty('choices');
});

const SOURCE = { subject: SUBJECT, apiKey: 'key-1234567890' };
const ODD = [{}, { choices: [] }, { choices: [{ text: 'x' }] }];
test.each(ODD)('%j is not a completion', (json) => {
  expect(() => toCompletion(json, SOURCE)).toThrow(
    'The response of Model API org/model is not a chat completion',
  );
});
