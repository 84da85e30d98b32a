import {
  METADATA_PARAMETER,
  METADATA_SIGNATURE_PARAMETER,
  withMetadata,
} from '../../../nodes/shared/metadata';

test('metadata travels in the query, signed, and keeps what was there', () => {
  const url = withMetadata(new URL('https://x.example.com/w?a=1'), { order: 'Grüße 👋' }, 'whsec_1');
  expect(url.searchParams.get('a')).toBe('1');
  const value = url.searchParams.get(METADATA_PARAMETER) ?? '';
  expect(JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))).toStrictEqual({ order: 'Grüße 👋' });
  expect(url.searchParams.get(METADATA_SIGNATURE_PARAMETER)).toMatch(/^[0-9a-f]{64}$/);
  expect(url.toString()).not.toContain('whsec');
});

test('without metadata the URL stays as it is, without a secret the metadata is not signed', () => {
  expect(withMetadata(new URL('https://x.example.com/w'), {}, 's').search).toBe('');
  const unsigned = withMetadata(new URL('https://x.example.com/w'), { a: 1 }, undefined);
  expect(unsigned.searchParams.has(METADATA_SIGNATURE_PARAMETER)).toBe(false);
});
