import { parseArgs } from 'node:util';
import { Problem } from '../host/problem';
import type { Setting } from './types';

export interface Options {
  rounds: number;
  minutes: number;
  settings: Setting[];
  out: string;
}

export const USAGE = `npm run bench -- [options]
  --rounds <n>    rounds of each kind, of which the medians are taken: 1 to 20 (default 3)
  --at <list>     deliveries at once for the two engines (default 10,50,300; each up to 1000)
  --pools <list>  pool sizes of the default engine to try besides, at 100 and 300 (default 1,2,4,8; none: "")
  --minutes <n>   begin no further burst after this: up to 120 (default 40)
  --out <file>    where the results go (default bench/results/deliveries.json)`;

/** For the settings that are tried besides the plain engines. */
const SIZES_BESIDES = [100, 300];

/** Reads the command line. Throws a `Problem` for what it doesn't understand. */
export function readOptions(args: string[], defaultOut: string): Options {
  const { rounds, at, pools, minutes, out } = parse(args);
  const sizes = numbers('--at', at ?? '10,50,300', 1000);
  const poolSizes = numbers('--pools', pools ?? '1,2,4,8', 64);
  const besides = SIZES_BESIDES.filter((size) => at === undefined || size <= Math.max(...sizes));
  return {
    rounds: number('--rounds', rounds ?? '3', 20),
    minutes: number('--minutes', minutes ?? '40', 120),
    out: out ?? defaultOut,
    settings: settings(sizes, besides, poolSizes),
  };
}

/** The default engine makes an isolate for each request, unless it is told to wait until one is needed. */
function settings(sizes: number[], besides: number[], poolSizes: number[]): Setting[] {
  const lazy = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' };
  const all: Setting[] = [
    { name: 'legacy engine', env: { N8N_EXPRESSION_ENGINE: 'legacy' }, sizes },
    { name: 'default engine', env: {}, sizes },
    { name: 'default engine, isolates on demand', env: lazy, sizes: besides },
    ...poolSizes.map((size) => ({
      name: `default engine, pool of ${size}`,
      env: { N8N_EXPRESSION_ENGINE_POOL_SIZE: String(size) },
      sizes: besides,
    })),
  ];
  return all.filter((setting) => setting.sizes.length > 0);
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const options = { rounds: text, at: text, pools: text, minutes: text, out: text };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n${USAGE}`);
  }
}

function numbers(name: string, text: string, most: number): number[] {
  return text === '' ? [] : text.split(',').map((each) => number(name, each, most));
}

function number(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Problem(`${name} takes whole numbers from 1 to ${most}, not "${text}".\n${USAGE}`);
}
