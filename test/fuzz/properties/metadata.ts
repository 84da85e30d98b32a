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
import { hostileText, plainName } from '../hostile';
import { property } from '../property';
import { secret } from './deliveries';

const NOW = Date.parse('2026-01-01T12:00:00Z');

/** What a server knows of a delivery to a URL: a parameter that is given once is text. */
function arrivalAt(address: string): { path: string; query: Record<string, unknown> } {
  const { pathname, searchParams } = new URL(address);
  return { path: pathname, query: Object.fromEntries(searchParams) };
}

const metadata = fc
  .dictionary(hostileText, fc.oneof(hostileText, fc.jsonValue({ maxDepth: 1 })), { maxKeys: 4 })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as Metadata);
/** An address as people write it, with more than one way to write the same. */
const webhookUrl = fc
  .tuple(
    fc.constantFrom('https://hooks.example.com', 'HTTPS://Hooks.example.com:443'),
    fc.constantFrom('', '/', '/w', '/webhook/5f%2D0c/webhook', '/a/./b/../webhook/é/webhook/'),
    fc.constantFrom('', '?', '?kept=a%20b+c', '?kept&', '?ü=~!'),
    fc.constantFrom('', '#', '#part?x'),
  )
  .map((parts) => parts.join(''));
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
    kept: fc.nat(),
    owner: plainName,
    /** Seconds until it is delivered. */
    later: fc.integer({ min: 0, max: 5 * 86_400 }),
    padding,
  }),
  check: ({ metadata: fields, webhookUrl: url, secrets, kept, owner, later, padding: bytes }) => {
    const sent: Metadata = bytes > 0 ? { ...fields, padding: 'x'.repeat(bytes) } : fields;
    const make = () => withMetadata(url, sent, { secrets, owner, now: NOW });
    if (Buffer.byteLength(JSON.stringify(sent)) > 4096) {
      assert.throws(make, UserInputError);
      return 'refused';
    }
    const carrying = make();
    const [before = '', hash] = url.split('#');
    assert(carrying.startsWith(before));
    assert.equal(carrying.split('#')[1], hash);
    assert(secrets.every((each) => !carrying.includes(each)));
    // After a rotation any one of the secrets may be left.
    const held = secrets.slice(kept % (secrets.length || 1)).slice(0, 1);
    const now = NOW + later * 1000;
    const isGood = held.length === 0 || later <= 4 * 86_400 || Object.keys(sent).length === 0;
    assert.deepEqual(
      readMetadata(arrivalAt(carrying), { secrets: held, owner, now }),
      isGood ? { metadata: sent } : { metadata: {}, unverified: sent },
    );
    return isGood ? 'accepted' : 'refused';
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
    const sending = { secrets: [key], owner: 'abcd1234', now: NOW };
    const { path, query } = arrivalAt(withMetadata('https://hooks.example.com/w', sent, sending));
    const was = query[made.of] as string;
    const signed = query[SIGNATURE] as string;
    query[made.of] =
      'instead' in made
        ? made.instead
        : was.slice(0, made.at % was.length) + made.to + was.slice((made.at % was.length) + 1);
    const secrets = { same: [key], other: [`${key}x`], none: [] }[held];
    const read = readMetadata({ path, query }, { secrets, owner: 'abcd1234', now: NOW });
    const { metadata: verified, unverified } = read;
    assert(typeof verified === 'object' && !Array.isArray(verified));
    const value = query[VALUE];
    if (value === undefined) {
      assert.deepEqual(read, { metadata: {} });
      return 'refused';
    }
    const [owner, expires, hex] = signed.split('.');
    const digest = createHmac('sha256', key)
      .update(`${VALUE}=${String(value)}\n${owner}.${expires}\nw`)
      .digest('hex');
    const isSame = String(query[SIGNATURE]).toLowerCase() === signed && digest === hex;
    const isGenuine = held === 'same' && typeof query[SIGNATURE] === 'string' && isSame;
    if (isGenuine) assert.deepEqual(read, { metadata: sent });
    else if (held !== 'none') assert.notEqual(unverified, undefined);
    return unverified === undefined ? 'accepted' : 'refused';
  },
});
