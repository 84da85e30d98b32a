import type { Reader } from './readers';

/** Characters of the inputs. The time for the first one is what the others are compared with. */
const SIZES = [10_000, 100_000, 1_000_000];
/**
 * How many times as long as its share a longer input may take. A machine that is busy, or that
 * cleans up its memory, makes some of it; what grows with the square takes a hundred times as long.
 */
const BOUND = 20;
/** A shorter time than this, in milliseconds, says nothing about the code. */
const SHORTEST = 0.25;
/** How often a time is taken again before it counts as too long. The shortest counts. */
const TRIES = 4;

/** How long a reader took for an input, and how long it may take. */
export interface Growth {
  size: number;
  /** Milliseconds. */
  took: number;
  /** Milliseconds. */
  limit: number;
}

/**
 * Measures whether a reader takes at most in proportion longer for longer inputs.
 * @param read the reader; it may refuse an input in the ways that `Reader` allows
 * @param makeInput makes a text of about so many characters
 * @returns the first size that took too long, so that the longer ones need not be waited for;
 * nothing if none did
 */
export async function tooSlowAt(
  read: Reader,
  makeInput: (size: number) => string,
): Promise<Growth | undefined> {
  const [first, ...longer] = SIZES as [number, ...number[]];
  const small = makeInput(first);
  // The first run also compiles the code.
  const base = Math.max(SHORTEST, await shortestOf(read, small, { tries: 3, limit: 0 }));
  for (const size of longer) {
    const limit = base * (size / first) * BOUND;
    const took = await shortestOf(read, makeInput(size), { tries: TRIES, limit });
    if (took > limit) return { size, took, limit };
  }
  return undefined;
}

/** @returns the shortest time of some tries; of fewer once one is within the limit */
async function shortestOf(
  read: Reader,
  input: string,
  { tries, limit }: { tries: number; limit: number },
): Promise<number> {
  let shortest = Infinity;
  for (let run = 0; run < tries && shortest > limit; run++) {
    const begin = performance.now();
    await read(input);
    shortest = Math.min(shortest, performance.now() - begin);
  }
  return shortest;
}
