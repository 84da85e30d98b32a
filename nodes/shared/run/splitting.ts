// Decisions: docs/decisions.md, "One request carries the texts of many items".

import { BasetenError } from '../errors/basetenError';

/** A batch of numbered entries, and what is done with its parts. */
export interface SplitBatch {
  batch: number[];
  /**
   * Sends entries in one request and keeps their results.
   * @returns why the request was refused, if that can be due to its size or to one of its entries;
   * nothing if the entries are settled, whether they succeeded or failed
   */
  send(entries: number[]): Promise<BasetenError | undefined>;
  /** Lets entries fail. */
  fail(entries: number[], cause: BasetenError): void;
  /** Whether nothing more is to be sent. */
  isStopped(): boolean;
}

/**
 * HTTP statuses that can be due to the size of a batch, or to one of its entries. So halves of it
 * may succeed.
 */
const STATUSES_WORTH_SPLITTING = [400, 413, 422];

/** Words of refusals that are about one entry, however often they come. */
const ABOUT_ONE_ENTRY = /token|length|too long|context/i;

/**
 * Sends a batch. If it is refused because of its input, its halves are sent, down to the entries
 * that are at fault, in at most log2(n) + 1 rounds. If all requests are refused in the same words,
 * down to entries from all over the batch that were sent alone, the fault is not that of single
 * entries. Then the others fail without being sent. So a batch of n entries that can't succeed
 * takes some 2 · log2(n) requests and not 2 · n.
 */
export async function sendInParts({ batch, send, fail, isStopped }: SplitBatch): Promise<void> {
  let parts = [batch];
  /** The first refusal, and whether all that was sent was refused in the same words. */
  let first: BasetenError | undefined;
  let areAlike = true;

  async function refusalOf(part: number[]): Promise<BasetenError | undefined> {
    const refusal = await send(part);
    first ??= refusal;
    areAlike &&= refusal !== undefined && saysTheSame(refusal, first);
    if (refusal && part.length === 1) fail(part, refusal);
    return refusal;
  }

  async function trySamples(): Promise<void> {
    for (const sample of samplesOf(parts)) {
      parts = without(parts, sample);
      await refusalOf([sample]);
      if (!areAlike || isStopped()) return;
    }
    const rest = parts.flat().sort((a, b) => a - b);
    if (first && rest.length > 0) fail(rest, notSent(first, batch.length, rest.length));
    parts = [];
  }

  while (parts.length > 0 && !isStopped()) {
    const part = parts.pop() ?? [];
    const refusal = await refusalOf(part);
    if (refusal === undefined) continue;
    // Early entries go first, so that the failure that ends a run is that of an early entry.
    if (part.length > 1) parts.push(...halvesOf(part).reverse());
    else if (areAlike && !ABOUT_ONE_ENTRY.test(refusal.detail ?? '')) await trySamples();
  }
}

/** Whether halves of a batch that failed this way may succeed. */
export function isWorthSplitting(cause: unknown): cause is BasetenError {
  return cause instanceof BasetenError && STATUSES_WORTH_SPLITTING.includes(cause.status ?? 0);
}

/** @returns the first half, which has the entry in the middle, and the second */
function halvesOf(part: number[]): number[][] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}

/**
 * Entries from all over a batch: its last one, and the first one of each part that is still to be
 * sent. The parts double in size, so these are some log2(n).
 */
function samplesOf(parts: number[][]): number[] {
  const last = parts[0]?.slice(-1) ?? [];
  const firsts = [...parts].reverse().flatMap((part) => part.slice(0, 1));
  return [...new Set([...last, ...firsts])];
}

function without(parts: number[][], sample: number): number[][] {
  return parts
    .map((part) => part.filter((entry) => entry !== sample))
    .filter((part) => part.length > 0);
}

/** Numbers don't count: a message may say how many entries there were. */
function saysTheSame(a: BasetenError, b: BasetenError | undefined): boolean {
  const words = ({ detail = '' }: BasetenError) => detail.replace(/\d+/g, '0');
  return b !== undefined && a.status === b.status && a.code === b.code && words(a) === words(b);
}

/** @param all how many entries the batch has @param unsent how many of them were not sent alone */
function notSent(refusal: BasetenError, all: number, unsent: number): BasetenError {
  return new BasetenError(refusal.message, {
    ...refusal,
    hint:
      `${refusal.hint} It was refused together with the others of its batch of ${all}. ` +
      `The ${all - unsent} of them that were then sent alone were refused in the same words, ` +
      'so this one was not sent alone. Set Batch Size to 1 to send each alone.',
  });
}
