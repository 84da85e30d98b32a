// Decisions: docs/decisions.md, "Retries live in the client".

import type { BasetenError } from '../errors/basetenError';
import { LONGEST_RETRY_AFTER_MS } from '../errors/failures';
import type { Time } from '../time';
import type { Ending } from './flow/queue';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
const TOO_MANY_REQUESTS = 429;
/** So many repeats after a rate limit cost nothing: as many as Max Retries can be. */
const MOST_FREE_REPEATS = 20;
/** HTTP statuses that say: later, or not so many. */
const REFUSALS = [TOO_MANY_REQUESTS, 503];

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

/**
 * Whether another attempt is one of Max Retries. A rate limit that lets requests pass refuses now
 * this one and now that one, so it costs none: an item that is often unlucky has its turn, too.
 * @param attempt how many there were before
 * @param maxRetries how often a failed attempt is repeated; with 0 nothing is repeated at all
 * @param letsOthersPass whether its deployment has answered a request with its key within a minute
 */
export function costsRetry(
  { status }: BasetenError,
  {
    attempt,
    maxRetries,
    letsOthersPass,
  }: { attempt: number; maxRetries: number; letsOthersPass: boolean },
): boolean {
  const isFree = status === TOO_MANY_REQUESTS && letsOthersPass && attempt < MOST_FREE_REPEATS;
  return maxRetries === 0 || !isFree;
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
