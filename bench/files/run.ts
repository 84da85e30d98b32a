import '../../host/n8n/engineEnvironment.js';
import { createHash } from 'node:crypto';
import { MODEL_IDS } from '../../emulator';
import { startEmulatorProcess } from '../../host/emulator/emulatorProcess';
import { credentialFields } from '../predictions/nodes';
import { type Benchmark, interleaved, setup } from '../shared/benchmark';
import { type FilesResults, type FilesRow, filesSection } from './section';

/** A burst of calls is short, so that one round has several. */
const BURSTS = 4;

const text = (kilobytes: number) =>
  'It was a quiet night at the lighthouse. '.repeat(kilobytes * 26).slice(0, kilobytes * 1024);
const hash = (n: number) => createHash('sha256').update(String(n)).digest('base64');

/** Answers without a file in them, and how many calls a burst has. */
const ANSWERS: Array<{ name: string; calls: number; answer: object }> = [
  { name: 'one text of 2 KB', calls: 200, answer: { text: text(2) } },
  {
    name: '2,000 records with hashes, 200 KB',
    calls: 20,
    answer: {
      records: Array.from({ length: 2000 }, (_, id) => ({ id, hash: hash(id), label: 'lamp' })),
    },
  },
  {
    name: '20,000 numbers, 200 KB',
    calls: 20,
    answer: { vector: Array.from({ length: 20_000 }, (_, n) => Math.fround(Math.sin(n))) },
  },
];

/** What it costs to look for files in answers that have none, in whole calls. */
export const files: Benchmark<FilesResults> = {
  name: 'files',
  section: filesSection,
  async measure({ rounds, hasTime, say }) {
    const emulator = await startEmulatorProcess();
    const rows: FilesRow[] = [];
    try {
      for (const { name, calls, answer } of ANSWERS) {
        say(`Looking for files: ${name} …`);
        const row: FilesRow = { name, calls, auto: [], off: [] };
        await interleaved({
          contenders: ['auto', 'off'] as const,
          rounds: rounds * BURSTS,
          hasTime,
          run: async (base64ToFiles) => await cpuOf(emulator.url, { answer, calls, base64ToFiles }),
          onResult: (way, ms) => row[way].push(ms),
        });
        rows.push(row);
      }
    } finally {
      await emulator.stop();
    }
    return { ...setup(), rows };
  },
};

/** Milliseconds of CPU time in this process, which runs n8n's engine with the node. */
async function cpuOf(
  url: string,
  { answer, calls, base64ToFiles }: { answer: object; calls: number; base64ToFiles: string },
): Promise<number> {
  const { runBaseten } = await import('../../host/n8n/engine');
  const items = Array.from({ length: calls }, () => ({ json: { answer } }));
  const before = process.cpuUsage();
  const result = await runBaseten({
    credential: credentialFields(url),
    items,
    parameters: {
      modelId: { __rl: true, mode: 'id', value: MODEL_IDS.echo },
      inputMode: 'item',
      options: { base64ToFiles, maxConcurrency: 8 },
    },
  });
  const { user, system } = process.cpuUsage(before);
  if (result.error || result.items.length !== calls)
    throw result.error ?? new Error(`${result.items.length} items came back.`);
  return (user + system) / 1000;
}
