import { LONGEST_RETRY_AFTER_MS, RETRIED_STATUSES } from '../shared/errors/failures';

/** A failure as the SDK's client tells it. */
interface FailedAttempt {
  status?: number;
  headers?: { get?(name: string): string | null };
  /** What n8n looks for: above 0 the attempt is repeated, otherwise the failure is final. */
  retriesLeft?: number;
  /** What the client waits at least, in milliseconds. */
  retryAfterMs?: number;
}

/**
 * Lets an attempt that failed be repeated where that can help, and no sooner than the server asks for. n8n decides by
 * `retriesLeft`, which newer versions of LangChain no longer put there: without it n8n gives up at once, whatever the
 * limit is. The limit itself is counted by LangChain all the same.
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

/** A lost connection has no status; neither have timeouts and aborts, which have names of their own. */
function isWorthRepeating(failure: FailedAttempt): boolean {
  if (failure.status !== undefined) return RETRIED_STATUSES.includes(failure.status);
  return failure.constructor.name === 'APIConnectionError';
}
