import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureHost } from '../host/install/install';
import { progressLines } from '../host/install/progress';
import { Problem } from '../host/problem';
import { deliveries } from './deliveries/run';
import { embeddings } from './embeddings/run';
import { files } from './files/run';
import { flow } from './flow/run';
import { memory } from './memory/run';
import { predictions } from './predictions/run';
import { queue } from './queue/run';
import { type AnyBenchmark, readResults, writeReport, writeResults } from './report';
import type { Plan } from './shared/benchmark';
import { start } from './start/run';

/** In the order in which they run and are reported. */
const BENCHMARKS: AnyBenchmark[] = [
  predictions,
  flow,
  embeddings,
  deliveries,
  memory,
  queue,
  start,
  files,
];

/**
 * Measures what the command line asks for, then writes the report of all results that there are.
 */
async function main(): Promise<void> {
  const names = BENCHMARKS.map(({ name }) => name);
  const options = readOptions(process.argv.slice(2), names);
  if (!options.report) await measure(options);
  await writeReport(BENCHMARKS);
}

async function measure({ names, rounds, minutes, before, cases }: Options): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const progress = progressLines();
  const host = await ensureHost(progress.show, stop.signal).finally(progress.stop);
  const deadline = Date.now() + minutes * 60_000;
  const plan: Plan = {
    host,
    rounds,
    before,
    cases,
    hasTime: () => Date.now() < deadline,
    signal: stop.signal,
    say: (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`),
  };
  for (const benchmark of BENCHMARKS.filter(({ name }) => names.includes(name)))
    await writeResults(
      benchmark,
      await benchmark.measure({ ...plan, earlier: readResults(benchmark.name) }),
    );
}

/** What the command line asks for. */
interface Options {
  /** Names of the benchmarks to run. */
  names: string[];
  /** Rounds whose medians are reported. */
  rounds: number;
  /** Nothing new begins after this many minutes. */
  minutes: number;
  /** Cases to measure, of benchmarks that have cases. */
  cases?: string[];
  /** Another checkout, with a build, to compare with. */
  before?: string;
  /** Measure nothing: only write the report from the results that are there. */
  report: boolean;
}

/**
 * Reads the command line.
 * @param names all benchmarks that there are
 * @throws {Problem} if it has an unknown option, benchmark or number
 */
function readOptions(args: string[], names: string[]): Options {
  const usage = `npm run bench -- [options]
  --only <list>   benchmarks to run: ${names.join(',')} (default all)
  --rounds <n>    rounds whose medians are reported, after one to warm up: 1 to 20 (default 5)
  --minutes <n>   begin nothing new after this: 1 to 240 (default 60)
  --cases <list>  of flow, measure only these cases and keep the others' results
  --before <dir>  of flow and start, measure another checkout too; it has to be built
  --report        measure nothing, write the report from the results that are there`;
  const number = (name: string, text: string, most: number) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new Problem(`${name} takes whole numbers from 1 to ${most}, not "${text}".\n${usage}`);
  };
  const { only, rounds = '5', minutes = '60', report = false, cases, before } = parse(args, usage);
  const wanted = only?.split(',') ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Problem(`There is no benchmark "${unknown}".\n${usage}`);
  return {
    names: wanted,
    rounds: number('--rounds', rounds, 20),
    minutes: number('--minutes', minutes, 240),
    report,
    cases: cases?.split(','),
    before: before && resolve(before),
  };
}

function parse(args: string[], usage: string) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: {
        only: text,
        rounds: text,
        minutes: text,
        cases: text,
        before: text,
        report: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n${usage}`);
  }
}

main().catch((error: Error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
