// Decisions: docs/decisions.md, "Metadata travels in the webhook URL".

import { createHmac, timingSafeEqual } from 'crypto';

import { UserInputError } from '../errors/userInputError';
import { isRecord } from '../json';

/**
 * Query parameter of a webhook URL that carries metadata. Baseten returns nothing of a request but
 * its ID, and posts the result to the whole URL that it was given.
 */
export const METADATA_PARAMETER = 'baseten_metadata';

/**
 * Query parameter that says what the metadata is for, with a signature by each secret:
 * `<model or chain ID>.<expiry>.<hex>.<hex>`.
 */
export const METADATA_SIGNATURE_PARAMETER = 'baseten_metadata_signature';

/**
 * Bytes of JSON. As base64 and with a signature it still fits the 8 KiB that proxies allow a URL.
 */
const LONGEST_METADATA = 4096;

/**
 * Seconds that metadata is good for: a request may queue for 72 hours, then run ten times for an
 * hour each.
 */
const GOOD_FOR = 4 * 24 * 60 * 60;

/** Most secrets that sign, so that the URL stays short. */
const MOST_SIGNERS = 4;

/** A JSON object of the user's, which comes out with the result. */
export type Metadata = Record<string, unknown>;

/** What metadata is sent with. */
export interface SendingMetadata {
  /** Webhook signing secrets, each of which signs; without any the metadata is not signed. */
  secrets: string[];
  /** ID of the model or chain whose result it belongs to. */
  owner: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Where metadata arrived, and with what. */
export interface MetadataArrival {
  /** Query of the delivery. */
  query: Record<string, unknown>;
  /** Path that was posted to. */
  path: string;
}

/** What the metadata of a delivery is verified against. */
export interface ReceivingMetadata {
  /** Any of them may have signed; if there are none, unsigned metadata counts as verified. */
  secrets: string[];
  /** ID of the model or chain whose result was delivered; empty if it names none. */
  owner: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** The metadata of a delivery. */
export interface ReceivedMetadata {
  /** Empty if there is none, or none that is verified. */
  metadata: Metadata;
  /** What came but can't be verified: an object, or, if it can't be read, as it came. */
  unverified?: unknown;
}

/**
 * Puts metadata into the query of a webhook URL. It is signed, together with the path, the model or
 * chain and a time of expiry, so that it counts for nothing else. The rest of the URL stays byte
 * for byte as it is.
 * @param url a webhook URL that was checked
 * @returns the URL with the metadata, or the URL as it was if there is no metadata
 * @throws {UserInputError} if the metadata is too long for a URL, or the URL has metadata already
 */
export function withMetadata(
  url: string,
  metadata: Metadata,
  { secrets, owner, now }: SendingMetadata,
): string {
  if (Object.keys(metadata).length === 0) return url;
  const json = Buffer.from(JSON.stringify(metadata), 'utf8');
  if (json.length > LONGEST_METADATA) {
    throw new UserInputError(
      `Metadata is ${json.length} bytes of JSON, more than the ${LONGEST_METADATA} that fit a URL`,
      'Send an ID and keep the rest in a table of your own.',
    );
  }
  const { pathname, searchParams } = new URL(url);
  if (searchParams.has(METADATA_PARAMETER) || searchParams.has(METADATA_SIGNATURE_PARAMETER)) {
    throw new UserInputError(
      `Webhook URL has ${METADATA_PARAMETER} already`,
      'Use the Production URL of the Baseten Trigger as it is, and put what belongs to the request into Metadata.',
    );
  }
  const value = json.toString('base64url');
  const parameters = [`${METADATA_PARAMETER}=${value}`];
  if (secrets.length > 0) {
    const claims = `${owner}.${Math.floor(now / 1000) + GOOD_FOR}`;
    const signatures = secrets
      .slice(0, MOST_SIGNERS)
      .map((secret) => sign(value, claims, pathname, secret).toString('hex'));
    parameters.push(`${METADATA_SIGNATURE_PARAMETER}=${[claims, ...signatures].join('.')}`);
  }
  return withQuery(url, parameters.join('&'));
}

/**
 * Whether one of the secrets signed the metadata of a delivery, for whatever model and time. It
 * never throws.
 */
export function isMetadataSigned({ query, path }: MetadataArrival, secrets: string[]): boolean {
  const value = query[METADATA_PARAMETER];
  const signature = parseSignature(query[METADATA_SIGNATURE_PARAMETER]);
  if (typeof value !== 'string' || !signature) return false;
  const { claims, signatures } = signature;
  let match = false;
  // All are compared, so that the time it takes does not show which one matched.
  for (const secret of secrets) {
    const expected = sign(value, claims, path, secret);
    for (const given of signatures) match = timingSafeEqual(given, expected) || match;
  }
  return match;
}

/** Whether a delivery has metadata, verified or not. */
export function hasMetadata({ query }: MetadataArrival): boolean {
  return query[METADATA_PARAMETER] !== undefined;
}

/** Reads and verifies the metadata in the query of a delivery. It never throws. */
export function readMetadata(
  arrival: MetadataArrival,
  { secrets, owner, now }: ReceivingMetadata,
): ReceivedMetadata {
  if (!hasMetadata(arrival)) return { metadata: {} };
  const value = arrival.query[METADATA_PARAMETER];
  const metadata = parse(value);
  const isVerified =
    secrets.length === 0 || (isMetadataSigned(arrival, secrets) && isFor(arrival, owner, now));
  if (metadata && isVerified) return { metadata };
  return { metadata: {}, unverified: metadata ?? value };
}

/** Whether metadata is for this model or chain, and has not expired. */
function isFor({ query }: MetadataArrival, owner: string, now: number): boolean {
  const signature = parseSignature(query[METADATA_SIGNATURE_PARAMETER]);
  return signature?.owner === owner && now <= (signature?.expires ?? 0) * 1000;
}

/** A signature taken apart. `claims`: what it says, as text. `expires`: seconds since 1970. */
interface Signature {
  claims: string;
  owner: string;
  expires: number;
  signatures: Buffer[];
}

function parseSignature(value: unknown): Signature | undefined {
  if (typeof value !== 'string') return undefined;
  const [owner = '', expires = '', ...signatures] = value.split('.', MOST_SIGNERS + 2);
  if (!/^\d{1,12}$/.test(expires) || !signatures.every((each) => /^[0-9a-f]{64}$/i.test(each)))
    return undefined;
  return {
    claims: `${owner}.${expires}`,
    owner,
    expires: Number(expires),
    signatures: signatures.map((each) => Buffer.from(each, 'hex')),
  };
}

/**
 * Signs a value together with what it is for. It begins with the name of the parameter, so that it
 * can never be the signature of a body.
 */
function sign(value: string, claims: string, path: string, secret: string): Buffer {
  return createHmac('sha256', secret)
    .update([`${METADATA_PARAMETER}=${value}`, claims, endOf(path)].join('\n'))
    .digest();
}

/**
 * The last two steps of a path, which are a trigger's own. A proxy may change those before, and
 * n8n's test URL differs there.
 */
function endOf(path: string): string {
  const steps = path.split('/').filter((step) => step !== '');
  return steps.slice(-2).map(decoded).join('/');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** Adds to the query of a URL, and leaves everything else as it is. */
function withQuery(url: string, more: string): string {
  const hash = url.indexOf('#');
  const before = hash < 0 ? url : url.slice(0, hash);
  const after = hash < 0 ? '' : url.slice(hash);
  const separator = !before.includes('?') ? '?' : /[?&]$/.test(before) ? '' : '&';
  return before + separator + more + after;
}

function parse(value: unknown): Metadata | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const json = JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as unknown;
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
