// Decisions: docs/decisions.md, "Retries live in the client".

import type { BasetenError } from '../errors/basetenError';
import { LONGEST_RETRY_AFTER_MS } from '../errors/failures';
import type { Time } from '../time';
import type { Ending } from './flow/queue';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** HTTP statuses that say: later, or not so many. */
const REFUSALS = [429, 503];

/** Whether a failure says: later, or not so many. */
export function isRefusal({ status = 0 }: BasetenError): boolean {
  return REFUSALS.includes(status);
}

/** @returns what a failure says about limits */
export function endingOf(failure: BasetenError): Ending {
  const { kind, status = 0, retryAfter = 0 } = failure;
  if (isRefusal(failure))
    return { refused: status, pause: retryAfter > LONGEST_RETRY_AFTER_MS ? 0 : retryAfter };
  return kind === 'http' || kind === 'response' ? 'failed' : 'unknown';
}

/** @returns milliseconds after which another attempt makes sense, or nothing if it never does */
export function pauseAfter(failure: BasetenError, attempt: number, time: Time): number | undefined {
  if (!failure.isPassing) return undefined;
  const asked = failure.retryAfter;
  if (asked !== undefined && asked > LONGEST_RETRY_AFTER_MS) return undefined;
  const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS);
  // From half to all of the backoff: items that failed together should not come back together.
  return Math.max(asked ?? 0, backoff * (0.5 + time.random() / 2));
}
