import { type Setup, setupLine } from '../shared/benchmark';
import { median, table, times } from '../shared/figures';

/** One way to embed the same texts. */
interface EmbeddingRow {
  name: string;
  requests: number;
  /** Milliseconds of each round. */
  ms: number[];
}

/** The content of `bench/results/embeddings.json`. */
export interface EmbeddingResults extends Setup {
  texts: number;
  /** Requests in flight at once. */
  inFlight: number;
  rows: EmbeddingRow[];
}

/** Returns the section of `RESULTS.md` about embedding: ratios first. */
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
    `${texts} texts, ${inFlight} requests in flight. Medians of ${rows[0]?.ms.length} rounds. ` +
      `${setupLine(results)}.`,
    table(['By', 'Time against the first', 'Requests', 'Milliseconds'], cells),
  ].join('\n\n');
}
