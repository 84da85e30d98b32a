import { cpus, platform, release, totalmem } from 'node:os';
import type { Host } from '../../host/install/types';

/** How much a benchmark measures, and with what. */
export interface Plan {
  /** The real n8n. */
  host: Host;
  /** Rounds whose medians are reported. One more round comes before them to warm up. */
  rounds: number;
  /** Whether there is time to begin something new. */
  hasTime(): boolean;
  /** Another checkout with a build, whose node is measured too; without it, nothing is. */
  before?: string;
  /** Cases of a benchmark to measure, if it has cases: all by default. */
  cases?: string[];
  /** The results that there are of the benchmark that is measured, if any. */
  earlier?: unknown;
  /** Aborted when the person at the keyboard stops the run. */
  signal: AbortSignal;
  /** Tells the person at the keyboard what is being measured. */
  say(text: string): void;
}

/** One subject that is measured. `Results` are written as JSON. */
export interface Benchmark<Results> {
  /** Its name on the command line. Its results are in `results/<name>.json`. */
  name: string;
  measure(plan: Plan): Promise<Results>;
  /** Its section of `RESULTS.md`. */
  section(results: Results): string;
}

/** When and on which machine figures were measured. */
export interface Setup {
  /** ISO 8601. */
  date: string;
  machine: { cpu: string; cores: number; memoryGb: number; os: string; node: string };
}

/** Returns this machine and the current time. */
export function setup(): Setup {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpu?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      os: `${platform()} ${release()}`,
      node: process.version,
    },
  };
}

/** Returns a line like `2 × AMD EPYC, 24 GB, linux 6.1; Node v20; 2026-11-21`. */
export function setupLine({ date, machine }: Setup): string {
  const { cores, cpu, memoryGb, os, node } = machine;
  return `${cores} × ${cpu}, ${memoryGb} GB, ${os}; Node ${node}; ${date.slice(0, 10)}`;
}

/** What `interleaved` runs, and how often. */
export interface Rounds<Contender, Result> {
  contenders: Contender[];
  /** Rounds that count. One more comes before them to warm up. */
  rounds: number;
  /** Asked before each round: without time left the rounds end early. */
  hasTime: () => boolean;
  /** Runs one contender in one round. */
  run: (contender: Contender) => Promise<Result>;
  /** Gets each result of the rounds that count. */
  onResult: (contender: Contender, result: Result) => void;
}

/**
 * Runs every contender once a round, so that a change on the machine meets all of them. Each round
 * begins with another contender, so that none always comes right after the same one.
 */
export async function interleaved<Contender, Result>({
  contenders,
  rounds,
  hasTime,
  run,
  onResult,
}: Rounds<Contender, Result>): Promise<void> {
  for (let round = 0; round <= rounds && hasTime(); round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const result = await run(contender);
      if (round > 0) onResult(contender, result);
    }
  }
}
