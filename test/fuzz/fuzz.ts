import fc from 'fast-check';

import type { FuzzProperty } from './property';

/** No input may take longer, in milliseconds. A busy machine pauses a process for far less. */
export const LONGEST_INPUT = 5_000;

/** Characters of a failure's report. */
const LONGEST_REPORT = 3_000;

/** How a property is checked. */
export interface FuzzSettings {
  /** The same seed makes the same inputs. */
  seed: number;
  /** How many inputs are made. */
  runs: number;
  /** Replays only the input at this path. A failure tells the path. */
  path?: string;
  /** Called before each input. */
  onInput?(): void;
}

/** What a check found. */
export interface FuzzResult {
  /** Inputs that the code took. */
  accepted: number;
  /** Inputs that the code refused, as it should. */
  refused: number;
  seconds: number;
  /** Milliseconds that the slowest input took. */
  slowest: number;
  /** What went wrong, with the smallest input found, its seed and path. */
  failure?: string;
}

/**
 * Checks a property with as many inputs as the settings say, or up to the first that fails.
 * @returns what was found; it does not throw if the property fails
 */
export async function fuzz(
  { inputs, check }: FuzzProperty,
  settings: FuzzSettings,
): Promise<FuzzResult> {
  const { seed, runs, path, onInput } = settings;
  const result: FuzzResult = { accepted: 0, refused: 0, seconds: 0, slowest: 0 };
  const begin = performance.now();
  let isTooSlow = false;
  const tested = fc.asyncProperty(inputs, async (input) => {
    // After a failure, fast-check tries many smaller inputs. With a slow input that takes too long.
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

/** The beginning of a long report is enough: the seed and the path make the whole input again. */
function shortened(text: unknown): string {
  return String(text).slice(0, LONGEST_REPORT);
}

/** Shows an input of a property as text, without checking it. */
export function inputAt({ inputs }: FuzzProperty, seed: number, path: string): string {
  return shortened(fc.stringify(fc.sample(inputs, { seed, path, numRuns: 1 })[0]));
}
