import { createHmac, timingSafeEqual } from 'crypto';

import { UserInputError } from '../errors/userInputError';

/** Query parameters that carry metadata through Baseten, which gives back nothing but the URL it was told. */
export const METADATA_PARAMETER = 'baseten_metadata';
export const METADATA_SIGNATURE_PARAMETER = 'baseten_metadata_signature';

/** Bytes of JSON: base64 and a signature later it still fits the 8 KiB that proxies allow a URL. */
const LONGEST_METADATA = 4096;

export type Metadata = Record<string, unknown>;

/**
 * Puts metadata into the query of a webhook URL, signed so that the trigger can tell it was not changed.
 * @param secret webhook signing secret; without one the metadata travels unsigned
 * @throws {UserInputError} where the metadata is too long for a URL
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
 * Reads metadata from the query of a delivery. It never throws.
 * @param secrets any of them may have signed; empty: unsigned metadata is taken
 * @returns the metadata, empty where there is none, or `undefined` where it was changed on the way
 */
export function readMetadata(
  query: Record<string, unknown>,
  secrets: string[],
): Metadata | undefined {
  const value = query[METADATA_PARAMETER];
  if (value === undefined)
    return query[METADATA_SIGNATURE_PARAMETER] === undefined ? {} : undefined;
  if (typeof value !== 'string') return undefined;
  if (secrets.length > 0 && !isSigned(value, query[METADATA_SIGNATURE_PARAMETER], secrets))
    return undefined;
  return parse(value);
}

function isSigned(value: string, signature: unknown, secrets: string[]): boolean {
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/i.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  return secrets.filter((secret) => timingSafeEqual(given, sign(value, secret))).length > 0;
}

function sign(value: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${METADATA_PARAMETER}=${value}`).digest();
}

function parse(value: string): Metadata | undefined {
  try {
    const json = JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as unknown;
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Metadata)
      : undefined;
  } catch {
    return undefined;
  }
}
