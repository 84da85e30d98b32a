import type { Time } from '../time';

/** When a slow request gets a second copy, and how many may be sent yet. */
export interface Hedge {
  /** Milliseconds without an answer after which the copy is sent. */
  after: number;
  /** Copies that may still be sent, shared by all requests of a run. */
  budget: { left: number };
}

/** The part of a run's requests that may get a copy. */
const EXTRA = 0.1;

/** @param requests how many requests the run has @returns what they share */
export function hedgeOf(after: number, requests: number): Hedge {
  return { after, budget: { left: Math.floor(requests * EXTRA) } };
}

/**
 * Starts a try, and a second copy of it where the first one is slow.
 * @param start starts one copy, which the signal stops
 * @param isAnswer whether a result is one to be taken; a failed copy leaves the other one its chance
 * @returns the first answer, the other copy being stopped; without an answer the first copy's failure
 */
export async function hedged<Result>(
  start: (signal: AbortSignal) => Promise<Result>,
  isAnswer: (result: Result) => boolean,
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
  return await Promise.race([answerOf(first, second), answerOf(second, first)]);

  /** The copy's answer, which stops the other; where it failed, what the other one comes to. */
  async function answerOf(copy: Copy<Result>, other: Copy<Result>): Promise<Result> {
    const result = await copy.result;
    if (isAnswer(result)) {
      other.stop();
      return result;
    }
    const last = await other.result;
    return isAnswer(last) ? last : await first.result;
  }
}

interface Copy<Result> {
  result: Promise<Result>;
  stop(): void;
}

function startCopy<Result>(start: (signal: AbortSignal) => Promise<Result>): Copy<Result> {
  const controller = new AbortController();
  const result = start(controller.signal);
  // A copy that was stopped fails, and nobody asks for it any more.
  result.catch(() => undefined);
  return { result, stop: () => controller.abort() };
}
