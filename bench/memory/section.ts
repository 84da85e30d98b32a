import type { CallerId } from '../predictions/types';
import { type Setup, setupLine } from '../shared/benchmark';
import { median, table, thousands, times } from '../shared/figures';

/** What goes through n8n: a large response, an upload of one, or many items. */
export type Load = 'answer' | 'upload' | 'items';
/** What makes the calls; `nothing` passes the items on without any. */
export type MemoryCaller = Extract<CallerId, 'node' | 'httpRequest' | 'nothing'>;

/** One execution. */
export interface MemoryRound {
  load: Load;
  caller: MemoryCaller;
  /** The most bytes that n8n's process held, beyond what it held before. */
  growth: number;
  ms: number;
}

/** Bytes of heap beyond those before, without garbage, after items went through the engine. */
export interface Heap {
  /** With the result in hand. */
  held: number;
  /** After the result was let go. */
  left: number;
}

/** The heap after one run. */
export interface HeapRound extends Heap {
  caller: MemoryCaller;
}

/** The content of `bench/results/memory.json`. */
export interface MemoryResults extends Setup {
  n8n: string;
  /** Bytes of the response and of the upload. */
  bytes: number;
  items: number;
  rounds: MemoryRound[];
  heap: HeapRound[];
}

const CALLERS: Record<MemoryCaller, string> = {
  node: 'this node',
  httpRequest: 'HTTP Request node',
  nothing: 'no calls',
};
const MEGABYTE = 1_000_000;
const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);

/** Returns the section of `RESULTS.md` about memory. */
export function memorySection(results: MemoryResults): string {
  const { n8n, items } = results;
  const { length: count } = growths(results, 'answer', 'node');
  const byCaller = (load: Load) =>
    (Object.keys(CALLERS) as MemoryCaller[])
      .filter((caller) => growths(results, load, caller).length > 0)
      .map((caller) => growthRow(results, load, caller));
  return [
    '## Memory',
    `How much more n8n's process held at its peak than before the execution; ${count} rounds. ` +
      `n8n ${n8n}. ${setupLine(results)}.`,
    table(
      ['What', 'By', 'Growth in MB: median', 'Worst', 'Against this node'],
      (['answer', 'upload', 'items'] as const).flatMap(byCaller),
    ),
    `The heap of n8n-core's engine after ${thousands(items)} small items, against before: with ` +
      'the result in hand, and when it was let go.',
    table(['By', 'Held, MB', 'Left, MB'], heapRows(results)),
  ].join('\n\n');
}

function growthRow(results: MemoryResults, load: Load, caller: MemoryCaller): string[] {
  const all = growths(results, load, caller);
  return [
    loadName(results, load),
    CALLERS[caller],
    megabytes(median(all)),
    megabytes(Math.max(...all)),
    times(median(all) / median(growths(results, load, 'node'))),
  ];
}

/** Bytes by which n8n's process grew, in each round. */
function growths({ rounds }: MemoryResults, load: Load, caller: MemoryCaller): number[] {
  return rounds
    .filter((round) => round.load === load && round.caller === caller)
    .map(({ growth }) => growth);
}

function loadName({ bytes, items }: MemoryResults, load: Load): string {
  const size = `${bytes / MEGABYTE} MB`;
  return {
    answer: `${size} response into n8n's binary store`,
    upload: `${size} response into it, then from it as a request's body`,
    items: `${thousands(items)} small items`,
  }[load];
}

function heapRows({ heap }: MemoryResults): string[][] {
  const names = { node: 'this node', nothing: 'a node that copies its items' };
  return (['node', 'nothing'] as const).map((caller) => {
    const own = heap.filter((round) => round.caller === caller);
    return [
      names[caller],
      megabytes(median(own.map(({ held }) => held))),
      megabytes(median(own.map(({ left }) => left))),
    ];
  });
}
