import crypto from 'crypto';

import {
  hasMetadata,
  isMetadataSigned,
  METADATA_PARAMETER,
  METADATA_SIGNATURE_PARAMETER,
  readMetadata,
  withMetadata,
  type Metadata,
  type ReceivingMetadata,
  type SendingMetadata,
} from '../../../../nodes/shared/webhook/metadata';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const URL_OF_TRIGGER = 'https://n8n.example.com/webhook/5f0c-1/webhook';
const METADATA = { order: 'Grüße 👋 日本', list: [1, { deep: null }], '': 0 };

/** The URL with metadata. */
function carrying(
  metadata: object,
  settings: Partial<SendingMetadata> = {},
  url = URL_OF_TRIGGER,
): string {
  const defaults = { secrets: ['whsec_1'], owner: 'abcd1234', now: NOW };
  return withMetadata(url, metadata as Metadata, { ...defaults, ...settings });
}

/** The metadata of a delivery to a URL. @param query changes of the query */
function arriving(
  url: string,
  settings: Partial<ReceivingMetadata> = {},
  query: Record<string, unknown> = {},
) {
  const { pathname, searchParams } = new URL(url);
  const arrival = { path: pathname, query: { ...Object.fromEntries(searchParams), ...query } };
  const defaults = { secrets: ['whsec_1'], owner: 'abcd1234', now: NOW };
  return readMetadata(arrival, { ...defaults, ...settings });
}

describe('the URL', () => {
  test('carries metadata in its query, signed, and no secret', () => {
    const { searchParams } = new URL(carrying(METADATA));
    const value = searchParams.get(METADATA_PARAMETER) ?? '';
    expect(JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))).toStrictEqual(METADATA);
    const expiry = NOW / 1000 + 4 * 86_400;
    expect(searchParams.get(METADATA_SIGNATURE_PARAMETER)).toMatch(
      new RegExp(`^abcd1234\\.${expiry}\\.[0-9a-f]{64}$`),
    );
    expect(carrying(METADATA)).not.toContain('whsec');
  });

  test.each([
    ['https://x.example.com/w', '?'],
    ['https://x.example.com', '?'],
    ['https://x.example.com/w?', ''],
    ['https://x.example.com/w?a=b%20c&d=e+f&g', '&'],
    ['https://x.example.com/w?a=b&', ''],
    ['HTTPS://Äpfel.example.com:443/a/../b?q=ü~!%zz', '&'],
  ])('%s stays byte for byte as it is, before what is added', (url, separator) => {
    expect(carrying({ a: 1 }, {}, url).startsWith(`${url}${separator}${METADATA_PARAMETER}=`)).toBe(
      true,
    );
  });

  test('what stands behind # stays behind it', () => {
    expect(carrying({ a: 1 }, { secrets: [] }, 'https://x.example.com/w#part?x')).toBe(
      `https://x.example.com/w?${METADATA_PARAMETER}=eyJhIjoxfQ#part?x`,
    );
  });

  test('without metadata it stays as it is, and without a secret the metadata is not signed', () => {
    const unsigned = new URL(carrying({ a: 1 }, { secrets: [] }));
    expect([
      carrying({}, {}, 'https://x.example.com/w?a=b c'),
      [...unsigned.searchParams.keys()],
    ]).toStrictEqual(['https://x.example.com/w?a=b c', [METADATA_PARAMETER]]);
  });

  test.each([METADATA_PARAMETER, METADATA_SIGNATURE_PARAMETER])(
    'that has %s already is refused',
    (name) => {
      expect(() => carrying({ a: 1 }, {}, `${URL_OF_TRIGGER}?${name}=x`)).toThrow(
        'Webhook URL has baseten_metadata already',
      );
    },
  );

  test('4096 bytes of JSON fit and come back', () => {
    const metadata = { a: 'x'.repeat(4096 - '{"a":""}'.length) };
    expect(arriving(carrying(metadata))).toStrictEqual({ metadata });
  });

  test('one byte more is refused before it is sent, counted as bytes', () => {
    expect(() => carrying({ a: 'ü'.repeat(2044) + 'x' })).toThrow(
      'Metadata is 4097 bytes of JSON, more than the 4096 that fit a URL',
    );
  });
});

