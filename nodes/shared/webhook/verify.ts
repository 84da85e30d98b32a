// Decisions: docs/decisions.md, "URLs and verification are plain functions".

import { createHmac, timingSafeEqual } from 'crypto';

import { isRecord } from '../json';
import { readJson } from '../payload/readJson';
import { billingEventsIn, keyOfEvent, nameOfEvents, type BillingEvent } from './billingUsage';
import type { Metadata } from './metadata';

/**
 * What Baseten posts when an async request has ended: https://docs.baseten.co/inference/async. Only
 * the ID and the errors are sure to have this shape; the rest is as it came.
 */
export interface AsyncResult {
  /** As text, also if it came as a number. */
  request_id: string;
  model_id?: string;
  chain_id?: string;
  deployment_id?: string;
  /** `async_request_completed`. */
  type?: string;
  /** When the delivery was sent, ISO 8601. */
  time?: string;
  /** What the model or chain returned. */
  data: unknown;
  /** Why it failed; empty if it did not. Always a list, also if something else came. */
  errors: Array<{ code: string; message: string }>;
  /**
   * What a Frontier Gateway's customers used, if it tells of that and not of a request. Then its
   * request ID is a name for these events.
   */
  billingEvents?: BillingEvent[];
}

/** Which check a delivery failed, in the order they are made. */
export type FailedCheck =
  'signature missing' | 'signature wrong' | 'not JSON' | 'no usable request ID' | 'wrong time';

/**
 * What the verification of a delivery says: the result that it brings, or the check that it failed.
 */
export type Verdict =
  | { ok: true; result: AsyncResult }
  | {
      ok: false;
      check: FailedCheck;
      /** The request that it belongs to, if only its time failed the check. */
      requestId?: string;
      /** Seconds from now to the time of sending, if that failed the check; below 0: it is past. */
      secondsOff?: number;
    };

/** What a delivery is verified against. */
export interface VerifySettings {
  /**
   * Signing secrets; any of them may have signed. If there are none, the signature is not checked.
   */
  secrets: string[];
  /** Seconds that the time of sending may differ from now; 0 = any time. */
  tolerance: number;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Tells whether a delivery is Baseten's: first the signature of the raw bytes, then the shape, then
 * the time. A genuine delivery that is refused is lost, so of the shape only the request ID counts,
 * and a time that can't be read is not checked. It never throws, whatever is delivered.
 * @param body raw bytes as they came
 * @param signatureHeader value of `X-BASETEN-SIGNATURE`
 * @see https://docs.baseten.co/inference/async#secure-webhooks
 */
export function verifyDelivery(
  body: Buffer,
  signatureHeader: unknown,
  { secrets, tolerance, now }: VerifySettings,
): Verdict {
  if (secrets.length > 0) {
    if (typeof signatureHeader !== 'string' || signatureHeader.trim() === '')
      return failed('signature missing');
    if (!isSigned(body, signatureHeader, secrets)) return failed('signature wrong');
  }
  const payload = parseJson(body);
  if (payload === undefined) return failed('not JSON');
  const billingEvents = billingEventsIn(payload);
  const requestId = billingEvents
    ? nameOfEvents(billingEvents.map(keyOfEvent))
    : requestIdOf(payload);
  if (!isRecord(payload) || requestId === undefined) return failed('no usable request ID');
  const millisecondsOff = timeOf(payload.time) - now;
  if (tolerance > 0 && Math.abs(millisecondsOff) > tolerance * 1000)
    return { ...failed('wrong time'), requestId, secondsOff: Math.round(millisecondsOff / 1000) };
  const result = {
    ...payload,
    request_id: requestId,
    errors: toList(payload.errors),
    ...(billingEvents && { billingEvents }),
  };
  return { ok: true, result: result as AsyncResult };
}

/**
 * HTTP status for a delivery that failed a check. Baseten delivers again after 503 only, so a
 * delivery that is signed never gets another one.
 * @param isVerified whether the signature was checked
 * @returns 401 if it may not be Baseten's, 400 if it is nothing of Baseten's, else 503
 */
export function refusalStatus(check: FailedCheck, isVerified: boolean): 400 | 401 | 503 {
  if (check === 'signature missing' || check === 'signature wrong') return 401;
  return isVerified || check === 'wrong time' ? 503 : 400;
}

/**
 * Whether the model or chain returned an output. If it failed, Baseten delivers only its errors.
 */
export function isSuccess({ errors }: AsyncResult): boolean {
  return errors.length === 0;
}

/** ID of the model or chain that a result is of; empty if it names none. */
export function ownerOf({ model_id: model, chain_id: chain }: AsyncResult): string {
  const isId = (id: unknown): id is string => typeof id === 'string' && id !== '';
  return [model, chain].find(isId) ?? '';
}

/**
 * What a workflow gets: Baseten's payload as it came, whether it succeeded, and the metadata.
 * @param unverified metadata that nobody can vouch for; the item has it under a name of its own
 */
export function toPayload(result: AsyncResult, metadata: Metadata, unverified?: unknown): object {
  const payload = { ...result, succeeded: isSuccess(result), metadata };
  return unverified === undefined ? payload : { ...payload, metadataUnverified: unverified };
}

/**
 * Whether a header signs a body with any of the secrets. It compares every signature with that of
 * every secret, and never stops early, so that the time it takes does not show which one matched.
 * @param body raw bytes as they came
 * @param header value of `X-BASETEN-SIGNATURE`: `v1=<hex>`, several separated by commas, semicolons
 * or blanks
 */
export function isSigned(body: Buffer, header: string, secrets: string[]): boolean {
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(body).digest());
  let match = false;
  let count = 0;
  for (const [, hex] of header.matchAll(SIGNATURE)) {
    if (++count > MOST_SIGNATURES) break;
    const given = Buffer.from(hex as string, 'hex');
    for (const signature of expected) match = timingSafeEqual(given, signature) || match;
  }
  return match;
}

