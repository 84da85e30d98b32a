import assert from 'node:assert/strict';

import fc from 'fast-check';

import { setAt, takeAt } from '../../../nodes/shared/payload/dataPath';
import { moveBase64 } from '../../../nodes/shared/payload/responseItem';
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
  step !== '' && [...step].every((digit) => digit >= '0' && digit <= '9');
const UNSAFE = ['__proto__', 'constructor', 'prototype', ''];

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
    return { data, path: isThere && steps.length > 0 ? steps.join('.') : any };
  });

/** A value is taken from its path, and nothing else is touched. */
export const taken = property({
  name: 'values taken from paths',
  share: 6,
  inputs: dataAndPath,
  check: ({ data, path: given }) => {
    const steps = given.split('.').map((step) => step.trim());
    const was = copyOf(data);
    const before = inherited();
    if (steps.some((step) => UNSAFE.includes(step))) {
      assert.throws(() => takeAt(data, given), UserInputError);
      assert.deepEqual(data, was);
      return 'refused';
    }
    const last = steps.pop() as string;
    const holder = steps.reduce<unknown>(at, was);
    const expected = at(holder, last) ?? undefined;
    assert.deepEqual(takeAt(data, given), expected);
    if (expected !== undefined && isHolder(holder)) {
      if (Array.isArray(holder)) holder.splice(Number(last), 1, null);
      else delete holder[last];
    }
    assert.deepEqual(data, was);
    assert.equal(inherited(), before);
    return expected === undefined ? 'refused' : 'accepted';
  },
});

/** A value is put at its path, and nothing else is touched. */
export const put = property({
  name: 'values put at paths',
  share: 4,
  inputs: fc.record({ data: anyJson, path, value: anyJson }),
  check: ({ data, path: given, value }) => {
    const target = (isHolder(data) && !Array.isArray(data) ? data : { a: data }) as Fields;
    const steps = given.split('.').map((step) => step.trim());
    const expected = withValue(copyOf(target), steps, value);
    const before = inherited();
    if (expected === undefined) {
      assert.throws(() => setAt(target, given, value), UserInputError);
      assert.equal(inherited(), before);
      return 'refused';
    }
    setAt(target, given, value);
    assert.deepEqual(target, expected);
    assert.equal(inherited(), before);
    return 'accepted';
  },
});

/** The data with a value at a path, or `undefined` if the value cannot be put there. */
function withValue(holder: unknown, steps: string[], value: unknown): unknown {
  const [step = '', ...others] = steps;
  if (steps.some((each) => UNSAFE.includes(each))) return undefined;
  const inner = at(holder, step) ?? {};
  const made =
    others.length === 0 ? value : isHolder(inner) ? withValue(inner, others, value) : undefined;
  if (made === undefined) return undefined;
  if (!Array.isArray(holder))
    return Object.fromEntries([
      ...Object.entries(holder as Fields).filter(([key]) => key !== step),
      [step, made],
    ]);
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
    const json = { image: text, deep: { image: text }, list: [{ image: text }] } as never;
    const stored: Buffer[] = [];
    const prepareBinaryData = async (given: Buffer) => {
      stored.push(given);
      return { data: '', mimeType: 'image/png' };
    };
    const before = inherited();
    try {
      await moveBase64(json, [at], { prepareBinaryData } as never);
    } catch (error) {
      assert(error instanceof UserInputError, error as Error);
      assert.equal(content, undefined, error.message);
      return 'refused';
    }
    assert.equal(inherited(), before);
    if (text === null) return 'refused';
    assert.equal(stored.length, 1);
    assert.deepEqual(stored[0], content ?? strictlyDecoded(text as string));
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
