import { cpuTimeOf } from '../../../support/cpuTime';
import { splitThinking, ThinkingFilter } from '../../../../nodes/shared/chat/thinking';

/** What is let through of a text that comes letter by letter. */
function letThrough(text: string): string {
  const filter = new ThinkingFilter();
  return [...text].map((letter) => filter.push(letter)).join('');
}

test.each([
  ['no block', 'Hello', 'Hello', ''],
  ['a block', '<think>\nhm\n</think>\n\nHello', 'Hello', '\nhm\n'],
  ['two blocks', '<think>a</think>\n<think>b</think> Hello', 'Hello', 'ab'],
  ['an empty block', '<think></think>Hello', 'Hello', ''],
  ['a block that is cut off', '<think>so far', '', 'so far'],
  ['a closing tag that is cut off', '<think>so far</thi', '', 'so far</thi'],
  ['nothing after the block', '<think>a</think>\n', '', 'a'],
  ['a block inside the answer', 'Write <think>a</think>', 'Write <think>a</think>', ''],
  ['a block inside an answer after a block', '<think>a</think>b <think>c', 'b <think>c', 'a'],
  ['a similar tag', '<thinking>a', '<thinking>a', ''],
  ['the beginning of a tag', '<thi', '<thi', ''],
  ['space in front', '  Hello ', '  Hello ', ''],
  ['nothing', '', '', ''],
])(
  'reasoning is parted from the answer, however the text is cut: %s',
  (_name, text, content, reasoning) => {
    expect(splitThinking(text)).toStrictEqual({ content, reasoning });
    expect(content.startsWith(letThrough(text))).toBe(true);
  },
);

const GREETING = 'The user greets me.';
test.each([
  ['on a line of its own', `${GREETING}\n</think>\n\nHello there!`, GREETING],
  ['right after the last word', `${GREETING}</think>Hello there!`, GREETING],
  ['after a sentence', `${GREETING} </think> Hello there!`, GREETING],
  ['with nothing in front', '</think>\n\nHello there!', ''],
  ['before a blank', `${GREETING.slice(0, -1)} </think> Hello there!`, 'The user greets me'],
  ['after a mention in code', 'I end with `</think>`.\n</think>\nHello there!', /`\.$/],
  ['after a mention in quotes', 'I write "</think>" now.\n</think>\nHello there!', /now\.$/],
  ['after a pair of tags', 'Not <think>x</think>.\n</think>\nHello there!', /x<\/think>\.$/],
  ['after an opening tag in code', 'No `<think>` here.\n</think>\nHello there!', /here\.$/],
  ['after a mention as a word', 'The </think> ends it.\n</think>\nHello there!', /ends it\.$/],
  ['after a fence', '```\n</think>\n```\nOK.\n</think>\nHello there!', /OK\.$/],
])('a closing tag without an opening one ends the reasoning: %s', (_name, text, reasoning) => {
  const split = splitThinking(text, 'stop');
  expect(split.content).toBe('Hello there!');
  expect(split.reasoning.trim()).toEqual(
    typeof reasoning === 'string' ? reasoning : expect.stringMatching(reasoning),
  );
});

test('an answer of digits or JSON is parted where a sentence would not be', () => {
  expect(splitThinking('Six times seven </think> 42')).toMatchObject({ content: '42' });
  expect(splitThinking('I write JSON </think> {"a":1}')).toMatchObject({ content: '{"a":1}' });
  expect(splitThinking('<think> 6 * 7 = 42</think>42')).toMatchObject({ content: '42' });
});

test.each([
  ['at once', '</think>\n\nHello', 'Hello'],
  ['after a line break', '\n</think>Hello', 'Hello'],
  ['and says no more', '</think>', ''],
])('a block that the prompt opened and the model closes never goes out: %s', (_name, text, out) => {
  expect(letThrough(text)).toBe(out);
  expect(splitThinking(text).content).toBe(out);
});

test.each([
  ['in code', 'Models end with `</think>` and go on.'],
  ['in a block of code', 'Like this:\n```\nhm\n</think>\nHi\n```\nDone.'],
  ['in quotes', 'Models end with "</think>" and go on.'],
  ['in quotes of print', 'Models end with “</think>” and go on.'],
  ['in brackets', 'The tag (</think>) ends it.'],
  ['as a word of a sentence', 'The tag </think> ends the block.'],
  ['as the last word of a sentence', 'Each block ends with </think>. Then comes the answer.'],
  ['as the first word', '</think> is the tag that ends a block.'],
  ['in a list', '- </think>: ends a block'],
  ['with its partner', 'A block is <think>hm</think> and then the answer.'],
  ['in JSON', '{"text": "hm.\\n</think>\\n\\nHello"}'],
])('a closing tag that an answer only mentions stays in it: %s', (_name, text) => {
  expect(splitThinking(text, 'stop')).toStrictEqual({ content: text, reasoning: '' });
  expect(letThrough(text)).toBe(text);
});

test.each([
  ['that the answer never closes', '<think> is a tag.'],
  ['and closed in a sentence', '<think> opens a block, and </think> closes it.'],
  ['before a full stop', '<think>. That is the tag.'],
])('an answer may begin with the opening tag as text: %s', (_name, text) => {
  expect(splitThinking(text, 'stop')).toStrictEqual({ content: text, reasoning: '' });
  expect(text.startsWith(letThrough(text))).toBe(true);
});

test('a block that begins in small letters ends at its closing tag', () => {
  expect(splitThinking('<think> okay\n</think>\n\nHello', 'stop')).toStrictEqual({
    content: 'Hello',
    reasoning: ' okay\n',
  });
});

test('text is passed on as soon as it cannot become a tag', () => {
  const filter = new ThinkingFilter();
  expect(['<th', 'e', ' fox'].map((text) => filter.push(text))).toStrictEqual(['', '<the', ' fox']);
});

test.each([
  ['blanks', ' '],
  ['blocks', '<think>a</think>'],
  ['closing tags', '</think> '],
  ['closing tags in code', '`</think>` '],
  ['opening tags in sentences', '<think> is '],
  ['marks of code', '`'],
  ['marks of code after blanks', '   ```\n'],
])('1 MB of %s is parted in a fraction of a second', async (_name, piece) => {
  const text = piece.repeat(1_000_000 / piece.length);
  const taken = await cpuTimeOf(() => {
    const { content, reasoning } = splitThinking(text, 'stop');
    expect(content.length + reasoning.length).toBeLessThanOrEqual(text.length);
    const filter = new ThinkingFilter();
    for (let at = 0; at < text.length; at += 10) filter.push(text.slice(at, at + 10));
  });
  expect(taken).toBeLessThan(5000);
});
