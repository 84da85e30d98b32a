import { readJson, readJsonLines } from '../../../../nodes/shared/payload/readJson';

test.each<[string, unknown, number]>([
  ['{"id": 18446744073709551615, "n": 5}', { id: '18446744073709551615', n: 5 }, 1],
  ['[-9007199254740993,9007199254740991]', ['-9007199254740993', 9007199254740991], 1],
  ['12345678901234567890', '12345678901234567890', 1],
  ['[ 12345678901234567890 ]', ['12345678901234567890'], 1],
  ['{"a":1e400,"b":-1E+999,"c":1e308}', { a: '1e400', b: '-1E+999', c: 1e308 }, 2],
])('%s is read with all its digits', (text, value, bigNumbers) => {
  expect(readJson(text)).toEqual(expect.objectContaining({ value, bigNumbers, notFinite: 0 }));
});

test.each([
  '{"id": "18446744073709551615", "t": "a \\" 12345678901234567890"}',
  '{"18446744073709551615": 0.12345678901234567890, "x": [1.5e-7, 1e20]}',
  '["data 3e999, 1e400", "\\\\", "\\\\\\"", 1]',
  '[0.0, -0, 1e0, 123456789012345]',
])('%s is read as JSON.parse does', (text) => {
  expect(readJson(text)).toEqual(
    expect.objectContaining({
      value: JSON.parse(text) as unknown,
      bigNumbers: 0,
      notFinite: 0,
    }),
  );
});

test('NaN and Infinity become null, and text with these words stays', () => {
  expect(
    readJson('{"a": NaN, "b": [-Infinity, Infinity], "NaN": "NaN, Infinity and \\"NaN\\""}'),
  ).toEqual(
    expect.objectContaining({
      value: { a: null, b: [null, null], NaN: 'NaN, Infinity and "NaN"' },
      bigNumbers: 0,
      notFinite: 3,
    }),
  );
  expect(readJson('[NaN, 18446744073709551615]')).toEqual(
    expect.objectContaining({
      value: [null, '18446744073709551615'],
      bigNumbers: 1,
      notFinite: 1,
    }),
  );
});

test.each(['', '{"a": NaN', '{"a": NaNa}', 'nan', '{"a": "NaN}', 'Infinity!', '[1,]'])(
  '%j is not JSON',
  (text) => {
    expect(() => readJson(text)).toThrow(SyntaxError);
  },
);

test('a value on each line is read as a list', () => {
  expect(readJsonLines('{"a": 1}\r\n\n{"a": NaN}\n[18446744073709551615]')).toEqual(
    expect.objectContaining({
      value: [{ a: 1 }, { a: null }, ['18446744073709551615']],
      bigNumbers: 1,
      notFinite: 1,
    }),
  );
  expect(() => readJsonLines('{"a": 1}\n{"a": ')).toThrow(SyntaxError);
});

test.each<[string, boolean]>([
  ['{"a": [{"b": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"}]}', true],
  ['"data:image/svg+xml,%3Csvg%3E and so on and on%3C/svg%3E"', true],
  ['{"a": "iVBORw0KGgo", "b": "a longer text about iVBORw0KGgo"}', false],
  ['[1, null, true, "done"]', false],
  // A hash whose first two bytes are those of a bitmap.
  ['"Qk0xk2m0p4XyqvGcUo8wqg7J3nPzYvT1sRhA5bLdE6c="', false],
])('that %s may hold a file is %s', (text, mayHoldFiles) => {
  expect(readJson(text)).toMatchObject({ mayHoldFiles });
});
