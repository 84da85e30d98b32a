import { type Setup, setupLine } from '../shared/benchmark';
import { median, table } from '../shared/figures';

/** Calls whose answers have no file. */
export interface FilesRow {
  /** What an answer is. */
  name: string;
  /** How many calls were measured together. */
  calls: number;
  /** Milliseconds of CPU time each time, with the search for files and without it. */
  auto: number[];
  off: number[];
}

/** The content of `bench/results/files.json`. */
export interface FilesResults extends Setup {
  rows: FilesRow[];
}

/** Returns the section of `RESULTS.md` about answers without files. */
export function filesSection(results: FilesResults): string {
  const { rows } = results;
  const cells = rows.map(({ name, calls, auto, off }) => {
    const [with_, without] = [median(auto), median(off)];
    return [
      name,
      String(calls),
      `${((with_ / without - 1) * 100).toFixed(1)} %`,
      with_.toFixed(0),
      without.toFixed(0),
    ];
  });
  return [
    '## Files in answers',
    'CPU time of whole calls in n8n’s engine, if the node looks for files in answers that have none ' +
      `(_Base64 to Files_ is _Auto_), and if it does not. Medians of ${rows[0]?.auto.length} ` +
      `bursts each, in turns. ${setupLine(results)}.`,
    table(['An answer', 'Calls', 'More time', 'Milliseconds, looking', 'Not looking'], cells),
  ].join('\n\n');
}
