import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { pack, runBatches, type RunSettings } from './batches';
import { BasetenError, toNodeError } from '../errors/basetenError';
import { withoutUndefined } from '../json';
import type { Time } from '../time';

export type { RunSettings };

/** What an operation does for one item; `signal` stops it when the execution is cancelled or another item fails. */
export type ItemWork = (itemIndex: number, signal: AbortSignal) => Promise<INodeExecutionData[]>;

/** How items share requests. */
export interface Packing<Part> {
  /** Reads what an item puts into a request. */
  read(itemIndex: number): Part;
  /** Items whose parts are of the same kind can share a request. */
  kindOf(part: Part): string;
  /** The most items that a request with this part may have. */
  batchSizeOf(part: Part): number;
  /** Sends one request. @returns an item for each part, in their order */
  send(parts: Part[], itemIndexes: number[], signal: AbortSignal): Promise<INodeExecutionData[]>;
}

/**
 * Runs an operation over all items of the input, side by side.
 * @returns the results in the order of the input, each paired with its item; with "continue on fail" a failed item
 * gives an error item
 * @throws the first failure, once everything in flight has stopped
 */
export async function runItems(
  context: IExecuteFunctions,
  settings: RunSettings,
  work: ItemWork,
  time?: Time,
): Promise<INodeExecutionData[]> {
  const results = await runBatches({
    batches: context.getInputData().map((_, itemIndex) => [itemIndex]),
    settings,
    work: async ([itemIndex = 0], signal) => [paired(await work(itemIndex, signal), itemIndex)],
    onFailure: (itemIndex, cause) => [failedItem(context, itemIndex, cause)],
    onProgress: (done) => showProgress(context, done),
    cancel: context.getExecutionCancelSignal?.(),
    time,
  });
  return results.flat();
}

/**
 * Like `runItems`, with many items in one request. All items are read before anything is sent; a request that is
 * refused for its input is tried again in halves, so that only the item at fault fails.
 */
export async function runPackedItems<Part>(
  context: IExecuteFunctions,
  settings: RunSettings,
  { read, kindOf, batchSizeOf, send }: Packing<Part>,
  time?: Time,
): Promise<INodeExecutionData[]> {
  const parts = new Map<number, Part>();
  const unreadable = new Map<number, INodeExecutionData>();
  context.getInputData().forEach((_, itemIndex) => {
    try {
      parts.set(itemIndex, read(itemIndex));
    } catch (cause) {
      unreadable.set(itemIndex, failedItem(context, itemIndex, cause));
    }
  });
  const readable = [...parts].map(([entry, part]) => ({
    entry,
    kind: kindOf(part),
    batchSize: batchSizeOf(part),
  }));
  const results = await runBatches({
    batches: pack(readable),
    settings,
    async work(itemIndexes, signal) {
      const shared = itemIndexes.map((itemIndex) => parts.get(itemIndex) as Part);
      const items = await send(shared, itemIndexes, signal);
      return items.map((item, index) => paired([item], itemIndexes[index] ?? 0));
    },
    onFailure: (itemIndex, cause) => [failedItem(context, itemIndex, cause)],
    onProgress: (done) => showProgress(context, done),
    cancel: context.getExecutionCancelSignal?.(),
    time,
  });
  for (const [itemIndex, item] of unreadable) results[itemIndex] = [item];
  return results.flat();
}

function paired(items: INodeExecutionData[], itemIndex: number): INodeExecutionData[] {
  return items.map((item) => ({ ...item, pairedItem: { item: itemIndex } }));
}

/**
 * The item that stands for one that failed, where the workflow goes on then.
 * @throws the failure as n8n shows it, where it doesn't
 */
export function failedItem(
  context: IExecuteFunctions,
  itemIndex: number,
  cause: unknown,
): INodeExecutionData {
  const error = toNodeError(context.getNode(), cause, itemIndex);
  if (!context.continueOnFail()) throw error;
  const facts =
    cause instanceof BasetenError
      ? { status: cause.status, code: cause.code, answer: cause.detail, requestId: cause.requestId }
      : {};
  // The error output keeps an item's details only in this shape of three fields.
  return {
    json: {
      error: error.message,
      message: error.description ?? '',
      details: { itemIndex, ...withoutUndefined(facts) },
    },
    pairedItem: { item: itemIndex },
  };
}

/** Fewer items than this are done before anyone looks for their progress. */
const WORTH_SHOWING = 50;

/** Tells each tenth of a long run where n8n shows a node's messages: the console of the browser that started it. */
function showProgress(context: IExecuteFunctions, done: number): void {
  const all = context.getInputData().length;
  if (all < WORTH_SHOWING || done % Math.ceil(all / 10) !== 0) return;
  context.sendMessageToUI(`${done} of ${all} items done`);
}
