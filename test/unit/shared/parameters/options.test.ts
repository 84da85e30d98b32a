import { readNumber, readWholeNumber } from '../../../../nodes/shared/parameters/options';

const TIMEOUT = { name: 'timeout', label: 'Timeout', range: [1, 3600], fallback: 300 } as const;

test.each([undefined, null, '', ' ', '\n'])('an option that is %j is not set', (timeout) => {
  expect(readNumber({ timeout }, TIMEOUT)).toBe(300);
});

test.each([
  [5, 5],
  ['7.5', 7.5],
  [' 12 ', 12],
])('an option that is %j is %s', (timeout, expected) => {
  expect(readNumber({ timeout }, TIMEOUT)).toBe(expected);
});

test.each([true, false, [5], { a: 1 }, 'soon', Number.NaN, 0, 4000])(
  'an option that is %j is an error that names it',
  (timeout) => {
    expect(() => readWholeNumber({ timeout }, TIMEOUT)).toThrow(
      `Timeout can't be ${JSON.stringify(timeout)}`,
    );
  },
);
