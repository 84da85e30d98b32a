import { secretsOf, withoutSecrets } from '../../../../nodes/shared/errors/redact';

const KEY = 'AbCd1234.sEcReT/with+signs=and-more';
const SECRET = 'whsec_0123456789abcdef';
const hide = (text: string) => withoutSecrets(text, [KEY, SECRET]);
const hex = Buffer.from(KEY).toString('hex');
const wide = Buffer.from(KEY, 'utf16le').swap16().toString('hex');
const codes = Array.from(Buffer.from(KEY));

test('the secrets of a connection are its keys and all its webhook secrets', () => {
  const webhookSecrets = ['a', 'b'];
  expect(secretsOf({ apiKey: 'k', managementKey: 'm', webhookSecrets })).toStrictEqual([
    'k',
    'm',
    'a',
    'b',
  ]);
  expect(secretsOf({ apiKey: 'k', managementKey: 'k', webhookSecrets })).toStrictEqual([
    'k',
    'a',
    'b',
  ]);
});

test.each([
  ['as it is', `a ${KEY} b`, 'a [API key] b'],
  ['twice', `${KEY} ${KEY} b`, '[API key] [API key] b'],
  ['of a webhook', `a ${SECRET} b`, 'a [API key] b'],
  ['at both ends', `${KEY}, ${KEY}`, '[API key], [API key]'],
  ['in pieces of ten', `${KEY.slice(0, 10)} | ${KEY.slice(-10)}`, '[API key] | [API key]'],
  ['from its middle', `a ${KEY.slice(9, 25)} b`, 'a [API key] b'],
  ['in capitals', `a ${KEY.toUpperCase()} b`, 'a [API key] b'],
  ['with spaces', `(${[...KEY].join(' ')})`, '([API key])'],
  ['with characters nobody sees', `(${[...KEY].join('\u200b\u2060')})`, '([API key])'],
  ['with accents', `(${[...KEY].join('\u0301')})`, '([API key])'],
  ['for a URL', `(${encodeURIComponent(KEY)})`, '([API key])'],
  ['in base64', Buffer.from(`ab:${KEY}`).toString('base64'), /^.{0,6}\[API key\].{0,3}$/],
  [
    'in base64 for a URL',
    Buffer.from(`x${KEY}`).toString('base64url'),
    /^.{0,3}\[API key\].{0,3}$/,
  ],
  ['in hexadecimal', `(${hex})`, '([API key])'],
  ['in hexadecimal with 0x', `(${hex.replace(/../g, '0x$&, ')})`, /^\(0x\[API key\], \)$/],
  ['with escapes', `(${wide.replace(/..../g, '\\u$&')})`, '(\\u[API key])'],
  ['as numbers', `[${codes.join(', ')}]`, '[[API key]]'],
  ['as it begins, before a cut', `key=${KEY.slice(0, 4)}…`, 'key=[API key]…'],
  ['as it begins in hexadecimal, before a cut', `key=${hex.slice(0, 8)}…`, 'key=[API key]…'],
])('a secret %s is hidden', (_name, text, shown) => {
  if (typeof shown === 'string') expect(hide(text)).toBe(shown);
  else expect(hide(text)).toMatch(shown);
});

test.each([
  '',
  'The field is missing…',
  'It must start with whsec_ and AbCd1234',
  `nine of it: ${KEY.slice(0, 9)}, ${KEY.slice(1, 10)}`,
  `three of it: ${KEY.slice(0, 3)}…`,
  `behind its beginning: ${KEY.slice(1, 5)}…`,
  'request 3f2a9bd8-1c2d-4e5f-8a7b-123456789012 at 2026-01-01T00:00:00.000Z, 98 of 100',
  'Bearer authentication required',
])('other words stay as they are: %j', (text) => {
  expect(hide(text)).toBe(text);
});

test('a secret that is short is looked for as it is, and one that is too short not at all', () => {
  const short = (text: string, secret: string) => withoutSecrets(text, [secret]);
  expect(short('the key-123 is wrong', 'key-123')).toBe('the [API key] is wrong');
  expect(short(`the ${Buffer.from('dead').toString('hex')} d1e2a3d4`, 'dead')).not.toContain('[');
  expect(short('a key', 'key')).toBe('a key');
  expect(short('a b', '')).toBe('a b');
});

test('another key is hidden behind the words of a header', () => {
  expect(hide('Authorization: Bearer sk-99887766')).toBe('Authorization: Bearer [hidden]');
  expect(hide('Api-Key  99887766.abc, x')).toBe('Api-Key [hidden], x');
});
