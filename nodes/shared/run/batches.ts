// Decisions: docs/decisions.md, "Items run side by side, in order".

import type { BasetenError } from '../errors/basetenError';
import { realTime, type Time } from '../time';
import { isWorthSplitting, sendInParts } from './splitting';

/** How fast a run may send its requests. */
export interface RunSettings {
  /** How many requests are in flight at once. */
  maxConcurrency: number;
  /** How many requests may start in a minute, evenly spaced; 0 means no limit. */
  requestsPerMinute: number;
}

/** An entry that failed although its batch succeeded. */
export class FailedEntry {
  /** @param cause why it failed */
  constructor(readonly cause: unknown) {}
}

/** A run over numbered entries that go out in batches, each with one request. */
export interface BatchRun<Result> {
  /** The batches; an entry is given by its number. */
  batches: number[][];
  settings: RunSettings;
  /**
   * Sends one batch.
   * @param signal stops it when the run ends early
   * @returns a result for each entry, or why it has none, in the order of the batch
   */
  work(batch: number[], signal: AbortSignal): Promise<Array<Result | FailedEntry>>;
  /**
   * Gives the result of an entry that failed.
   * @throws anything, to end the run with it
   */
  onFailure(entry: number, cause: unknown): Result;
  /** Is called with the number of entries that have a result, each time that it grows. */
  onProgress?(done: number): void;
  /** Stops the run from outside. */
  cancel?: AbortSignal;
  /** The clock to wait by; the real one by default. */
  time?: Time;
}

/**
 * Puts entries of the same kind into batches, in their order.
 * @param entries the number of each entry, its kind, and how many entries a batch of that kind may
 * have at most
 * @returns the batches, in the order of their first entries
 */
export function pack(
  entries: Array<{ entry: number; kind: string; batchSize: number }>,
): number[][] {
  const batches: number[][] = [];
  const filling = new Map<string, number[]>();
  for (const { entry, kind, batchSize } of entries) {
    const batch = filling.get(kind);
    if (batch && batch.length < batchSize) {
      batch.push(entry);
    } else {
      const begun = [entry];
      filling.set(kind, begun);
      batches.push(begun);
    }
  }
  return batches;
}

/**
 * Runs batches side by side. A batch that is refused because of its input is tried again in halves,
 * down to the entry that is at fault.
 * @returns the results; the index of each is the number of its entry
 * @throws what `onFailure` threw, or the reason of `cancel`, as soon as nothing is in flight
 */
export async function runBatches<Result>(run: BatchRun<Result>): Promise<Result[]> {
  const { batches, settings, work, onFailure, onProgress, cancel, time = realTime } = run;
  const results: Result[] = [];
  const stop = new AbortController();
  const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
  const pace = evenPace(settings.requestsPerMinute, time);
  let next = 0;
  let done = 0;
  let failure: { error: unknown } | undefined;

  async function takeBatches(): Promise<void> {
    // The halves of a batch go before new batches, so that the failure that ends a run is that of
    // an early entry.
    for (let batch = batches[next++]; batch && !signal.aborted; batch = batches[next++])
      await sendInParts({ batch, send, fail, isStopped: () => signal.aborted });
  }

  async function send(batch: number[]): Promise<BasetenError | undefined> {
    await pace(signal);
    if (signal.aborted) return undefined;
    try {
      const made = await work(batch, signal);
      batch.forEach((entry, index) => settle(entry, made[index] as Result | FailedEntry));
    } catch (cause) {
      if (signal.aborted) return undefined;
      if (isWorthSplitting(cause)) return cause;
      fail(batch, cause);
    }
    return undefined;
  }

  function settle(entry: number, made: Result | FailedEntry): void {
    if (made instanceof FailedEntry) fail([entry], made.cause);
    else keep(entry, made);
  }

  function keep(entry: number, result: Result): void {
    results[entry] = result;
    onProgress?.(++done);
  }

  function fail(entries: number[], cause: unknown): void {
    if (signal.aborted) return;
    try {
      for (const entry of entries) keep(entry, onFailure(entry, cause));
    } catch (error) {
      failure = { error };
      stop.abort();
    }
  }

  await Promise.all(
    Array.from({ length: Math.min(settings.maxConcurrency, batches.length) }, takeBatches),
  );
  if (failure) throw failure.error;
  cancel?.throwIfAborted();
  return results;
}

/**
 * Lets callers through one by one, with the same distance between them, so that the limit holds in
 * any minute.
 */
function evenPace(perMinute: number, time: Time): (signal: AbortSignal) => Promise<void> {
  if (perMinute <= 0) return async () => {};
  const distance = 60_000 / perMinute;
  let free = time.elapsed();
  return async (signal) => {
    const now = time.elapsed();
    const start = Math.max(now, free);
    free = start + distance;
    if (start > now) await time.wait(start - now, signal);
  };
}
