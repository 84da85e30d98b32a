// Decisions: docs/decisions.md, "A slow prediction may be sent twice".

import type { Time } from '../time';

/** When a slow request gets a second copy, and how many copies may still be sent. */
export interface Hedge {
  /** Milliseconds without a response after which the copy is sent. */
  after: number;
  /** Copies that may still be sent, shared by all requests of a run. */
  budget: { left: number };
}

/** The share of a run's requests that may get a copy. */
const EXTRA = 0.1;

/**
 * Makes what the requests of a run share.
 * @param after milliseconds without a response after which a copy is sent
 * @param requests how many requests the run has
 */
export function hedgeOf(after: number, requests: number): Hedge {
  return { after, budget: { left: Math.floor(requests * EXTRA) } };
}

/**
 * Starts an attempt, and a second copy of it if the first one is slow.
 * @param start starts one copy; its signal stops it
 * @param isSuccess whether a result is a success; if one copy fails, the other may still succeed
 * @returns the first success, and stops the other copy; if both fail, the first copy's failure
 */
export async function hedged<Result>(
  start: (signal: AbortSignal) => Promise<Result>,
  isSuccess: (result: Result) => boolean,
  { after, budget }: Hedge,
  time: Time,
): Promise<Result> {
  const first = startCopy(start);
  const ended = new AbortController();
  const isSlow = await Promise.race([
    first.result.then(() => false),
    time.wait(after, ended.signal).then(() => true),
  ]).finally(() => ended.abort());
  if (!isSlow || budget.left < 1) return await first.result;
  budget.left--;
  const second = startCopy(start);
  return await Promise.race([successOf(first, second), successOf(second, first)]);

  /**
   * The result of a copy if it succeeded, and the other copy is stopped; otherwise the other's
   * result.
   */
  async function successOf(copy: Copy<Result>, other: Copy<Result>): Promise<Result> {
    const result = await copy.result;
    if (isSuccess(result)) {
      other.stop();
      return result;
    }
    const last = await other.result;
    return isSuccess(last) ? last : await first.result;
  }
}

interface Copy<Result> {
  result: Promise<Result>;
  stop(): void;
}

function startCopy<Result>(start: (signal: AbortSignal) => Promise<Result>): Copy<Result> {
  const controller = new AbortController();
  const result = start(controller.signal);
  // A copy that was stopped fails, and nobody waits for it any more.
  result.catch(() => undefined);
  return { result, stop: () => controller.abort() };
}
