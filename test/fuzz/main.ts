/**
 * `npm run test:fuzz`: gives a million inputs to the code that reads what others send, and reports
 * how many it accepted and refused, and whether any of its properties failed.
 *
 *   FUZZ_RUNS   number of inputs of all properties together (1000000)
 *   FUZZ_SEED   the same seed makes the same inputs; by default it is random, and printed
 *   FUZZ_ONLY   checks only properties with this text in their name
 *   FUZZ_PATH   replays one input; set it, FUZZ_SEED and FUZZ_ONLY to what a failure printed
 */
import Table from 'cli-table3';

import { INPUTS, PROPERTIES, runsOf } from './properties';
import { fuzzWatched } from './watch';

async function main(): Promise<void> {
  const {
    FUZZ_RUNS = '1000000',
    FUZZ_SEED = String(Date.now() % 2 ** 31),
    FUZZ_ONLY = '',
    FUZZ_PATH,
  } = process.env;
  const total = Number(FUZZ_RUNS);
  const seed = Number(FUZZ_SEED);
  if (!Number.isInteger(seed) || !Number.isInteger(total) || total < 1)
    throw new Error('FUZZ_RUNS and FUZZ_SEED must be whole numbers.');
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${total}`);

  const number = (value: number) => value.toLocaleString('en');
  const table = new Table({
    head: ['property', 'inputs', 'accepted', 'refused', 'seconds', 'slowest, ms'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  const sums = { single: 0, all: 0, seconds: 0, failures: 0 };
  for (const property of PROPERTIES.filter(({ name }) => name.includes(FUZZ_ONLY))) {
    const { name } = property;
    const result = await fuzzWatched(property, {
      seed,
      runs: runsOf(property, total),
      path: FUZZ_PATH,
    });
    const { accepted, refused, seconds, slowest, failure } = result;
    table.push([
      name,
      ...[accepted + refused, accepted, refused].map(number),
      seconds.toFixed(1),
      slowest.toFixed(0),
    ]);
    if (failure)
      console.error(
        `\n${name}: ${failure}\nReplay it: FUZZ_ONLY="${name}" FUZZ_SEED=${seed} FUZZ_PATH=<path> npm run test:fuzz\n`,
      );
    sums.all += accepted + refused;
    sums.single += INPUTS.includes(property) ? accepted + refused : 0;
    sums.seconds += seconds;
    sums.failures += failure ? 1 : 0;
  }
  console.log(table.toString());
  console.log(
    `${number(sums.single)} inputs and ${number(sums.all - sums.single)} runs of items and measurements in ${sums.seconds.toFixed(0)} s, seed ${seed}: ${sums.failures} properties failed`,
  );
  if (sums.failures > 0 || sums.all === 0) process.exitCode = 1;
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
