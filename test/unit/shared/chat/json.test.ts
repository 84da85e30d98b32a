import { cpuTimeOf } from '../../../support/cpuTime';
import { findJson } from '../../../../nodes/shared/chat/json';

const FENCE = '```';
const A = { a: 1 };

test.each([
  ['alone', '{"a":1}', A],
  ['in space', ' \n[1] ', [1]],
  ['null', 'null', null],
  ['in a block', `${FENCE}json\n{"a":1}\n${FENCE}`, A],
  ['in a block without a language', `${FENCE}\n{"a":1}\n${FENCE}`, A],
  ['in a block on one line', `${FENCE}json {"a":1} ${FENCE}`, A],
  ['in a block on one line without spaces', `${FENCE}JSON{"a":1}${FENCE}`, A],
  ['in a block on one line without a language', `${FENCE}{"a":1}${FENCE}`, A],
  ['a single word in a block', `${FENCE}true${FENCE}`, true],
  ['in a block with prose around it', `Sure!\n\n${FENCE}json\n{"a":1}\n${FENCE}\nBye.`, A],
  ['in a block without its end', `${FENCE}json\n{"a":1}`, A],
  ['with code inside', `${FENCE}json\n{"a":"${FENCE}js${FENCE}"}\n${FENCE}`, { a: '```js```' }],
  ['in one of several blocks', `${FENCE}js\nf()\n${FENCE}\n${FENCE}\n[1]\n${FENCE}`, [1]],
  ['with carriage returns', `${FENCE}json\r\n{"a":1}\r\n${FENCE}`, A],
])('JSON is found in an answer: %s', (_name, answer, value) => {
  expect(findJson(answer)).toStrictEqual({ value });
});

test.each([
  ['none', 'Hello'],
  ['nothing', ''],
  ['half of it', '{"a":'],
  ['half of it in a block', `${FENCE}json\n{"a":`],
  ['several blocks of it', `${FENCE}\n1\n${FENCE}\n${FENCE}\n2\n${FENCE}`],
  ['an empty block', `${FENCE}${FENCE}`],
])('an answer has no JSON: %s', (_name, answer) => {
  expect(findJson(answer)).toBeUndefined();
});

test.each([
  ['a fence and line breaks', FENCE + '\n'.repeat(1_000_000)],
  ['fences', FENCE.repeat(300_000)],
  ['a fence and blanks', `${FENCE}json${' '.repeat(1_000_000)}x`],
  ['a fence and a long word', FENCE + 'x'.repeat(1_000_000)],
])('1 MB of %s is read in a fraction of a second', async (_name, answer) => {
  expect(await cpuTimeOf(() => findJson(answer))).toBeLessThan(5000);
});
