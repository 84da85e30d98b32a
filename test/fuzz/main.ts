/**
 * `npm run test:fuzz`: brings a million inputs to the code that reads what others send, and tells what became of them.
 *
 *   FUZZ_RUNS   inputs altogether (1000000)
 *   FUZZ_SEED   the same seed makes the same inputs; chosen by chance and printed
 *   FUZZ_ONLY   part of the names of the properties to check
 *   FUZZ_PATH   replays one input, with the seed and the property that a failure told
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
    `${number(sums.single)} inputs and ${number(sums.all - sums.single)} runs of items in ${sums.seconds.toFixed(0)} s, seed ${seed}: ${sums.failures} properties failed`,
  );
  if (sums.failures > 0 || sums.all === 0) process.exitCode = 1;
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
