import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { findFiles, mediaInText } from '../../../../nodes/shared/payload/embeddedFiles';
import { nameOfPlace, withReplaced } from '../../../../nodes/shared/payload/places';
import { MEDIA_FILES } from '../../../support/mediaFiles';

describe.each(MEDIA_FILES)('$name', ({ content, type }) => {
  const base64 = content.toString('base64');

  test.each<[string, string]>([
    ['base64', base64],
    ['base64 for URLs', content.toString('base64url')],
    ['base64 in lines', base64.replace(/.{40}/g, '$&\r\n')],
    ['a data URL', `data:${type};base64,${base64}`],
    ['a data URL of another type', `data:image/x-any;base64,${base64}`],
    ['a data URL of bytes', `data:application/octet-stream;base64,${base64}`],
    ['a data URL of no type', `data:;base64,${base64}`],
  ])('is found as %s', (_, text) => {
    expect(mediaInText(text)).toEqual({ content, type });
  });

  test.each<[string, string]>([
    ['with a letter that base64 does not have', `${base64.slice(0, 20)}!${base64.slice(20)}`],
    ['inside of prose', `Here it is: ${base64}`],
    ['that was cut off', base64.slice(0, 24)],
  ])('%s stays what it is', (_, text) => {
    expect(mediaInText(text)).toBeUndefined();
  });
});

/** Each makes a text that is no file, with some chance in it. */
const TEXTS: Record<string, () => string> = {
  'random base64': () => randomBytes(24 + Math.floor(Math.random() * 300)).toString('base64'),
  'random base64 for URLs': () => randomBytes(64).toString('base64url'),
  'tokens of three parts': () =>
    ['eyJhbGciOiJIUzI1NiJ9', randomBytes(60), randomBytes(32)]
      .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
      .join('.'),
  'hashes in base64': () => createHash('sha512').update(randomBytes(8)).digest('base64'),
  'hashes in hexadecimal': () => createHash('sha256').update(randomBytes(8)).digest('hex'),
  IDs: () => `${randomUUID()}/${randomUUID()}`,
  'numbers in base64': () =>
    Buffer.from(
      Float32Array.from({ length: 64 }, () => Math.round(Math.random() * 4) / 4).buffer,
    ).toString('base64'),
};
const TRIES = 100_000;

test.each(Object.keys(TEXTS))(`of ${TRIES} %s none becomes a file`, (name) => {
  const make = TEXTS[name] as () => string;
  const taken = Array.from({ length: TRIES }, make).filter((text) => mediaInText(text));
  expect(taken).toEqual([]);
});

test.each(MEDIA_FILES)(
  'of 2000 random texts that begin with two bytes of $name none becomes a file',
  ({ content }) => {
    const start = content.subarray(0, 2);
    const texts = Array.from({ length: 2000 }, () =>
      Buffer.concat([start, randomBytes(600)]).toString('base64'),
    );
    expect(texts.filter((text) => mediaInText(text))).toEqual([]);
  },
);

const png = (MEDIA_FILES[0] as (typeof MEDIA_FILES)[0]).content.toString('base64');

test('files are found at any depth, the less deep ones first', () => {
  const data = { deep: { images: [png, 'no', { b64: png }] }, first: png, none: null };
  const files = findFiles(data);
  expect(files.map(({ place }) => nameOfPlace(place))).toEqual(['first', 'images', 'b64']);
});

test('data that is nested very deeply is gone through', () => {
  let data: unknown = png;
  for (let depth = 0; depth < 200_000; depth++) data = [data];
  const files = findFiles(data as unknown[]);
  expect(files).toHaveLength(1);
  const place = files[0]!.place;
  expect(withReplaced(data as unknown[], [{ place, value: 1 }])).not.toBe(data);
  expect(place.holder[0 as never]).toBe(png);
});

test('a copy with other values shares what was not changed', () => {
  const data = { a: { b: png, c: {} }, d: [{ e: png }, {}] };
  const before = structuredClone(data);
  const changes = findFiles(data).map(({ place }, value) => ({ place, value }));
  const copy = withReplaced(data, changes);
  expect(copy).toEqual({ a: { b: 0, c: {} }, d: [{ e: 1 }, {}] });
  expect(data).toEqual(before);
  expect([copy.a.c === data.a.c, copy.d[1] === data.d[1]]).toEqual([true, true]);
  expect(withReplaced(data, [])).toBe(data);
});
