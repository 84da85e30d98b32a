// Decisions: docs/decisions.md, "Items run side by side, in order".

import { NodeError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { toErrorJson } from '../errors/errorJson';
import { toNodeError } from '../errors/nodeErrors';
import { FailedEntry, pack, runBatches, type Places } from './batches';
import { readInputBeside, type InputBeside } from './inputBeside';

/** What an operation does for the items of a run. */
export interface ItemWork {
  /**
   * Says which items can share a request. It is called for each item before anything is sent. An
   * operation without it sends a request for each item.
   * @returns the item's kind, and how many items a request of this kind may have at most
   */
  share?(itemIndex: number): { kind: string; batchSize: number };
  /**
   * Sends one request.
   * @param itemIndexes the items that share it; only one if there is no `share`
   * @param signal stops it when the execution is canceled or another item fails
   * @returns what each of these items becomes, or why it fails, in their order
   */
  send(
    itemIndexes: number[],
    signal: AbortSignal,
  ): Promise<Array<INodeExecutionData[] | FailedEntry>>;
}

/** A run of an operation over all items of the input. */
export interface ItemRun {
  context: IExecuteFunctions;
  /** How many requests may be under way at once. */
  flow: Places;
  work: ItemWork;
}

/**
 * Runs an operation over all items of the input, side by side. If a request for many items is
 * refused because of its input, its halves are tried again, so that only the item at fault fails.
 * @returns the results in the order of the input, each paired with its item; with "continue on
 * fail", an error item stands for each item that failed
 * @throws the first failure, as soon as nothing is in flight
 */
export async function runItems({ context, flow, work }: ItemRun) {
  const fail = (itemIndex: number, cause: unknown) => [failedItem(context, itemIndex, cause)];
  const all = context.getInputData().length;
  const inputBeside = readInputBeside(context);
  const unreadable = new Map<number, INodeExecutionData[]>();
  const entries: Parameters<typeof pack>[0] = [];
  for (let entry = 0; entry < all; entry++) {
    try {
      entries.push({ entry, ...(work.share?.(entry) ?? { kind: '', batchSize: 1 }) });
    } catch (cause) {
      unreadable.set(entry, fail(entry, cause));
    }
  }
  let done = 0;
  const results = await runBatches<INodeExecutionData[]>({
    batches: pack(entries),
    flow,
    async work(itemIndexes, signal) {
      const made = await work.send(itemIndexes, signal);
      return made.map((items, position) =>
        items instanceof FailedEntry
          ? items
          : paired(items, itemIndexes[position] ?? 0, inputBeside),
      );
    },
    onFailure: fail,
    onProgress(count) {
      done = count;
      showProgress(context, done, all);
    },
    cancel: context.getExecutionCancelSignal?.(),
  }).catch((error: unknown) => {
    throw withWhatIsDropped(context, error, { done, all });
  });
  for (const [itemIndex, items] of unreadable) results[itemIndex] = items;
  return results.flat();
}

/**
 * Makes the item that stands for one that failed, if the workflow continues on failures.
 * @param itemIndex position of the failed item in the input
 * @param cause what was thrown, of any kind
 * @throws the failure as n8n shows it, if the workflow stops on failures
 */
export function failedItem(
  context: IExecuteFunctions,
  itemIndex: number,
  cause: unknown,
): INodeExecutionData {
  const node = context.getNode();
  if (!context.continueOnFail()) throw toNodeError(node, cause, itemIndex);
  const json = toErrorJson(node, cause, itemIndex);
  const item: INodeExecutionData = { json, pairedItem: { item: itemIndex } };
  // n8n's error output puts the input's fields beside them itself.
  return node.onError === 'continueErrorOutput' ? item : readInputBeside(context)(item, itemIndex);
}

function paired(
  items: INodeExecutionData[],
  itemIndex: number,
  inputBeside: InputBeside,
): INodeExecutionData[] {
  return items.map((item) => ({
    ...inputBeside(item, itemIndex),
    pairedItem: { item: itemIndex },
  }));
}

/**
 * Adds to the error that ends a node how many answers end with it, and how to keep them. Nothing is
 * added if somebody stopped the execution.
 */
function withWhatIsDropped(
  context: IExecuteFunctions,
  error: unknown,
  { done, all }: { done: number; all: number },
): unknown {
  const isStopped = context.getExecutionCancelSignal?.()?.aborted === true;
  if (done === 0 || isStopped || !(error instanceof NodeError)) return error;
  const dropped = `${done} of ${all} items were done. Their answers are dropped now: set On Error to Continue in the node's settings to keep them. Leave Retry On Fail off: it would send all items again.`;
  error.description = [error.description, dropped].filter(Boolean).join('\n');
  return error;
}

/** A run with fewer items ends before anyone looks at its progress. */
const PROGRESS_FROM_ITEMS = 50;

/** Reports each tenth of a long run as n8n's message of a node, in the browser that started it. */
function showProgress(context: IExecuteFunctions, done: number, all: number): void {
  if (all < PROGRESS_FROM_ITEMS || done % Math.ceil(all / 10) !== 0) return;
  context.sendMessageToUI(`${done} of ${all} items done`);
}
