import assert from 'node:assert/strict';

import fc from 'fast-check';

import { moveFiles } from '../../../nodes/shared/payload/jsonFiles';
import { placeAt, withValues } from '../../../nodes/shared/payload/dataPath';
import { readJson } from '../../../nodes/shared/payload/readJson';
import { jsonBody, readJsonText } from '../../../nodes/shared/payload/requestBody';
import { UserInputError } from '../../../nodes/shared/errors/userInputError';
import { hostileText } from '../hostile';
import { property } from '../property';

const NAMES = [
  'a',
  'b',
  'image',
  '0',
  '1',
  '2',
  '01',
  '1e0',
  '-1',
  '-0',
  'length',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  '',
];
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: hostileText },
);
const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<unknown>(null, 0, true, 'text', 'aGk='),
    fc.array(tie('value'), { maxLength: 3 }),
    // Through JSON, because there a field called __proto__ is a field like any other.
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map(
        (fields) =>
          JSON.parse(
            `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
          ) as unknown,
      ),
  ),
}));
const path = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(name, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('.')),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(name, { minLength: 1, maxLength: 3 })
      .map((steps) => steps.map((step) => ` ${step}\t`).join('.')),
  },
  { weight: 1, arbitrary: hostileText },
);

type Fields = Record<string, unknown>;
const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
const isHolder = (value: unknown): value is Fields | unknown[] =>
  typeof value === 'object' && value !== null;
const isPosition = (step: string) =>
  step === '0' ||
  (step !== '' && step[0] !== '0' && [...step].every((digit) => digit >= '0' && digit <= '9'));
const UNSAFE = ['__proto__', 'constructor', 'prototype', ''];

/** The names of a path, read character by character. A backslash makes a dot part of a name. */
function stepsOf(given: string): string[] {
  const steps = [''];
  for (let at = 0; at < given.length; at++) {
    const isEscape = given[at] === '\\' && ['.', '\\'].includes(given[at + 1] ?? '');
    if (isEscape) at++;
    if (!isEscape && given[at] === '.') steps.push('');
    else steps.push(`${steps.pop()}${given[at]}`);
  }
  return steps.map((step) => step.trim());
}

/** A path to a value, written so that every name stays one name. */
const pathOf = (steps: string[]) => steps.map((step) => step.replace(/[\\.]/g, '\\$&')).join('.');

/** The value at a step, found by comparing all keys or positions. */
function at(holder: unknown, step: string): unknown {
  if (!isHolder(holder)) return undefined;
  if (Array.isArray(holder))
    return isPosition(step) ? holder.find((_, index) => index === Number(step)) : undefined;
  return Object.entries(holder).find(([key]) => key === step)?.[1];
}

/** How many properties the basic prototypes have. No data must ever be added to them. */
function inherited(): number {
  return [Object, Array, Function, String].reduce(
    (sum, { prototype }) => sum + Reflect.ownKeys(prototype as object).length,
    0,
  );
}

/** Data and a path, which leads to a value in about half of the cases. */
const dataAndPath = fc
  .tuple(anyJson, path, fc.array(fc.nat(), { maxLength: 4 }), fc.boolean())
  .map(([data, any, turns, isThere]) => {
    const steps: string[] = [];
    let holder: unknown = data;
    for (const turn of turns) {
      const keys: string[] = isHolder(holder) ? Object.keys(holder) : [];
      if (keys.length === 0) break;
      const step = keys[turn % keys.length] as string;
      steps.push(step);
      holder = (holder as Fields)[step];
    }
    return { data, path: isThere && steps.length > 0 ? pathOf(steps) : any };
  });

/** The place at the end of a path is found, and nothing is touched. */
export const found = property({
  name: 'places found by paths',
  share: 6,
  inputs: dataAndPath,
  check: ({ data, path: given }) => {
    const steps = stepsOf(given);
    const was = copyOf(data);
    const before = inherited();
    if (steps.some((step) => UNSAFE.includes(step))) {
      assert.throws(() => placeAt(data, given), UserInputError);
      assert.deepEqual(data, was);
      return 'refused';
    }
    const last = steps.pop() as string;
    const holder = steps.reduce<unknown>(at, was);
    const expected = at(holder, last) ?? undefined;
    const place = placeAt(data, given);
    assert.deepEqual(place && at(place.holder, String(place.key)), expected);
    assert.deepEqual(place?.holder, expected === undefined ? undefined : holder);
    assert.deepEqual(data, was);
    assert.equal(inherited(), before);
    return expected === undefined ? 'refused' : 'accepted';
  },
});

/** Values are put at their paths, and what they are put into is not touched. */
export const put = property({
  name: 'values put at paths',
  share: 4,
  inputs: fc.record({
    data: anyJson,
    placed: fc.array(fc.record({ path, value: anyJson }), { minLength: 1, maxLength: 3 }),
  }),
  check: ({ data, placed }) => {
    const target = (isHolder(data) && !Array.isArray(data) ? data : { a: data }) as Fields;
    const was = copyOf({ target, placed });
    const before = inherited();
    const expected = withAll(copyOf(target), copyOf(placed));
    try {
      assert.deepEqual(withValues(target, placed), expected);
    } catch (error) {
      assert(error instanceof UserInputError, error as Error);
      assert.equal(expected, undefined);
    }
    assert.deepEqual(copyOf({ target, placed }), was);
    assert.equal(inherited(), before);
    return expected === undefined ? 'refused' : 'accepted';
  },
});

/** Marks an object that a path has called for. It becomes a list if its names are positions. */
const MADE = Symbol('made');

function withAll(target: Fields, placed: Array<{ path: string; value: unknown }>): unknown {
  let made: unknown = target;
  const paths = placed.map((one) => stepsOf(one.path));
  for (const [index, { value }] of placed.entries()) {
    const steps = paths[index] as string[];
    const isInside = (other: string[]) =>
      steps.every((step, depth) => step === other[depth] && depth < other.length);
    if (paths.slice(0, index).some(isInside)) return undefined;
    made = withValue(made, steps, value);
    if (made === undefined) return undefined;
  }
  return asLists(made);
}

function asLists(value: unknown): unknown {
  if (!isHolder(value)) return value;
  if (Array.isArray(value)) return value.map(asLists);
  const entries = Object.entries(value).map(([key, inner]) => [key, asLists(inner)] as const);
  const isList = MADE in value && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** The data with a value at a path, or `undefined` if the value cannot be put there. */
function withValue(holder: unknown, steps: string[], value: unknown): unknown {
  const [step = '', ...others] = steps;
  if (steps.some((each) => UNSAFE.includes(each))) return undefined;
  const inner = at(holder, step) ?? { [MADE]: true };
  const made =
    others.length === 0 ? value : isHolder(inner) ? withValue(inner, others, value) : undefined;
  if (made === undefined) return undefined;
  if (!Array.isArray(holder)) {
    const entries = Object.entries(holder as Fields).filter(([key]) => key !== step);
    const mark = MADE in (holder as Fields) ? { [MADE]: true } : {};
    return Object.assign(Object.fromEntries([...entries, [step, made]]), mark);
  }
  return isPosition(step) && Number(step) <= holder.length
    ? [...holder.slice(0, Number(step)), made, ...holder.slice(Number(step) + 1)]
    : undefined;
}

const bytes = fc.oneof(
  { weight: 400, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 100_000, max: 300_000 })
      .map((length) => new Uint8Array(length).fill(0xa5)),
  },
);
const encoded = fc
  .record({
    bytes,
    encoding: fc.constantFrom('base64', 'base64url'),
    before: fc.constantFrom(
      '',
      'data:;base64,',
      'data:image/png;base64,',
      'DATA:audio/wav;rate=8000;base64,',
      ' \n',
    ),
    lineLength: fc.constantFrom(0, 76),
  })
  .map(({ bytes: content, encoding, before, lineLength }) => {
    const text = Buffer.from(content).toString(encoding as BufferEncoding);
    return {
      text: before + (lineLength > 0 ? text.replace(/.{76}/g, '$&\r\n') : text),
      content: Buffer.from(content),
    };
  });
/** Text that makes a careless regular expression very slow. */
const tiring = fc
  .record({
    start: fc.constantFrom('', 'data:', 'data:;', 'data:;base64', 'data:x;base64,'),
    piece: fc.constantFrom('A', ';', '=', '\n', ' ', ';base64', 'A\n'),
    times: fc.integer({ min: 50_000, max: 300_000 }),
    end: fc.constantFrom('', '!', ',', ';base64,!'),
  })
  .map(({ start, piece, times, end }) => ({
    text: start + piece.repeat(times) + end,
    content: undefined,
  }));
const anything = fc
  .oneof(
    hostileText,
    anyJson,
    fc.constantFrom('A', 'A===', '=', 'aGk', 'aGk==', 'a b c', 'data:,hi', 'data:;base64,'),
  )
  .map((text) => ({ text, content: undefined }));

/** Base64 is decoded as it was encoded, and anything else is refused. */
export const decoded = property({
  name: 'base64 in responses',
  share: 8,
  inputs: fc.record({
    field: fc.oneof(
      { weight: 200, arbitrary: encoded },
      { weight: 200, arbitrary: anything },
      { weight: 1, arbitrary: tiring },
    ),
    path: fc.constantFrom('image', 'deep.image', 'list.0.image'),
  }),
  check: async ({ field: { text, content }, path: at }) => {
    const json = copyOf({
      image: text,
      deep: { image: text },
      list: [{ image: text }],
    }) as never;
    const stored: Buffer[] = [];
    const prepareBinaryData = async (given: Buffer) => {
      stored.push(given);
      return { data: '', mimeType: 'image/png' };
    };
    const left: string[] = [];
    const before = inherited();
    const settings = { base64Fields: [at], base64ToFiles: false };
    const onNoFile = (missed: string) => left.push(missed);
    const item = await moveFiles(json, { ...settings, onNoFile }, { prepareBinaryData } as never);
    assert.equal(inherited(), before);
    if (left.length > 0) {
      // As text: under Jest, copies have prototypes of another realm.
      if (stored.length === 0) assert.equal(JSON.stringify(item), JSON.stringify({ json }));
      // Without padding, a short text may be a word.
      const isShort = typeof text === 'string' && text.length < 64 && !text.includes('=');
      assert(content === undefined || isShort, 'base64 was not taken for a file');
      return 'refused';
    }
    if (text === null || (Array.isArray(text) && text.length === 0)) return 'refused';
    const expected = Array.isArray(text)
      ? text.map((one) => strictlyDecoded(one as string))
      : [content ?? strictlyDecoded(text as string)];
    assert.deepEqual(stored, expected);
    return 'accepted';
  },
});

/** Decodes base64 digit by digit. It fails if the text is not base64. */
function strictlyDecoded(text: string): Buffer {
  const digits = text
    .slice(/^data:/i.test(text) ? text.indexOf(',') + 1 : 0)
    .replace(/\s/g, '')
    .replace(/={1,2}$/, '');
  const values = [...digits].map((digit) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(
      digit.replace('-', '+').replace('_', '/'),
    ),
  );
  assert(
    values.every((value) => value >= 0),
    'this is not base64',
  );
  const bits = values.map((value) => value.toString(2).padStart(6, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

const number = fc.oneof(
  fc.constantFrom(
    ...['0', '-0', '1.0', '1e400', '-1E+999', '1e-400', '1e308', '0e999', '1.5e-7'],
    ...['9007199254740991', '9007199254740993', '18446744073709551615', '-9007199254740992'],
  ),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);
/** JSON as text: other spaces, long numbers, and what Python writes. */
const { jsonText } = fc.letrec<{ jsonText: string }>((tie) => ({
  jsonText: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    number,
    fc.constantFrom(
      'null',
      'true',
      'NaN',
      '-Infinity',
      '"NaN"',
      '"12345678901234567890 \\" 1e999"',
    ),
    hostileText.map((each) => JSON.stringify(each)),
    fc.array(tie('jsonText'), { maxLength: 3 }).map((values) => `[${values.join(' , ')}]`),
    fc
      .array(fc.tuple(name, tie('jsonText')), { maxLength: 3 })
      .map(
        (fields) =>
          `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${each}`).join(',\n')}}`,
      ),
  ),
}));

