import { placeAt, readAt, withValues } from '../../../../nodes/shared/payload/dataPath';

type Data = Record<string, unknown>;
const put = (start: Data, ...placed: Array<[path: string, value: unknown]>) =>
  withValues(
    start,
    placed.map(([path, value]) => ({ path, value })),
  );

test('putting values makes objects on the way and goes into lists', () => {
  const data = { list: [{ a: 1 }] };
  expect(put(data, ['list.0.b', 2], ['list.1', 3], ['deep.er.still', 4])).toStrictEqual({
    list: [{ a: 1, b: 2 }, 3],
    deep: { er: { still: 4 } },
  });
  expect(data).toStrictEqual({ list: [{ a: 1 }] });
});

test('numbers from 0 on make a list, in any order; other numbers are names', () => {
  expect(
    put(
      {},
      ['inputs.1.audio', 'b'],
      ['inputs.0.audio', 'a'],
      ['nodes.3.seed', 7],
      ['nodes.4.seed', 8],
      ['deep.0.0', 'x'],
    ),
  ).toStrictEqual({
    inputs: [{ audio: 'a' }, { audio: 'b' }],
    nodes: { 3: { seed: 7 }, 4: { seed: 8 } },
    deep: [['x']],
  });
});

test('an object that was given stays an object, whatever its names are', () => {
  expect(put({ byPlace: { 0: 'a' } }, ['byPlace.1', 'b'])).toStrictEqual({
    byPlace: { 0: 'a', 1: 'b' },
  });
});

test('a backslash makes a dot part of a name', () => {
  expect(put({}, ['a\\.b.c\\\\', 1])).toStrictEqual({ 'a.b': { 'c\\': 1 } });
  expect(readAt({ 'a.b': [1] }, 'a\\.b.0')).toBe(1);
});

test('a value that a path goes into is not changed', () => {
  const options = { seed: 1, deep: { a: 1 }, list: [{ b: 1 }] };
  const before = structuredClone(options);
  const made = put({}, ['options', options], ['options.seed', 2], ['options.list.0.b', 2]);
  expect(made).toStrictEqual({ options: { seed: 2, deep: { a: 1 }, list: [{ b: 2 }] } });
  expect(options).toEqual(before);
});

test('a date is a value without fields, and stays what it is', () => {
  const when = new Date(0);
  expect(put({}, ['when', when]).when).toBe(when);
  expect(() => put({ when }, ['when.year', 1])).toThrow(/already holds a value/);
});

test.each(['', '.', 'a.', 'a..b', '__proto__.polluted', 'a.constructor.b', 'prototype'])(
  'path %j is refused',
  (path) => {
    expect(() => put({}, [path, 1])).toThrow(/can't be used as a path/);
    expect(() => placeAt({}, path)).toThrow(/can't be used as a path/);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  },
);

test('a path through a value, or past the end of a list, is refused', () => {
  expect(() => put({ a: 1 }, ['a.b', 1])).toThrow(/already holds a value/);
  expect(() => put({ a: [] }, ['a.5', 1])).toThrow(/in a list of 0/);
});

test('a path that is given twice, or would replace what is inside it, is refused', () => {
  expect(() => put({}, ['a.b', 1], [' a . b ', 2])).toThrow('The path " a . b " is given twice');
  expect(() => put({}, ['a.b', 1], ['a', {}])).toThrow(
    'The path "a" would replace the fields inside it',
  );
  expect(put({ a: 1 }, ['a', 2])).toStrictEqual({ a: 2 });
});

test('the place of a value is known with all that it stands in', () => {
  const data = { a: { b: 1 }, list: ['x', 'y'], none: null };
  expect(placeAt(data, 'a.b')).toStrictEqual({
    holder: data.a,
    key: 'b',
    above: { holder: data, key: 'a', above: undefined },
  });
  expect(placeAt(data, 'list.0')).toMatchObject({ holder: data.list, key: 0 });
  expect(
    ['no.such', 'list.9', 'none', 'a.b.c', 'toString'].map((path) => placeAt(data, path)),
  ).toStrictEqual(Array(5).fill(undefined));
});

test('reading a value changes nothing', () => {
  const data = { list: [{ a: 0 }], none: null };
  expect([readAt(data, 'list.0.a'), readAt(data, 'none'), readAt(data, 'toString')]).toStrictEqual([
    0,
    undefined,
    undefined,
  ]);
  expect(data).toStrictEqual({ list: [{ a: 0 }], none: null });
});

test.each(['1e0', '0x1', '01', '-0', '+1', 'length'])('%s is not a position in a list', (step) => {
  expect([
    placeAt(['a', 'b'], step),
    placeAt({ list: [['a'], ['b']] }, `list.${step}.0`),
  ]).toStrictEqual([undefined, undefined]);
  expect(() => put({ list: ['a'] }, [`list.${step}`, 1])).toThrow(/in a list of 1/);
});
