import type { IExecuteFunctions, INodeExecutionData, NodeApiError, NodeOperationError } from 'n8n-workflow';

import { BasetenError, toNodeError } from './errors';
import { realTime, type Time } from './time';

export interface RunSettings {
  /** How many items are in flight at once. */
  maxConcurrency: number;
  /** How many items may start in a minute, evenly spaced; 0 = no limit. */
  requestsPerMinute: number;
}

/** What an operation does for one item; `signal` stops it when the execution is cancelled or another item fails. */
export type ItemWork = (itemIndex: number, signal: AbortSignal) => Promise<INodeExecutionData[]>;

type Failure = { error: NodeApiError | NodeOperationError; cause: unknown };

/**
 * Runs an operation over all items of the input, side by side.
 * @returns the results in the order of the input, each paired with its item; with "continue on fail" a failed item
 * gives an error item
 * @throws the first failure, once everything in flight has stopped
 */
export async function runItems(
  context: IExecuteFunctions,
  { maxConcurrency, requestsPerMinute }: RunSettings,
  work: ItemWork,
  time: Time = realTime,
): Promise<INodeExecutionData[]> {
  const count = context.getInputData().length;
  const results = new Array<INodeExecutionData[]>(count);
  const stop = new AbortController();
  const cancel = context.getExecutionCancelSignal?.();
  const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
  const pace = evenPace(requestsPerMinute, time);
  let next = 0;
  let first: Failure | undefined;

  async function takeItems(): Promise<void> {
    while (next < count && !signal.aborted) {
      const itemIndex = next++;
      await pace(signal);
      if (signal.aborted) return;
      const result = await attempt(context, itemIndex, signal, work);
      if (Array.isArray(result)) {
        results[itemIndex] = result;
      } else if (context.continueOnFail() && !signal.aborted) {
        results[itemIndex] = [errorItem(result, itemIndex)];
      } else {
        first ??= result;
        stop.abort();
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(maxConcurrency, count) }, takeItems));
  if (first) throw first.error;
  cancel?.throwIfAborted();
  return results.flat();
}

async function attempt(
  context: IExecuteFunctions,
  itemIndex: number,
  signal: AbortSignal,
  work: ItemWork,
): Promise<INodeExecutionData[] | Failure> {
  try {
    const items = await work(itemIndex, signal);
    return items.map((item) => ({ ...item, pairedItem: { item: itemIndex } }));
  } catch (cause) {
    return { error: toNodeError(context.getNode(), cause, itemIndex), cause };
  }
}

/** The error output keeps an item's details only in this shape of three fields. */
function errorItem({ error, cause }: Failure, itemIndex: number): INodeExecutionData {
  const facts =
    cause instanceof BasetenError
      ? { status: cause.status, code: cause.code, answer: cause.detail, requestId: cause.requestId }
      : {};
  const details = { itemIndex, ...withoutUndefined(facts) };
  return {
    json: { error: error.message, message: error.description ?? '', details },
    pairedItem: { item: itemIndex },
  };
}

function withoutUndefined(facts: Record<string, string | number | undefined>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | number
  >;
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
