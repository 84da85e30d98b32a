import { setAt, takeAt } from '../../../../nodes/shared/payload/dataPath';

test('setting a value makes objects on the way and goes into lists', () => {
  const data = { list: [{ a: 1 }] };
  setAt(data, 'list.0.b', 2);
  setAt(data, 'list.1', 3);
  setAt(data, 'deep.er.still', 4);
  expect(data).toStrictEqual({ list: [{ a: 1, b: 2 }, 3], deep: { er: { still: 4 } } });
});

test.each(['', 'a..b', '__proto__.polluted', 'a.constructor.b', 'prototype'])(
  'path %j is refused',
  (path) => {
    expect(() => setAt({}, path, 1)).toThrow(/can't be used as a path/);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  },
);

test('a path through a value, or past the end of a list, is refused', () => {
  expect(() => setAt({ a: 1 }, 'a.b', 1)).toThrow(/already holds a value/);
  expect(() => setAt({ a: [] }, 'a.5', 1)).toThrow(/in a list of 0/);
});

test('taking a value removes its field and leaves null in a list', () => {
  const data = { a: { b: 1 }, list: ['x', 'y'], none: null };
  expect([
    takeAt(data, 'a.b'),
    takeAt(data, 'list.0'),
    takeAt(data, 'no.such'),
    takeAt(data, 'list.9'),
    takeAt(data, 'none'),
  ]).toStrictEqual([1, 'x', undefined, undefined, undefined]);
  expect(data).toStrictEqual({ a: {}, list: [null, 'y'], none: null });
});

test.each(['1e0', '0x1', '-0', '+1', 'length'])('%s is not a position in a list', (step) => {
  expect([
    takeAt(['a', 'b'], step),
    takeAt({ list: [['a'], ['b']] }, `list.${step}.0`),
  ]).toStrictEqual([undefined, undefined]);
  expect(() => setAt({ list: ['a'] }, `list.${step}`, 1)).toThrow(/in a list of 1/);
});
