// Decisions: docs/decisions.md, "Metadata travels in the webhook URL".

import { createHmac, timingSafeEqual } from 'crypto';

import { UserInputError } from '../errors/userInputError';
import { isRecord } from '../json';

/**
 * Query parameter of a webhook URL that carries metadata. Baseten returns nothing of a request but
 * its ID, and posts the result to the whole URL that it was given.
 */
export const METADATA_PARAMETER = 'baseten_metadata';

/** Query parameter that carries the signature of the metadata. */
export const METADATA_SIGNATURE_PARAMETER = 'baseten_metadata_signature';

/**
 * Bytes of JSON. As base64 and with a signature it still fits the 8 KiB that proxies allow a URL.
 */
const LONGEST_METADATA = 4096;

/** A JSON object of the user's, which comes out with the result. */
export type Metadata = Record<string, unknown>;

/**
 * Puts metadata into the query of a webhook URL, signed so that the trigger notices a change.
 * @param secret webhook signing secret; without one the metadata is not signed
 * @returns the URL with the metadata, or the URL as it was if there is no metadata
 * @throws {UserInputError} if the metadata is too long for a URL
 */
export function withMetadata(url: URL, metadata: Metadata, secret: string | undefined): URL {
  if (Object.keys(metadata).length === 0) return url;
  const json = Buffer.from(JSON.stringify(metadata), 'utf8');
  if (json.length > LONGEST_METADATA) {
    throw new UserInputError(
      `Metadata is ${json.length} bytes of JSON, more than the ${LONGEST_METADATA} that fit a URL`,
      'Send an ID and keep the rest in a table of your own.',
    );
  }
  const carrying = new URL(url);
  const value = json.toString('base64url');
  carrying.searchParams.set(METADATA_PARAMETER, value);
  if (secret !== undefined) {
    carrying.searchParams.set(METADATA_SIGNATURE_PARAMETER, sign(value, secret).toString('hex'));
  }
  return carrying;
}

/**
 * Whether the metadata in the query of a delivery is as it was sent. It never throws.
 * @param secrets any of them may have signed; if there are none, unsigned metadata counts as
 *   genuine
 */
export function isMetadataGenuine(query: Record<string, unknown>, secrets: string[]): boolean {
  const value = query[METADATA_PARAMETER];
  const signature = query[METADATA_SIGNATURE_PARAMETER];
  if (value === undefined) return signature === undefined;
  if (typeof value !== 'string') return false;
  return secrets.length === 0 || isSigned(value, signature, secrets);
}

/**
 * Verifies and reads the metadata in the query of a delivery. It never throws.
 * @param secrets any of them may have signed; if there are none, unsigned metadata is taken
 * @returns the metadata, empty if there is none, or `undefined` if it is not as it was sent
 */
export function readMetadata(
  query: Record<string, unknown>,
  secrets: string[],
): Metadata | undefined {
  if (!isMetadataGenuine(query, secrets)) return undefined;
  const value = query[METADATA_PARAMETER];
  return value === undefined ? {} : parse(value as string);
}

function isSigned(value: string, signature: unknown, secrets: string[]): boolean {
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/i.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  // All are compared, so that the time it takes does not show which one matched.
  return secrets.filter((secret) => timingSafeEqual(given, sign(value, secret))).length > 0;
}

function sign(value: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${METADATA_PARAMETER}=${value}`).digest();
}

function parse(value: string): Metadata | undefined {
  try {
    const json = JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as unknown;
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
