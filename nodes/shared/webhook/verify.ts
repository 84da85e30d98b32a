import { createHmac, timingSafeEqual } from 'crypto';

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
  data: unknown;
  errors: Array<{ code: string; message: string }>;
}

/** Which check a delivery failed, in the order they are made. */
export type FailedCheck =
  'signature missing' | 'signature wrong' | 'not JSON' | 'too old' | 'not an async result';

export type Verdict = { ok: true; result: AsyncResult } | { ok: false; check: FailedCheck };

export interface VerifySettings {
  /** Signing secrets; any of them may have signed. Empty: the signature is not looked at. */
  secrets: string[];
  /** Seconds that the time of sending may differ from now; 0 = any time. */
  tolerance: number;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Tells whether a delivery is Baseten's: signature over the raw bytes first, then its time, then its shape.
 * It never throws, whatever is delivered.
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

/** HTTP status that answers a delivery which failed a check. */
export function refusalStatus(check: FailedCheck): 400 | 401 {
  return check === 'not JSON' || check === 'not an async result' ? 400 : 401;
}

/** Whether the model or chain answered; of one that failed only its errors are delivered. */
export function isSuccess({ errors }: AsyncResult): boolean {
  return errors.length === 0;
}

/**
 * What a workflow gets: Baseten's payload as it came, whether it succeeded, and the metadata.
 * @param metadata `undefined` where it was changed on the way, which is told; the result itself is genuine
 */
export function toPayload(result: AsyncResult, metadata: Metadata | undefined): object {
  const payload = { ...result, succeeded: isSuccess(result), metadata: metadata ?? {} };
  return metadata === undefined ? { ...payload, metadataInvalid: true } : payload;
}

/** Whether a header signs a body with any of the secrets. Compares every signature with that of every secret, always all. */
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

/** Baseten sends two at the most, while a secret is being rotated. */
const MOST_SIGNATURES = 10;

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Milliseconds since 1970; not a number where the payload has no time, which its shape will tell. */
function timeOf(payload: unknown): number {
  const time =
    typeof payload === 'object' && payload !== null && 'time' in payload ? payload.time : undefined;
  return typeof time === 'string' ? Date.parse(time) : NaN;
}

function isAsyncResult(payload: unknown): payload is AsyncResult {
  if (typeof payload !== 'object' || payload === null) return false;
  const { request_id, type, time, errors } = payload as Record<string, unknown>;
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
