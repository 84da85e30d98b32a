import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTS } from '../parts';
import { predictions } from '../predictions/run';
import type { PredictionResults } from '../predictions/types';
import { chart } from './chart';
import { readResults } from './files';
import { between } from './readme';
import { summaryTable } from './summary';

const BENCH = join(__dirname, '..');
const README = join(BENCH, '..', 'README.md');

/** Everything that is said about results, as text. */
export function report(): string {
  const found = readResults<PredictionResults>(predictions.name);
  const summary = found
    ? ['## Summary', summaryTable(found), '![Predictions a second](chart.svg)']
    : [];
  const sections = PARTS.flatMap((part) => {
    const results = readResults<unknown>(part.name);
    return results === undefined ? [] : [part.section(results)];
  });
  return `${['# Measurements', ...summary, ...sections].join('\n\n')}\n`;
}

/** Turns the results that there are into `RESULTS.md` and the chart, and puts the short table into the README. */
export async function writeReport(): Promise<void> {
  await writeFile(join(BENCH, 'RESULTS.md'), report());
  const found = readResults<PredictionResults>(predictions.name);
  if (!found) return;
  await writeFile(join(BENCH, 'chart.svg'), `${chart(found)}\n`);
  const readme = await readFile(README, 'utf8');
  const updated = between(readme, summaryTable(found));
  if (updated !== readme) await writeFile(README, updated);
}
