import { sleep } from 'n8n-workflow';

/** The clock that code waits by. A test passes its own, so that time passes at once. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits so many milliseconds, or until the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export const realTime: Time = { now: Date.now, wait, random: Math.random };

async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (!signal) return await sleep(milliseconds);
  // One of its own: Node warns of a signal that many listen to, and a run's signal stops hundreds
  // of waits.
  const own = AbortSignal.any([signal]);
  if (own.aborted) return;
  let onAbort: () => void = () => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
  });
  own.addEventListener('abort', onAbort, { once: true });
  await Promise.race([sleep(milliseconds), aborted]);
  own.removeEventListener('abort', onAbort);
}
