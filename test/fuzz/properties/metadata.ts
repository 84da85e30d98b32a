import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import {
  METADATA_PARAMETER as VALUE,
  METADATA_SIGNATURE_PARAMETER as SIGNATURE,
  readMetadata,
  withMetadata,
  type Metadata,
} from '../../../nodes/shared/webhook/metadata';
import { UserInputError } from '../../../nodes/shared/errors/userInputError';
import { hostileText } from '../hostile';
import { property } from '../property';
import { secret } from './deliveries';

/** A query as a server reads it: a parameter that is given once is text. */
function queryOf(url: URL): Record<string, unknown> {
  return Object.fromEntries(new URL(url.href).searchParams);
}

const metadata = fc
  .dictionary(hostileText, fc.oneof(hostileText, fc.jsonValue({ maxDepth: 1 })), { maxKeys: 4 })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as Metadata);
const webhookUrl = hostileText.map((text) => {
  const url = new URL('https://hooks.example.com/webhook/1');
  url.searchParams.set('kept', text);
  return url;
});
const padding = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 3900, max: 4200 }) },
);

/** Metadata comes back as it was sent, or is refused because it is too long. */
export const carried = property({
  name: 'metadata there and back',
  share: 4,
  inputs: fc.record({
    metadata,
    webhookUrl,
    secrets: fc.uniqueArray(secret, { maxLength: 3 }),
    signer: fc.nat(),
    padding,
  }),
  check: ({ metadata: fields, webhookUrl: url, secrets, signer, padding: bytes }) => {
    const sent: Metadata = bytes > 0 ? { ...fields, padding: 'x'.repeat(bytes) } : fields;
    const make = () => withMetadata(url, sent, secrets[signer % secrets.length]);
    if (Buffer.byteLength(JSON.stringify(sent)) > 4096) {
      assert.throws(make, UserInputError);
      return 'refused';
    }
    const carrying = make();
    assert.deepEqual(
      [carrying.origin, carrying.pathname, carrying.hash],
      [url.origin, url.pathname, ''],
    );
    assert.equal(carrying.searchParams.get('kept'), url.searchParams.get('kept'));
    assert(secrets.every((each) => !carrying.href.includes(each)));
    assert.deepEqual(readMetadata(queryOf(carrying), secrets), sent);
    return 'accepted';
  },
});

const mutation = fc.oneof(
  fc.record({
    of: fc.constant(VALUE),
    at: fc.nat(),
    to: fc.constantFrom(...'ABCxyz019-_=+/. \n\0'),
  }),
  fc.record({
    of: fc.constant(SIGNATURE),
    at: fc.nat(),
    to: fc.constantFrom(...'0123456789abcdefg \n'),
  }),
  fc.record({
    of: fc.constantFrom(VALUE, SIGNATURE),
    instead: fc.oneof(
      hostileText,
      fc.constant(undefined),
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(hostileText, { maxLength: 2 }),
    ),
  }),
);

/** Metadata that was changed on the way is noticed. */
export const changedMetadata = property({
  name: 'metadata changed on the way',
  share: 4,
  inputs: fc.record({ metadata, secret, mutation, held: fc.constantFrom('same', 'other', 'none') }),
  check: ({ metadata: fields, secret: key, mutation: made, held }) => {
    const sent = { ...fields, order: 1 };
    const query = queryOf(withMetadata(new URL('https://hooks.example.com/w'), sent, key));
    const was = query[made.of] as string;
    query[made.of] =
      'instead' in made
        ? made.instead
        : was.slice(0, made.at % was.length) + made.to + was.slice((made.at % was.length) + 1);
    const holding = { same: [key], other: [`${key}x`], none: [] }[held];
    const read = readMetadata(query, holding);
    const value = query[VALUE];
    const signature = query[SIGNATURE];
    const isText = typeof value === 'string' && typeof signature === 'string';
    const digest = isText && createHmac('sha256', key).update(`${VALUE}=${value}`).digest('hex');
    const isGenuine = isText && held === 'same' && signature.toLowerCase() === digest;
    if (held === 'none' ? read !== undefined : isGenuine) {
      if (isGenuine) assert.deepEqual(read, sent);
      assert(typeof read === 'object' && !Array.isArray(read));
      return 'accepted';
    }
    const nothing = value === undefined && signature === undefined;
    assert.deepEqual(read, nothing ? {} : undefined);
    return 'refused';
  },
});
