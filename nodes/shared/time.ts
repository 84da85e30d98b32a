import { sleep } from 'n8n-workflow';

import { onAbort } from './abort';

/** The clock that code waits by. A test passes its own, so that time passes at once. */
export interface Time {
  /**
   * Milliseconds since 1970, for dates in headers and payloads. Somebody may set this clock back.
   */
  now(): number;
  /** Milliseconds since some moment, for waits and time limits. It never goes back. */
  elapsed(): number;
  /**
   * Waits so many milliseconds, or until the signal aborts. It never throws.
   * @param milliseconds any number; nothing is waited for if it is not above 0
   */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /**
   * @param milliseconds from 0; a limit of more than 24 days ends then
   * @returns a signal that aborts after so many milliseconds
   */
  limit(milliseconds: number): AbortSignal;
  /**
   * Calls a function after so many milliseconds.
   * @returns gives that up
   */
  after(milliseconds: number, callback: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
}

/** The longest time limit that Node can keep, in milliseconds: nearly 25 days. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const realTime: Time = {
  now: Date.now,
  elapsed: () => performance.now(),
  wait,
  // Node takes whole milliseconds only. Nobody waits for it, so it does not keep the process.
  limit: (milliseconds) =>
    AbortSignal.timeout(Math.min(Math.max(Math.ceil(milliseconds), 0), LONGEST_LIMIT_MS)),
  after,
  random: Math.random,
};

/** The longest that a timer runs, in milliseconds, so that one nobody needs is soon gone. */
const LONGEST_TIMER_MS = 1000;

interface Wait {
  /** When it ends, in `performance.now()`. */
  end: number;
  wake(): void;
}

/** Waits that have not ended. */
const waits = new Set<Wait>();
/** The timer that wakes the next wait. One that was replaced by an earlier one does nothing. */
let timer = { end: Infinity };

/**
 * One timer serves all waits, since n8n's `sleep` can't be stopped: a wait that was given up would
 * leave its own timer behind for up to an hour.
 */
async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (!(milliseconds > 0) || signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const giveUp = after(milliseconds, () => {
      ignore?.();
      resolve();
    });
    const ignore =
      signal &&
      onAbort(signal, () => {
        giveUp();
        ignore?.();
        resolve();
      });
  });
}

function after(milliseconds: number, callback: () => void): () => void {
  const own: Wait = {
    end: performance.now() + Math.max(milliseconds, 0),
    wake() {
      waits.delete(own);
      callback();
    },
  };
  waits.add(own);
  if (own.end < timer.end) startTimer(own.end);
  return () => waits.delete(own);
}

function startTimer(end: number): void {
  const now = performance.now();
  const own = { end: Math.min(end, now + LONGEST_TIMER_MS) };
  timer = own;
  void sleep(own.end - now).then(() => {
    if (timer === own) wakeDue();
  });
}

function wakeDue(): void {
  timer = { end: Infinity };
  const now = performance.now();
  const due: Wait[] = [];
  let next = Infinity;
  for (const each of waits) {
    if (each.end <= now) due.push(each);
    else next = Math.min(next, each.end);
  }
  // On a busy machine several are due at once.
  for (const each of due.sort((one, other) => one.end - other.end)) each.wake();
  if (next < timer.end) startTimer(next);
}
