import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Table from 'cli-table3';
import { ensureHost } from '../host/install';
import { Problem } from '../host/problem';
import { progressLines } from '../host/progress';
import { machine } from './machine';
import { measure } from './measure';
import { readOptions } from './options';
import { HEAD, rows } from './rows';
import { Sender } from './sending';
import { compare } from './summary';
import type { Results } from './types';

/**
 * Measures how bursts of async results are received, by the Baseten Trigger and by n8n's own Webhook node, on
 * a real n8n on loopback. Ends by itself; what there was no time for is named in the results.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), join(__dirname, 'results', 'deliveries.json'));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const progress = progressLines();
  const host = await ensureHost(progress.show, stop.signal).finally(progress.stop);
  const results: Results = {
    n8n: host.version,
    date: new Date().toISOString(),
    machine: machine(),
    settings: options.settings,
    rounds: [],
    skipped: [],
  };
  const sender = new Sender();
  const deadline = Date.now() + options.minutes * 60_000;
  try {
    for (const setting of options.settings) {
      console.log(`${setting.name} …`);
      await measure(host, setting, sender, {
        rounds: options.rounds,
        deadline,
        onRound: (round) => results.rounds.push(round),
        onSkip: (what) => results.skipped.push(what),
        signal: stop.signal,
      });
    }
  } finally {
    await sender.close();
  }
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push(...rows(compare(results)));
  console.log(table.toString());
  if (results.skipped.length > 0) console.log(`No time was left for:\n  ${results.skipped.join('\n  ')}`);
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(results, null, 2)}\n`);
}

main().catch((error: Error) => {
  console.error(error instanceof Problem ? error.message : error);
  process.exitCode = 1;
});
