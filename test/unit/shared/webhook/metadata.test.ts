import crypto from 'crypto';

import {
  isMetadataGenuine,
  METADATA_PARAMETER,
  METADATA_SIGNATURE_PARAMETER,
  readMetadata,
  withMetadata,
} from '../../../../nodes/shared/webhook/metadata';

test('metadata travels in the query, signed, and keeps what was there', () => {
  const url = withMetadata(
    new URL('https://x.example.com/w?a=1'),
    { order: 'Grüße 👋' },
    'whsec_1',
  );
  expect(url.searchParams.get('a')).toBe('1');
  const value = url.searchParams.get(METADATA_PARAMETER) ?? '';
  expect(JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))).toStrictEqual({
    order: 'Grüße 👋',
  });
  expect(url.searchParams.get(METADATA_SIGNATURE_PARAMETER)).toMatch(/^[0-9a-f]{64}$/);
  expect(url.toString()).not.toContain('whsec');
});

test('without metadata the URL stays as it is, and without a secret the metadata is not signed', () => {
  expect(withMetadata(new URL('https://x.example.com/w'), {}, 's').search).toBe('');
  const unsigned = withMetadata(new URL('https://x.example.com/w'), { a: 1 }, undefined);
  expect(unsigned.searchParams.has(METADATA_SIGNATURE_PARAMETER)).toBe(false);
});

