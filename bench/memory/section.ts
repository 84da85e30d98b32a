import { setupLine } from '../shared/machine';
import { table, thousands, times } from '../shared/markdown';
import { median } from '../shared/statistics';
import type { Caller, Load, MemoryResults } from './types';

const CALLERS: Record<Caller, string> = {
  node: 'this node',
  httpRequest: 'HTTP Request node',
  nothing: 'no calls',
};
const MEGABYTE = 1_000_000;
const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);

/** Bytes by which n8n's process grew, at the median and at worst. */
export function growth(
  { rounds }: MemoryResults,
  load: Load,
  caller: Caller,
): { median: number; worst: number } {
  const all = rounds
    .filter((round) => round.load === load && round.caller === caller)
    .map((round) => round.growth);
  return { median: median(all), worst: Math.max(...all) };
}

/** The part of `RESULTS.md` about memory. */
export function memorySection(results: MemoryResults): string {
  const { n8n, bytes, items, rounds, heap } = results;
  const size = `${bytes / MEGABYTE} MB`;
  const names: Record<Load, string> = {
    answer: `${size} answer into n8n's binary store`,
    upload: `${size} answer into it, then from it as a request's body`,
    items: `${thousands(items)} small items`,
  };
  const kinds = Object.keys(names) as Load[];
  const callers = Object.keys(CALLERS) as Caller[];
  const measured = kinds.flatMap((load) =>
    callers
      .filter((caller) => rounds.some((round) => round.load === load && round.caller === caller))
      .map((caller) => ({ load, caller, ...growth(results, load, caller) })),
  );
  const count = rounds.filter(({ load, caller }) => load === 'answer' && caller === 'node').length;
  const rows = measured.map(({ load, caller, median: middle, worst }) => [
    names[load],
    CALLERS[caller],
    megabytes(middle),
    megabytes(worst),
    times(middle / growth(results, load, 'node').median),
  ]);
  const heapRows = (['node', 'nothing'] as const).map((caller) => {
    const own = heap.filter((round) => round.caller === caller);
    return [
      caller === 'node' ? 'this node' : 'a node that copies its items',
      megabytes(median(own.map(({ held }) => held))),
      megabytes(median(own.map(({ left }) => left))),
    ];
  });
  return [
    '## Memory',
    `How much more n8n's process held at its peak than before the execution, by the kernel's count; over TLS, binary data ` +
      `in files, ${count} rounds, the first after the start included, each kind of node in an n8n of its own. n8n ${n8n}. ${setupLine(results)}.`,
    table(['What', 'By', 'Growth in MB: median', 'Worst', 'Against this node'], rows),
    `The heap of n8n-core's engine after ${thousands(items)} small items, garbage collected, against before: with the result in ` +
      'hand (input and output items), and when it was let go.',
    table(['Way', 'Held, MB', 'Left, MB'], heapRows),
  ].join('\n\n');
}
