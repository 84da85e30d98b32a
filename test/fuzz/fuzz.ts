import fc from 'fast-check';

import type { FuzzProperty } from './property';

/** No input may take longer, in milliseconds. A busy machine pauses a process for far less. */
export const LONGEST_INPUT = 5_000;

/** Characters. */
const LONGEST_REPORT = 3_000;

export interface FuzzSettings {
  seed: number;
  runs: number;
  /** Replays one input; a failure tells its path. */
  path?: string;
  /** Called before each input. */
  onInput?(): void;
}

export interface FuzzResult {
  accepted: number;
  refused: number;
  seconds: number;
  /** Milliseconds that the slowest input took. */
  slowest: number;
  /** What went wrong, with the smallest input found, its seed and path. */
  failure?: string;
}

/** Checks a property with so many inputs, or up to the first one that it does not hold for. */
export async function fuzz(
  { inputs, check }: FuzzProperty,
  settings: FuzzSettings,
): Promise<FuzzResult> {
  const { seed, runs, path, onInput } = settings;
  const result: FuzzResult = { accepted: 0, refused: 0, seconds: 0, slowest: 0 };
  const begin = performance.now();
  let isTooSlow = false;
  const tested = fc.asyncProperty(inputs, async (input) => {
    // A smaller input is looked for with many tries, which would take too long with a slow one.
    if (isTooSlow) return;
    onInput?.();
    const start = performance.now();
    result[await check(input)]++;
    const took = performance.now() - start;
    result.slowest = Math.max(result.slowest, took);
    isTooSlow = took > LONGEST_INPUT;
    if (isTooSlow) throw new Error(`This input took ${Math.round(took)} ms.`);
  });
  const details = await fc.check(tested, { seed, numRuns: runs, path });
  result.seconds = (performance.now() - begin) / 1000;
  if (details.failed)
    result.failure = [fc.defaultReportMessage(details), details.errorInstance]
      .map(shortened)
      .join('\n');
  return result;
}

/** Of a long input the beginning tells enough: its seed and path make it again. */
function shortened(text: unknown): string {
  return String(text).slice(0, LONGEST_REPORT);
}

/** What an input of a property looks like, without checking it. */
export function inputAt({ inputs }: FuzzProperty, seed: number, path: string): string {
  return shortened(fc.stringify(fc.sample(inputs, { seed, path, numRuns: 1 })[0]));
}
