import type { Results } from './types';

/** One way to embed the same texts. */
export interface EmbeddingRow {
  name: string;
  requests: number;
  /** Milliseconds of each round. */
  ms: number[];
}

export interface EmbeddingResults {
  date: string;
  machine: Results['machine'];
  texts: number;
  rows: EmbeddingRow[];
}

/** The middle one of the rounds, in milliseconds. */
export function median(ms: number[]): number {
  const sorted = [...ms].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The part of `RESULTS.md` about embedding: ratios first. */
export function embeddingsSection(file: string, { date, machine, texts, rows }: EmbeddingResults): string {
  const first = median(rows[0]?.ms ?? []);
  const { cpu, cores, memoryGb, os, node } = machine;
  return [
    '## Embedding',
    `${texts} texts, 8 requests in flight, in n8n-core's engine on Node ${node} against the emulator in a process of its own, without ` +
      `model time; ${cores} × ${cpu}, ${memoryGb} GB, ${os}; ${date.slice(0, 10)}; medians of ${rows[0]?.ms.length} ` +
      `interleaved rounds; \`bench/results/${file}\`.`,
    [
      '| Way | Requests | Time against the first | Milliseconds |',
      '| --- | --- | --- | --- |',
      ...rows.map(
        ({ name, requests, ms }) =>
          `| ${name} | ${requests} | ${(median(ms) / first).toFixed(1)} × | ${Math.round(median(ms))} |`,
      ),
    ].join('\n'),
  ].join('\n\n');
}