/** What JSON says, read token by token: long numbers as text, what is not finite as null. */
function readSlowly(text: string): unknown {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|-?[A-Za-z]+|-?\d[\d.eE+-]*|\S/g) ?? [];
  const kept = tokens.map((token) => {
    if (/^(NaN|-?Infinity)$/.test(token)) return 'null';
    if (!/^-?\d/.test(token)) return token;
    const isWhole = !/[.eE]/.test(token);
    const value = Number(token);
    const isLong = isWhole && BigInt(token) !== BigInt(Number.isSafeInteger(value) ? value : 0);
    return isLong || !Number.isFinite(value) ? `"${token}"` : token;
  });
  return JSON.parse(kept.join(' '));
}

/** JSON is read with all its digits, and goes out as it was written. */
export const json = property({
  name: 'JSON in and out',
  share: 6,
  inputs: jsonText,
  check: (text) => {
    const { value, bigNumbers, notFinite } = readJson(text);
    assert.deepEqual(value, readSlowly(text));
    if (bigNumbers + notFinite === 0) assert.deepEqual(value, JSON.parse(text));
    if (notFinite > 0) {
      assert.throws(() => readJsonText(text, 'Input'), UserInputError);
      return 'refused';
    }
    const sent = jsonBody(readJsonText(text, 'Input')).content.toString();
    if (!/\\ud[89a-f]/i.test(text)) assert.equal(sent, text);
    const written = jsonBody(value).content.toString();
    for (const each of [sent, written]) {
      assert.doesNotMatch(JSON.stringify(JSON.parse(each)), /(?<!\\)(?:\\\\)*\\ud[89a-f]/i);
    }
    return 'accepted';
  },
});