describe('on the way back', () => {
  const METADATA = { order: 'Grüße 👋 日本', list: [1, { deep: null }], '': 0 };

  /** The query that a delivery brings back, as a server gives it. */
  function queryOf(metadata: object, secret: string | undefined): Record<string, unknown> {
    const url = withMetadata(
      new URL('https://x.example.com/w'),
      metadata as Record<string, unknown>,
      secret,
    );
    return Object.fromEntries(new URL(url.toString()).searchParams);
  }
  const encoded = (json: string) => Buffer.from(json).toString('base64url');

  test('metadata is what was sent, Unicode included', () => {
    expect(readMetadata(queryOf(METADATA, 'whsec_1'), ['whsec_1'])).toStrictEqual(METADATA);
  });

  test('half of a surrogate pair comes back, too', () => {
    expect(readMetadata(queryOf({ a: '\ud83d' }, 'whsec_1'), ['whsec_1'])).toStrictEqual({
      a: '\ud83d',
    });
  });

  test('4096 bytes of JSON fit and come back', () => {
    const metadata = { a: 'x'.repeat(4096 - '{"a":""}'.length) };
    expect(readMetadata(queryOf(metadata, 'whsec_1'), ['whsec_1'])).toStrictEqual(metadata);
  });

  test('one byte more is refused before it is sent, counted as bytes', () => {
    const metadata = { a: 'ü'.repeat(2044) + 'x' };
    expect(() => queryOf(metadata, 'whsec_1')).toThrow(
      'Metadata is 4097 bytes of JSON, more than the 4096 that fit a URL',
    );
  });

  test('if none was sent, none is received', () => {
    expect(readMetadata({ other: '1' }, ['whsec_1'])).toStrictEqual({});
  });

  test('any of the secrets may have signed', () => {
    expect(readMetadata(queryOf(METADATA, 'whsec_2'), ['whsec_1', 'whsec_2'])).toStrictEqual(
      METADATA,
    );
  });

  test('another secret may not', () => {
    expect(readMetadata(queryOf(METADATA, 'whsec_3'), ['whsec_1', 'whsec_2'])).toBeUndefined();
  });

  test.each([
    ['a changed value', { [METADATA_PARAMETER]: encoded('{"order":"other"}') }],
    ['an empty value', { [METADATA_PARAMETER]: '' }],
    ['a changed signature', { [METADATA_SIGNATURE_PARAMETER]: 'a'.repeat(64) }],
    ['a truncated signature', { [METADATA_SIGNATURE_PARAMETER]: 'a'.repeat(63) }],
    ['an empty signature', { [METADATA_SIGNATURE_PARAMETER]: '' }],
    ['no signature', { [METADATA_SIGNATURE_PARAMETER]: undefined }],
    ['no value', { [METADATA_PARAMETER]: undefined }],
    ['two values', { [METADATA_PARAMETER]: [encoded('{"a":1}'), encoded('{"a":2}')] }],
    ['two signatures', { [METADATA_SIGNATURE_PARAMETER]: ['a'.repeat(64), 'b'.repeat(64)] }],
    ['an object for a value', { [METADATA_PARAMETER]: { a: encoded('{"a":1}') } }],
    ['an object for a signature', { [METADATA_SIGNATURE_PARAMETER]: { a: 'a'.repeat(64) } }],
  ])('%s is not genuine metadata', (_, changes) => {
    expect(
      readMetadata({ ...queryOf(METADATA, 'whsec_1'), ...changes }, ['whsec_1']),
    ).toBeUndefined();
  });

  test.each<[string, (signature: string) => unknown]>([
    ['in a list', (signature) => [signature]],
    ['with more behind it', (signature) => `${signature}zz`],
    ['with a byte more', (signature) => `${signature}00`],
    ['with a space before it', (signature) => ` ${signature}`],
  ])('the genuine signature %s is wrong', (_, change) => {
    const query = queryOf(METADATA, 'whsec_1');
    const signature = change(String(query[METADATA_SIGNATURE_PARAMETER]));
    expect(
      readMetadata({ ...query, [METADATA_SIGNATURE_PARAMETER]: signature }, ['whsec_1']),
    ).toBeUndefined();
  });

  test('a signature in capitals is the same one', () => {
    const query = queryOf(METADATA, 'whsec_1');
    const signature = String(query[METADATA_SIGNATURE_PARAMETER]).toUpperCase();
    expect(
      readMetadata({ ...query, [METADATA_SIGNATURE_PARAMETER]: signature }, ['whsec_1']),
    ).toStrictEqual(METADATA);
  });

  test.each([[undefined], ['whsec_1']])(
    'without a secret here metadata is taken, signed with %s or not',
    (secret) => {
      expect(readMetadata(queryOf(METADATA, secret), [])).toStrictEqual(METADATA);
    },
  );

  test.each([[['e30', 'e30']], [{ type: 'Buffer', data: [123, 125] }], [7], [null]])(
    'a value of %j is not genuine, also without a secret here',
    (value) => {
      const query = { [METADATA_PARAMETER]: value };
      expect([isMetadataGenuine(query, []), readMetadata(query, [])]).toStrictEqual([
        false,
        undefined,
      ]);
    },
  );

  test.each(['[]', '7', 'null', '"text"', '', '{', 'not JSON'])(
    'unsigned %j is not metadata',
    (json) => {
      expect(readMetadata({ [METADATA_PARAMETER]: encoded(json) }, [])).toBeUndefined();
    },
  );

  test('keys such as __proto__ are ordinary keys', () => {
    const json = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const metadata = readMetadata({ [METADATA_PARAMETER]: encoded(json) }, []) ?? {};
    expect([
      Object.keys(metadata),
      ({} as { polluted?: number }).polluted,
      metadata.polluted,
    ]).toStrictEqual([['__proto__', 'constructor'], undefined, undefined]);
  });
});

test('the signature covers the name of the parameter, so that it can never be that of a body', () => {
  const query = withMetadata(new URL('https://x.example.com/w'), { a: 1 }, 'whsec_1').searchParams;
  const digest = crypto
    .createHmac('sha256', 'whsec_1')
    .update(`baseten_metadata=${query.get(METADATA_PARAMETER)}`)
    .digest('hex');
  expect(query.get(METADATA_SIGNATURE_PARAMETER)).toBe(digest);
});

test('the signature is compared with that of every secret, in constant time', () => {
  const query = Object.fromEntries(
    withMetadata(new URL('https://x.example.com/w'), { a: 1 }, 'whsec_1').searchParams,
  );
  const compare = jest.spyOn(crypto, 'timingSafeEqual');
  readMetadata(query, ['whsec_1', 'whsec_2', 'whsec_3']);
  expect(compare).toHaveBeenCalledTimes(3);
  compare.mockRestore();
});
