import {
  splitThinking,
  ThinkingSplitter,
} from '../../../../../../nodes/Baseten/actions/chat/protocol/thinking';

test.each([
  ['no block', 'Hello', 'Hello', ''],
  ['a block', '<think>\nhm\n</think>\n\nHello', 'Hello', '\nhm\n'],
  ['two blocks', '<think>a</think>\n<think>b</think> Hello', 'Hello', 'ab'],
  ['an empty block', '<think></think>Hello', 'Hello', ''],
  ['a block that is cut off', '<think>so far', '', 'so far'],
  ['a closing tag that is cut off', '<think>so far</thi', '', 'so far</thi'],
  ['nothing behind the block', '<think>a</think>\n', '', 'a'],
  ['a block further on', 'Write <think>a</think>', 'Write <think>a</think>', ''],
  ['a look-alike', '<thinking>a', '<thinking>a', ''],
  ['the beginning of a tag', '<thi', '<thi', ''],
  ['space in front', '  Hello ', '  Hello ', ''],
  ['nothing', '', '', ''],
])('%s is told from the answer, however the text is cut', (_name, text, content, reasoning) => {
  expect(splitThinking(text)).toStrictEqual({ content, reasoning });
  const splitter = new ThinkingSplitter();
  const pieces = [...[...text].map((letter) => splitter.push(letter)), splitter.end()];
  expect(pieces.map((piece) => piece.content).join('')).toBe(content);
  expect(pieces.map((piece) => piece.reasoning).join('')).toBe(reasoning);
});

test('text is passed on as soon as it can be no tag', () => {
  const splitter = new ThinkingSplitter();
  expect(splitter.push('<th').content).toBe('');
  expect(splitter.push('e').content).toBe('<the');
  expect(splitter.push(' fox').content).toBe(' fox');
});
