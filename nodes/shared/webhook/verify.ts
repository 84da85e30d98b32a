// Decisions: docs/decisions.md, "URLs and verification are plain functions".

import { createHmac, timingSafeEqual } from 'crypto';

import { isRecord } from '../json';
import type { Metadata } from './metadata';

/** What Baseten posts when an async request has ended: https://docs.baseten.co/inference/async */
export interface AsyncResult {
  request_id: string;
  model_id?: string;
  chain_id?: string;
  deployment_id?: string;
  type: 'async_request_completed';
  /** When the delivery was sent, ISO 8601. */
  time: string;
  /** What the model or chain returned. */
  data: unknown;
  /** Why it failed; empty if it did not. */
  errors: Array<{ code: string; message: string }>;
}

/** Which check a delivery failed, in the order they are made. */
export type FailedCheck =
  'signature missing' | 'signature wrong' | 'not JSON' | 'too old' | 'not an async result';

/**
 * What the verification of a delivery says: the result that it brings, or the check that it failed.
 */
export type Verdict = { ok: true; result: AsyncResult } | { ok: false; check: FailedCheck };

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
 * Tells whether a delivery is Baseten's: first the signature of the raw bytes, then the time, then
 * the shape. It never throws, whatever is delivered.
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
  if (tolerance > 0 && Math.abs(now - timeOf(payload)) > tolerance * 1000) return failed('too old');
  if (!isAsyncResult(payload)) return failed('not an async result');
  return { ok: true, result: { ...payload, errors: payload.errors ?? [] } };
}

/**
 * HTTP status for a delivery that failed a check: 401 if it may not be Baseten's or not be fresh,
 * 400 if its body is wrong.
 */
export function refusalStatus(check: FailedCheck): 400 | 401 {
  return check === 'not JSON' || check === 'not an async result' ? 400 : 401;
}

/**
 * Whether the model or chain returned an output. If it failed, Baseten delivers only its errors.
 */
export function isSuccess({ errors }: AsyncResult): boolean {
  return errors.length === 0;
}

/**
 * What a workflow gets: Baseten's payload as it came, whether it succeeded, and the metadata.
 * @param metadata `undefined` if it was changed on the way; the item then says so, and keeps the
 *   result, which is genuine
 */
export function toPayload(result: AsyncResult, metadata: Metadata | undefined): object {
  const payload = { ...result, succeeded: isSuccess(result), metadata: metadata ?? {} };
  return metadata === undefined ? { ...payload, metadataInvalid: true } : payload;
}

/**
 * Whether a header signs a body with any of the secrets. It compares every signature with that of
 * every secret, and never stops early, so that the time it takes does not show which one matched.
 * @param body raw bytes as they came
 * @param header value of `X-BASETEN-SIGNATURE`: `v1=<hex>`, several separated by commas
 */
export function isSigned(body: Buffer, header: string, secrets: string[]): boolean {
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(body).digest());
  let match = false;
  for (const part of header.split(',').slice(0, MOST_SIGNATURES)) {
    const hex = /^v1=([0-9a-f]{64})$/i.exec(part.trim())?.[1];
    if (hex === undefined) continue;
    const given = Buffer.from(hex, 'hex');
    for (const signature of expected) match = timingSafeEqual(given, signature) || match;
  }
  return match;
}

/** Baseten sends at most two, while a secret is being rotated. */
const MOST_SIGNATURES = 10;

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Milliseconds since 1970. Without a time this is NaN; the check of the shape refuses that payload.
 */
function timeOf(payload: unknown): number {
  const time = isRecord(payload) ? payload.time : undefined;
  return typeof time === 'string' ? Date.parse(time) : NaN;
}

function isAsyncResult(payload: unknown): payload is AsyncResult {
  if (!isRecord(payload)) return false;
  const { request_id, type, time, errors } = payload;
  return (
    typeof request_id === 'string' &&
    request_id !== '' &&
    request_id.length <= 200 &&
    type === 'async_request_completed' &&
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    (errors === undefined || errors === null || Array.isArray(errors))
  );
}

function failed(check: FailedCheck): Verdict {
  return { ok: false, check };
}
