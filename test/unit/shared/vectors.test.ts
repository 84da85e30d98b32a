import { NoVector, readVectors, toIndex } from '../../../nodes/shared/vectors';

function base64(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

function base64OfDoubles(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 8);
  vector.forEach((value, index) => bytes.writeDoubleLE(value, index * 8));
  return bytes.toString('base64');
}

/** The vectors for so many texts; for a text without one the reason. */
const read = (data: unknown, count: number, dimensions?: number) =>
  readVectors(data, { count, dimensions, subject: 'Model abc' }).map((vector) =>
    vector instanceof NoVector ? vector.reason : vector,
  );

test('little-endian floats in base64 and lists of numbers are vectors', () => {
  const data = [
    { index: 0, embedding: 'AACAPwAAAMA=' },
    { index: 1, embedding: base64([0.5, 0.25]) },
    { index: 2, embedding: [3, 4] },
  ];
  expect(read(data, 3)).toStrictEqual([
    [1, -2],
    [0.5, 0.25],
    [3, 4],
  ]);
});

test('base64 in lines, and without its padding, is base64', () => {
  const data = [{ embedding: 'AACAPw\r\nAAAMA=\n' }, { embedding: 'AACAPwAAAMA' }];
  expect(read(data, 2)).toStrictEqual([
    [1, -2],
    [1, -2],
  ]);
});

describe('indexes', () => {
  test.each([
    ['numbers', [1, 0]],
    ['numbers as text', ['1', '0']],
  ])('that are %s say which text a vector is of', (_, [first, second]) => {
    const data = [
      { index: first, embedding: [2] },
      { index: second, embedding: [1] },
    ];
    expect(read(data, 2)).toStrictEqual([[1], [2]]);
  });

  test.each([undefined, null])('that are %j leave the order of the texts', (index) => {
    const data = [
      { index, embedding: [1] },
      { index, embedding: [2] },
    ];
    expect(read(data, 2)).toStrictEqual([[1], [2]]);
  });

  test('that are the same make both vectors unusable, and no other', () => {
    const data = [0, 0, 2].map((index) => ({ index, embedding: [index + 1] }));
    expect(read(data, 3)).toStrictEqual([
      'came twice, so it is not known which one is right',
      'is missing',
      [3],
    ]);
  });

  test.each([2, -1, 0.5, '2', 'x', '', true, {}, [0], '1e0', '99999999999999999999'])(
    'that are %j are an error: no vector can be trusted',
    (index) => {
      const data = [
        { index: 0, embedding: [1] },
        { index, embedding: [2] },
      ];
      expect(() => read(data, 2)).toThrow('gave a vector an index that none of them has');
    },
  );

  test.each([
    [0, 0],
    ['12', 12],
    [undefined, undefined],
    [null, undefined],
    [' 1', NaN],
    [-1, NaN],
    [1.5, NaN],
  ])('%j is read as %j', (value, index) => {
    expect(toIndex(value)).toBe(index);
  });
});

describe('the number of vectors', () => {
  test.each([
    ['too few without indexes', [{ embedding: [1] }], 1],
    ['too many', [{ index: 0 }, { index: 1 }, { index: 2 }], 3],
    ['none', [], 0],
    ['a text', 'text', 'no'],
    ['nothing', undefined, 'no'],
    ['an object', { 0: {} }, 'no'],
  ])('that is %s is an error', (_, data, got) => {
    expect(() => read(data, 2)).toThrow(
      `Model abc was sent 2 texts and responded with ${got} vectors`,
    );
  });

  test('may be too small if indexes say which are missing', () => {
    expect(read([{ index: 1, embedding: [1] }], 2)).toStrictEqual(['is missing', [1]]);
  });
});