describe('on the way back', () => {
  const encoded = (json: string) => Buffer.from(json).toString('base64url');

  test('metadata is what was sent, Unicode included', () => {
    expect(arriving(carrying(METADATA))).toStrictEqual({ metadata: METADATA });
  });

  test('half of a surrogate pair comes back, too', () => {
    expect(arriving(carrying({ a: '\ud83d' }))).toStrictEqual({ metadata: { a: '\ud83d' } });
  });

  test.each([
    ['nothing of ours', { other: '1' }],
    ['a signature without metadata', { [METADATA_SIGNATURE_PARAMETER]: 'abcd1234.1.00' }],
  ])('a query with %s has no metadata', (_, query) => {
    const arrival = { path: '/w', query };
    const settings = { secrets: ['whsec_1'], owner: 'abcd1234', now: NOW };
    expect([hasMetadata(arrival), readMetadata(arrival, settings)]).toStrictEqual([
      false,
      { metadata: {} },
    ]);
  });

  const rotation = ['whsec_1', 'whsec_2'];
  test.each([
    { signers: ['whsec_1'], held: ['whsec_1'], verified: true },
    { signers: ['whsec_1'], held: rotation, verified: true },
    { signers: ['whsec_2'], held: rotation, verified: true },
    // Sent while both were entered, in any order, and delivered when only one was left.
    { signers: rotation, held: ['whsec_1'], verified: true },
    { signers: rotation, held: ['whsec_2'], verified: true },
    { signers: [...rotation].reverse(), held: ['whsec_2'], verified: true },
    { signers: ['whsec_a', 'whsec_b', 'whsec_c', 'whsec_1'], held: ['whsec_1'], verified: true },
    { signers: ['whsec_3'], held: rotation, verified: false },
    { signers: [], held: ['whsec_1'], verified: false },
    { signers: ['whsec_1'], held: [], verified: true },
    { signers: [], held: [], verified: true },
  ])(
    'signed by $signers, and $held are held: verified $verified',
    ({ signers, held, verified }) => {
      const received = arriving(carrying(METADATA, { secrets: signers }), { secrets: held });
      expect(received).toStrictEqual(
        verified ? { metadata: METADATA } : { metadata: {}, unverified: METADATA },
      );
    },
  );

  test('at most four secrets sign, so that the URL stays short', () => {
    const url = carrying(METADATA, { secrets: ['a', 'b', 'c', 'd', 'e'] });
    const signature = new URL(url).searchParams.get(METADATA_SIGNATURE_PARAMETER) ?? '';
    expect(signature.split('.')).toHaveLength(2 + 4);
  });

  test.each<[string, Partial<ReceivingMetadata>]>([
    ['with a result of another model', { owner: 'efgh5678' }],
    ['with a result whose model begins alike', { owner: 'abcd12345' }],
    ['with a result without a model', { owner: undefined }],
    ['after four days', { now: NOW + 4 * DAY + 1 }],
  ])('%s it is not verified', (_, settings) => {
    expect(arriving(carrying(METADATA), settings)).toStrictEqual({
      metadata: {},
      unverified: METADATA,
    });
  });

  test('at the end of four days it still is', () => {
    expect(arriving(carrying(METADATA), { now: NOW + 4 * DAY })).toStrictEqual({
      metadata: METADATA,
    });
  });

  test.each([
    ['/webhook/another/webhook', false],
    ['/webhook/5f0c-1', false],
    ['/5f0c-1', false],
    ['', false],
    // n8n's test URL, a proxy with a path of its own, and other ways to write the same.
    ['/webhook-test/5f0c-1/webhook', true],
    ['/n8n/webhook/5f0c-1/webhook', true],
    ['/5f0c-1/webhook', true],
    ['/webhook/5f0c%2D1/webhook/', true],
    ['/webhook/5f0c-1/webhook%', false],
  ])('at the path %j it is verified: %s', (path, verified) => {
    const arrival = { path, query: Object.fromEntries(new URL(carrying(METADATA)).searchParams) };
    const settings = { secrets: ['whsec_1'], owner: 'abcd1234', now: NOW };
    expect([
      isMetadataSigned(arrival, ['whsec_1']),
      readMetadata(arrival, settings).unverified === undefined,
    ]).toStrictEqual([verified, verified]);
  });

  test('a path with a broken escape is one like any other', () => {
    const url = 'https://n8n.example.com/webhook/100%/webhook';
    expect(arriving(carrying(METADATA, {}, url))).toStrictEqual({ metadata: METADATA });
  });

  const expiry = NOW / 1000 + 4 * 86_400;
  const zeros = `abcd1234.${expiry}.${'0'.repeat(64)}`;
  test.each<[string, Record<string, unknown>]>([
    ['a changed value', { [METADATA_PARAMETER]: encoded('{"order":"other"}') }],
    ['a changed signature', { [METADATA_SIGNATURE_PARAMETER]: zeros }],
    ['a truncated signature', { [METADATA_SIGNATURE_PARAMETER]: zeros.slice(0, -1) }],
    ['an empty signature', { [METADATA_SIGNATURE_PARAMETER]: '' }],
    ['claims without a signature', { [METADATA_SIGNATURE_PARAMETER]: `abcd1234.${expiry}` }],
    ['no signature', { [METADATA_SIGNATURE_PARAMETER]: undefined }],
    ['two values', { [METADATA_PARAMETER]: [encoded('{"a":1}'), encoded('{"a":2}')] }],
    ['two signatures', { [METADATA_SIGNATURE_PARAMETER]: [zeros, zeros] }],
    ['an object for a value', { [METADATA_PARAMETER]: { a: encoded('{"a":1}') } }],
    ['an object for a signature', { [METADATA_SIGNATURE_PARAMETER]: { a: zeros } }],
  ])('%s is not verified metadata', (_, changes) => {
    const { metadata, unverified } = arriving(carrying(METADATA), {}, changes);
    expect([metadata, unverified === undefined]).toStrictEqual([{}, false]);
  });

  const change = (how: (signature: string) => unknown) => {
    const url = carrying(METADATA);
    const signature = new URL(url).searchParams.get(METADATA_SIGNATURE_PARAMETER) as string;
    return arriving(url, {}, { [METADATA_SIGNATURE_PARAMETER]: how(signature) }).metadata;
  };
  test.each<[string, (signature: string) => unknown]>([
    ['in a list', (signature) => [signature]],
    ['with more behind it', (signature) => `${signature}zz`],
    ['with a byte more', (signature) => `${signature}00`],
    ['with a space before it', (signature) => ` ${signature}`],
    ['for another model', (signature) => signature.replace('abcd1234', 'efgh5678')],
    ['for a longer time', (signature) => signature.replace(String(expiry), String(expiry + 1))],
    ['without its expiry', (signature) => signature.replace(String(expiry), '')],
    ['for ever', (signature) => signature.replace(String(expiry), 'Infinity')],
    ['with one that is malformed', (signature) => `${signature}.00`],
  ])('the genuine signature %s is wrong', (_, how) => {
    expect(change(how)).toStrictEqual({});
  });

  test.each<[string, (signature: string) => string]>([
    ['in capitals', (signature) => signature.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())],
    ['after another', (signature) => signature.replace(/\.(?=[^.]+$)/, `.${'0'.repeat(64)}.`)],
    ['before another', (signature) => `${signature}.${'0'.repeat(64)}`],
  ])('the genuine signature %s is right', (_, how) => {
    expect(change(how)).toStrictEqual(METADATA);
  });

  test.each([
    [['e30', 'e30']],
    [{ type: 'Buffer', data: [123, 125] }],
    [7],
    [null],
    ['e30e30'],
    [''],
  ])('a value of %j can not be read, and comes out unverified as it came', (value) => {
    const arrival = { path: '/w', query: { [METADATA_PARAMETER]: value } };
    const settings = { secrets: [], owner: 'abcd1234', now: NOW };
    expect(readMetadata(arrival, settings)).toStrictEqual({ metadata: {}, unverified: value });
  });

  test('the genuine value in a list is not signed', () => {
    const { pathname, searchParams } = new URL(carrying(METADATA));
    const query = Object.fromEntries(searchParams);
    const isSigned = [query[METADATA_PARAMETER], [query[METADATA_PARAMETER]]].map((value) =>
      isMetadataSigned({ path: pathname, query: { ...query, [METADATA_PARAMETER]: value } }, [
        'whsec_1',
      ]),
    );
    expect(isSigned).toStrictEqual([true, false]);
  });

  test.each(['[]', '7', 'null', '"text"', '', '{', 'not JSON'])('%j is not metadata', (json) => {
    const arrival = { path: '/w', query: { [METADATA_PARAMETER]: encoded(json) } };
    const settings = { secrets: [], owner: 'abcd1234', now: NOW };
    expect(readMetadata(arrival, settings).metadata).toStrictEqual({});
  });

  test('keys such as __proto__ are ordinary keys', () => {
    const json = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const arrival = { path: '/w', query: { [METADATA_PARAMETER]: encoded(json) } };
    const settings = { secrets: [], owner: 'abcd1234', now: NOW };
    const { metadata } = readMetadata(arrival, settings);
    expect([
      Object.keys(metadata),
      ({} as { polluted?: number }).polluted,
      metadata.polluted,
    ]).toStrictEqual([['__proto__', 'constructor'], undefined, undefined]);
  });
});

test('the signature begins with the name of the parameter, so that it can never be that of a body', () => {
  const query = new URL(carrying({ a: 1 })).searchParams;
  const [owner, expires, signature] = (query.get(METADATA_SIGNATURE_PARAMETER) ?? '').split('.');
  const digest = crypto
    .createHmac('sha256', 'whsec_1')
    .update(
      `baseten_metadata=${query.get(METADATA_PARAMETER)}\n${owner}.${expires}\n5f0c-1/webhook`,
    )
    .digest('hex');
  expect(signature).toBe(digest);
});

test('every signature is compared with that of every secret, in constant time', () => {
  const url = carrying({ a: 1 }, { secrets: ['whsec_1', 'whsec_9'] });
  const compare = jest.spyOn(crypto, 'timingSafeEqual');
  arriving(url, { secrets: ['whsec_1', 'whsec_2', 'whsec_3'] });
  expect(compare).toHaveBeenCalledTimes(6);
  compare.mockRestore();
});
