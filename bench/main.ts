import { mkdir, writeFile } from 'node:fs/promises';
import { ensureHost } from '../host/install/install';
import { Problem } from '../host/problem';
import { progressLines } from '../host/install/progress';
import { readOptions } from './options';
import { PARTS } from './parts';
import { resultsFile, RESULTS_FOLDER } from './report/files';
import { writeReport } from './report/write';
import type { Plan } from './shared/part';

/** Measures what was asked for, writes the results and, of all results that there are, the report. Ends by itself. */
async function main(): Promise<void> {
  const options = readOptions(
    process.argv.slice(2),
    PARTS.map(({ name }) => name),
  );
  if (!options.report) await measure(options);
  await writeReport();
}

async function measure({ parts, rounds, minutes }: ReturnType<typeof readOptions>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const progress = progressLines();
  const host = await ensureHost(progress.show, stop.signal).finally(progress.stop);
  const deadline = Date.now() + minutes * 60_000;
  const plan: Plan = {
    host,
    rounds,
    hasTime: () => Date.now() < deadline,
    signal: stop.signal,
    say: (text) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`),
  };
  await mkdir(RESULTS_FOLDER, { recursive: true });
  for (const part of PARTS.filter(({ name }) => parts.includes(name))) {
    const results: unknown = await part.measure(plan);
    await writeFile(resultsFile(part.name), `${JSON.stringify(results, null, 2)}\n`);
  }
}

main().catch((error: Error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