/** A signature between separators. Blanks around its equals sign do not matter. */
const SIGNATURE = /(?<![^\s,;])v1\s*=\s*([0-9a-f]{64})(?![^\s,;])/gi;

/** More than fit the 16 KiB that Node takes as headers. Baseten sends two during a rotation. */
const MOST_SIGNATURES = 250;

function parseJson(body: Buffer): unknown {
  try {
    return readJson(body.toString('utf8').replace(BYTE_ORDER_MARK, '')).value;
  } catch {
    return undefined;
  }
}

const BYTE_ORDER_MARK = /^\ufeff/;

/** The ID of the request as text. A fraction is not one: it may have been rounded. */
function requestIdOf(payload: unknown): string | undefined {
  const id = isRecord(payload) ? payload.request_id : undefined;
  if (typeof id === 'string') return id.trim() === '' ? undefined : id;
  return Number.isSafeInteger(id) ? String(id) : undefined;
}

/**
 * When a delivery was sent, in milliseconds since 1970; NaN if that can't be told. A time without a
 * zone is UTC. A number is in seconds, or, if that would be thousands of years from now, in
 * milliseconds or microseconds.
 */
function timeOf(time: unknown): number {
  if (typeof time === 'number') {
    const unit = [1e3, 1, 1e-3].find((each) => time * each < 1e14);
    return unit === undefined ? NaN : time * unit;
  }
  if (typeof time !== 'string') return NaN;
  return Date.parse(HAS_ZONE.test(time) ? time : `${time}Z`);
}

/** Also matches the end of a date without a time of day, which is UTC anyway. */
const HAS_ZONE = /(?:z|gmt|utc|[+-]\d\d(?::?\d\d)?)$/i;

/** Errors as a list: an empty object or text is none. */
function toList(errors: unknown): unknown[] {
  if (Array.isArray(errors)) return errors;
  if (isRecord(errors)) return Object.keys(errors).length > 0 ? [errors] : [];
  return errors ? [{ code: '', message: String(errors) }] : [];
}

function failed(check: FailedCheck): { ok: false; check: FailedCheck } {
  return { ok: false, check };
}
