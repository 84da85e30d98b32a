import { parseArgs } from 'node:util';
import { Problem } from '../host/problem';

export interface Options {
  /** Names of the parts to run, in their own order. */
  parts: string[];
  rounds: number;
  minutes: number;
  /** Only writes the report, from the results that are there. */
  report: boolean;
}

/** Reads the command line. Throws a `Problem` for what it doesn't understand. */
export function readOptions(args: string[], parts: string[]): Options {
  const usage = `npm run bench -- [options]
  --only <list>   parts to run: ${parts.join(',')} (default all)
  --rounds <n>    rounds of which the medians are taken, one more to warm up: 1 to 20 (default 5)
  --minutes <n>   begin nothing further after this: up to 240 (default 60)
  --report        measure nothing, write the report from the results that are there`;
  const number = (name: string, text: string, most: number) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new Problem(`${name} takes whole numbers from 1 to ${most}, not "${text}".\n${usage}`);
  };
  const { only, rounds = '5', minutes = '60', report = false } = parse(args, usage);
  const wanted = only?.split(',') ?? parts;
  const unknown = wanted.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new Problem(`There is no part "${unknown}".\n${usage}`);
  return {
    parts: parts.filter((name) => wanted.includes(name)),
    rounds: number('--rounds', rounds, 20),
    minutes: number('--minutes', minutes, 240),
    report,
  };
}

function parse(args: string[], usage: string) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: { only: text, rounds: text, minutes: text, report: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new Problem(`${(error as Error).message}\n${usage}`);
  }
}
