import { type Setup, setupLine } from '../shared/machine';
import { table, times } from '../shared/markdown';
import { median } from '../shared/statistics';

/** One way to embed the same texts. */
interface EmbeddingRow {
  name: string;
  requests: number;
  /** Milliseconds of each round. */
  ms: number[];
}

export interface EmbeddingResults extends Setup {
  texts: number;
  inFlight: number;
  rows: EmbeddingRow[];
}

/** The part of `RESULTS.md` about embedding: ratios first. */
export function embeddingsSection(results: EmbeddingResults): string {
  const { texts, inFlight, rows } = results;
  const first = median(rows[0]?.ms ?? []);
  const cells = rows.map(({ name, requests, ms }) => [
    name,
    times(median(ms) / first),
    String(requests),
    median(ms).toFixed(0),
  ]);
  return [
    '## Embedding',
    `${texts} texts, ${inFlight} requests in flight, in n8n-core's engine against the emulator in a process of its own, over ` +
      `http, without model time. Medians of ${rows[0]?.ms.length} interleaved rounds. ${setupLine(results)}.`,
    table(['Way', 'Time against the first', 'Requests', 'Milliseconds'], cells),
  ].join('\n\n');
}
