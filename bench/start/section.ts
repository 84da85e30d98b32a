import { type Setup, setupLine } from '../shared/benchmark';
import { median, table } from '../shared/figures';

/** One version of the package. */
export interface StartRow {
  name: string;
  /** How many of its files were loaded. */
  files: number;
  /** Milliseconds of CPU time of each start. */
  ms: number[];
}

/** The content of `bench/results/start.json`. */
export interface StartResults extends Setup {
  rows: StartRow[];
}

/** Returns the section of `RESULTS.md` about n8n's start. */
export function startSection(results: StartResults): string {
  const { rows } = results;
  const cells = rows.map(({ name, files, ms }) => [
    name,
    median(ms).toFixed(0),
    Math.min(...ms).toFixed(0),
    String(files),
  ]);
  const first = median(rows[0]?.ms ?? []);
  const other = rows[1] && median(rows[1].ms);
  const difference =
    other === undefined
      ? ''
      : ` This version takes ${Math.abs(other - first).toFixed(0)} ms ${first > other ? 'more' : 'less'} than the version before Model Fields, speech, images and the operations on deployments.`;
  return [
    '## Start',
    'CPU time that n8n needs at its start to load the nodes and the credential, each time in a ' +
      `new process.${difference} Medians of ${rows[0]?.ms.length} starts each, in turns. ` +
      `${setupLine(results)}.`,
    table(['Version', 'Milliseconds, median', 'Milliseconds, least', 'Files loaded'], cells),
  ].join('\n\n');
}
