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
  ['nothing after the block', '<think>a</think>\n', '', 'a'],
  ['a block inside the answer', 'Write <think>a</think>', 'Write <think>a</think>', ''],
  ['a similar tag', '<thinking>a', '<thinking>a', ''],
  ['the beginning of a tag', '<thi', '<thi', ''],
  ['space in front', '  Hello ', '  Hello ', ''],
  ['nothing', '', '', ''],
])(
  'reasoning is separated from the answer, however the text is cut: %s',
  (_name, text, content, reasoning) => {
    expect(splitThinking(text)).toStrictEqual({ content, reasoning });
    const splitter = new ThinkingSplitter();
    const pieces = [...[...text].map((letter) => splitter.push(letter)), splitter.end()];
    expect(pieces.map((piece) => piece.content).join('')).toBe(content);
    expect(pieces.map((piece) => piece.reasoning).join('')).toBe(reasoning);
  },
);

test('text is passed on as soon as it cannot become a tag', () => {
  const splitter = new ThinkingSplitter();
  expect(splitter.push('<th').content).toBe('');
  expect(splitter.push('e').content).toBe('<the');
  expect(splitter.push(' fox').content).toBe(' fox');
});
