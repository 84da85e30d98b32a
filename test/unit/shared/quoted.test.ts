import { quoted } from '../../../nodes/shared/quoted';

test.each<[unknown, string]>([
  ['a "b"\nc', '"a \\"b\\"\\nc"'],
  ['', '""'],
  [{ a: [1] }, '{"a":[1]}'],
  [null, 'null'],
  [undefined, 'nothing'],
  [10n, 'a bigint'],
  [() => 1, 'a function'],
])('%p is shown as %s', (value, shown) => {
  expect(quoted(value)).toBe(shown);
});

test('of a long value its beginning is shown', () => {
  expect(quoted('x'.repeat(201))).toBe(`"${'x'.repeat(200)}…"`);
  expect(quoted('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
  expect(quoted(Array(300).fill(1))).toMatch(/^\[1,.{197},?…$/);
});
