import { BasetenError } from '../errors/basetenError';
import { realTime, type Time } from '../time';

export interface RunSettings {
  /** How many requests are in flight at once. */
  maxConcurrency: number;
  /** How many requests may start in a minute, evenly spaced; 0 = no limit. */
  requestsPerMinute: number;
}

export interface BatchRun<Result> {
  /** Entries by their number, those of one request together. */
  batches: number[][];
  settings: RunSettings;
  /** Sends one batch; stopped with the run. @returns a result for each entry, in the order of the batch */
  work(batch: number[], signal: AbortSignal): Promise<Result[]>;
  /** Gives what stands in the place of a failed entry's result; what it throws ends the run. */
  onFailure(entry: number, cause: unknown): Result;
  /** Told how many entries have a result, each time more of them have. */
  onProgress?(done: number): void;
  /** Stops the run from outside. */
  cancel?: AbortSignal;
  time?: Time;
}

/** Statuses that a batch may get for its size, or for one of its entries: its halves may fare better. */
const STATUSES_WORTH_SPLITTING = [400, 413, 422];

/**
 * Puts entries of one kind together, in their order.
 * @param entries what is to be sent: its kind, and the most entries that a batch of this kind may have
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
 * Runs batches side by side. A batch that is refused for its input is tried again in halves, down to the entry that
 * is at fault.
 * @returns the results by the number of their entry
 * @throws what `onFailure` threw, once everything in flight has stopped
 */
export async function runBatches<Result>(run: BatchRun<Result>): Promise<Result[]> {
  const { batches, settings, work, onFailure, onProgress, cancel, time = realTime } = run;
  const results: Result[] = [];
  const stop = new AbortController();
  const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
  const pace = evenPace(settings.requestsPerMinute, time);
  // Halves go before what has not been tried, so that the first failure is one of the first entries.
  const halves: number[][] = [];
  let next = 0;
  let done = 0;
  let failure: { error: unknown } | undefined;

  const take = () => halves.pop() ?? batches[next++];

  async function takeBatches(): Promise<void> {
    for (let batch = take(); batch && !signal.aborted; batch = take()) {
      await pace(signal);
      if (signal.aborted) return;
      try {
        const answers = await work(batch, signal);
        batch.forEach((entry, index) => keep(entry, answers[index] as Result));
      } catch (cause) {
        if (!signal.aborted) settle(batch, cause);
      }
    }
  }

  function keep(entry: number, result: Result): void {
    results[entry] = result;
    onProgress?.(++done);
  }

  function settle(batch: number[], cause: unknown): void {
    if (batch.length > 1 && isWorthSplitting(cause)) {
      const middle = Math.ceil(batch.length / 2);
      halves.push(batch.slice(middle), batch.slice(0, middle));
      return;
    }
    try {
      for (const entry of batch) keep(entry, onFailure(entry, cause));
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

function isWorthSplitting(cause: unknown): boolean {
  return cause instanceof BasetenError && STATUSES_WORTH_SPLITTING.includes(cause.status ?? 0);
}

/** Lets callers through one after the other, at equal distances, so that a limit per minute holds in every minute. */
function evenPace(perMinute: number, time: Time): (signal: AbortSignal) => Promise<void> {
  if (perMinute <= 0) return async () => {};
  const distance = 60_000 / perMinute;
  let free = time.now();
  return async (signal) => {
    const now = time.now();
    const start = Math.max(now, free);
    free = start + distance;
    if (start > now) await time.wait(start - now, signal);
  };
}
