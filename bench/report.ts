import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flowChart } from './flow/chart';
import type { FlowResults } from './flow/types';
import { chart } from './predictions/chart';
import { shortTable } from './predictions/summary';
import type { PredictionResults } from './predictions/types';
import type { Benchmark } from './shared/benchmark';

const RESULTS_FOLDER = join(__dirname, 'results');
const PAGE = join(__dirname, '../docs/benchmark.md');
const [START, END] = ['<!-- bench:start -->', '<!-- bench:end -->'];

/** Each benchmark reads only its own results. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyBenchmark = Benchmark<any>;

/** Writes a benchmark's results to its file. */
export async function writeResults({ name }: AnyBenchmark, results: unknown): Promise<void> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  await writeFile(resultsFile(name), `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * Turns all results that there are into `RESULTS.md` and the charts, and writes the short table
 * into the page about speed.
 */
export async function writeReport(benchmarks: AnyBenchmark[]): Promise<void> {
  const predictions = readResults<PredictionResults>('predictions');
  await writeFile(join(__dirname, 'RESULTS.md'), report(benchmarks, predictions));
  const flow = readResults<FlowResults>('flow');
  const drawn = flow && flowChart(flow);
  if (drawn) await writeFile(join(__dirname, 'flow.svg'), `${drawn}\n`);
  if (!predictions) return;
  await writeFile(join(__dirname, 'chart.svg'), `${chart(predictions)}\n`);
  const page = await readFile(PAGE, 'utf8');
  const updated = betweenMarks(page, shortTable(predictions));
  if (updated !== page) await writeFile(PAGE, updated);
}

function report(benchmarks: AnyBenchmark[], predictions?: PredictionResults): string {
  const summary = predictions
    ? ['## Summary', shortTable(predictions), '![Predictions a second](chart.svg)']
    : [];
  const sections = benchmarks.flatMap(({ name, section }) => {
    const results = readResults<unknown>(name);
    return results === undefined ? [] : [section(results)];
  });
  const how = '[How this is measured](../docs/benchmark.md).';
  return `${['# Measurements', how, ...summary, ...sections].join('\n\n')}\n`;
}

/** Returns a benchmark's results, or undefined if it was not measured. */
export function readResults<Results>(name: string): Results | undefined {
  const file = resultsFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined;
}

const resultsFile = (name: string) => join(RESULTS_FOLDER, `${name}.json`);

/**
 * Returns the text with `content` between the two marks, or the text as it is if it has no marks.
 */
function betweenMarks(text: string, content: string): string {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start + START.length)}\n${content}\n${text.slice(end)}`;
}
