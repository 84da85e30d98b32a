// Decisions: docs/decisions.md, "Items run side by side, in order".

import type { BasetenError } from '../errors/basetenError';
import { isWorthSplitting, sendInParts } from './splitting';

/** How many batches of a run may be under way at once. */
export interface Places {
  /** The number, which may change at any time. */
  readonly places: number;
  /** Is called when it may have grown. */
  onMorePlaces?: () => void;
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
  flow: Places;
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
export async function runBatches<Result>({
  batches,
  flow,
  work,
  onFailure,
  onProgress,
  cancel,
}: BatchRun<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const stop = new AbortController();
  const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
  let next = 0;
  let done = 0;
  let underWay = 0;
  let isStarting = false;
  let end: () => void;
  let failure: { error: unknown } | undefined;

  /** Starts as many batches as there are places for. */
  function startBatches(): void {
    // A batch that starts may find out that there are more places.
    if (isStarting) return;
    isStarting = true;
    while (underWay < flow.places && next < batches.length && !signal.aborted)
      void run(batches[next++] ?? []);
    isStarting = false;
    if (underWay === 0) end();
  }

  async function run(batch: number[]): Promise<void> {
    underWay++;
    // The halves of a batch go before new batches, so that the failure that ends a run is that of
    // an early entry.
    try {
      await sendInParts({ batch, send, fail, isStopped: () => signal.aborted });
    } catch (error) {
      stopWith(error);
    }
    underWay--;
    startBatches();
  }

  function stopWith(error: unknown): void {
    failure = { error };
    stop.abort();
  }

  async function send(batch: number[]): Promise<BasetenError | undefined> {
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
      stopWith(error);
    }
  }

  await new Promise<void>((resolve) => {
    end = resolve;
    flow.onMorePlaces = startBatches;
    startBatches();
  });
  if (failure) throw failure.error;
  cancel?.throwIfAborted();
  return results;
}
