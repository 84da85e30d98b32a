// Decisions: docs/decisions.md, "The chat model uses n8n's AI SDK".

import { LONGEST_RETRY_AFTER_MS, RETRIED_STATUSES } from '../shared/errors/failures';

/** The error of a failed attempt, as the client of n8n's AI SDK throws it. */
interface FailedAttempt {
  /** HTTP status. A lost connection has none. */
  status?: number;
  headers?: { get?(name: string): string | null };
  /** n8n repeats the attempt if this is above 0. */
  retriesLeft?: number;
  /** The least pause that the client makes, in milliseconds. */
  retryAfterMs?: number;
}

/**
 * Allows n8n to repeat a failed attempt if a repeat can help, and not before the server's
 * `Retry-After`. n8n looks for `retriesLeft`, which newer versions of LangChain no longer set:
 * without it n8n gives up at once. LangChain itself still counts the attempts, so the user's limit
 * holds.
 * @param error what the attempt threw; it is changed in place
 * @see https://docs.baseten.co/inference/troubleshooting
 */
export function allowRetry(error: unknown): void {
  if (typeof error !== 'object' || error === null) return;
  const failure = error as FailedAttempt;
  if (failure.retriesLeft !== undefined || !isWorthRepeating(failure)) return;
  const pause = Number(failure.headers?.get?.('retry-after') ?? 0) * 1000;
  if (pause > LONGEST_RETRY_AFTER_MS) return;
  if (pause > 0) failure.retryAfterMs ??= pause;
  failure.retriesLeft = 1;
}

/** Lost connections, timeouts and aborts have no status. They differ in the name of their class. */
function isWorthRepeating(failure: FailedAttempt): boolean {
  if (failure.status !== undefined) return RETRIED_STATUSES.includes(failure.status);
  return failure.constructor.name === 'APIConnectionError';
}