const NOT_FLOATS = 'is base64, but not of 32-bit floats';
const NOT_FINITE = 'has a number that is not finite';
const sines = Array.from({ length: 64 }, (_, index) => Math.sin(index + 1));
test.each<[string, unknown, string]>([
  ['nothing', undefined, 'is missing'],
  ['null', null, 'is missing'],
  ['an object', { 0: 1 }, 'is neither a list nor base64'],
  ['a number', 1, 'is neither a list nor base64'],
  ['an empty list', [], 'is empty'],
  ['an empty text', '', 'is empty'],
  ['numbers as text', ['1'], 'has entries that are not numbers'],
  ['lists in a list', [[1]], 'has entries that are not numbers'],
  ['null among its numbers', [1, null], NOT_FINITE],
  ['1e400 among its numbers', JSON.parse('[1, 1e400]'), NOT_FINITE],
  ['NaN in base64', base64([1, NaN]), NOT_FINITE],
  ['Infinity in base64', base64([Infinity, 1]), NOT_FINITE],
  ['-Infinity in base64', base64([-Infinity, 1]), NOT_FINITE],
  ['words', 'not a vector!', 'is text that is not base64'],
  ['base64 with a foreign character', 'AACA*PwAAAMA=', 'is text that is not base64'],
  ['base64 that goes on after its end', 'AACAPw==AACAPw==', 'is text that is not base64'],
  ['URL-safe base64', '_-_-_-_-', 'is text that is not base64'],
  ['base64 of 3 bytes', 'AACA', NOT_FLOATS],
  ['base64 of 6 bytes', 'AACAPwAA', NOT_FLOATS],
  ['64-bit floats', base64OfDoubles(sines), NOT_FLOATS],
  ['64-bit floats that were 32-bit ones', base64OfDoubles(sines.map(Math.fround)), NOT_FLOATS],
  ['64-bit floats that were 16-bit ones', base64OfDoubles(new Array(16).fill(0.5)), NOT_FLOATS],
])('a vector that is %s can’t be used, and the others can', (_, embedding, reason) => {
  expect(read([{ embedding: [0.5] }, { embedding }, { embedding: [0.5] }], 3)).toStrictEqual([
    [0.5],
    reason,
    [0.5],
  ]);
});

test.each([
  ['a 1 in any place', Array.from({ length: 32 }, (_, at) => Number(at === 1))],
  ['zeros', new Array<number>(32).fill(0)],
  ['a 1 in each second place', Array.from({ length: 14 }, (_, at) => at % 2)],
  ['large numbers', [1e18, -1e18]],
  ['tiny numbers', [1.401298464324817e-45, -0]],
])('a vector with %s is one', (_, vector) => {
  expect(read([{ embedding: base64(vector) }], 1)).toStrictEqual([vector.map(Math.fround)]);
});

describe('lengths', () => {
  const ofLengths = (...lengths: number[]) =>
    lengths.map((length) => ({ embedding: new Array<number>(length).fill(0.5) }));

  test('the vectors that are not as long as most are no vectors', () => {
    expect(read(ofLengths(2, 2, 3, 2), 4)[2]).toBe(
      'has 3 numbers, and others of the same model have more or fewer',
    );
    expect(read(ofLengths(2, 2, 3, 2), 4)[3]).toHaveLength(2);
  });

  test('if no length is that of most, there are no vectors', () => {
    expect(read(ofLengths(2, 3), 2)).toStrictEqual([
      'has 2 numbers, and others of the same model have more or fewer',
      'has 3 numbers, and others of the same model have more or fewer',
    ]);
  });

  test('vectors must have the length that was asked for', () => {
    expect(read(ofLengths(2, 3), 2, 2)).toStrictEqual([[0.5, 0.5], 'has 3 numbers, and not 2']);
  });
});

test('the error names what was called and the text, and says what to do', () => {
  expect(new NoVector('is missing').toFailure('model abc', 'text 3')).toMatchObject({
    message: 'The vector that model abc gave for text 3 is missing',
    hint: expect.stringContaining('Check the text'),
    kind: 'response',
  });
});
