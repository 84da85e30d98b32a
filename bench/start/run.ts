import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, interleaved, setup } from '../shared/benchmark';
import { type StartResults, type StartRow, startSection } from './section';

const ROOT = join(__dirname, '../..');
const LOAD = join(__dirname, 'loadNodes.js');
/** A start is short, so that one round has several. */
const STARTS = 4;

const inProcess = promisify(execFile);

/** What the package adds to n8n's start, beside another checkout of it. */
export const start: Benchmark<StartResults> = {
  name: 'start',
  section: startSection,
  async measure({ rounds, hasTime, before, say }) {
    say('Loading the nodes …');
    const contenders: Array<StartRow & { folder: string }> = [
      { name: 'this version', folder: ROOT, files: 0, ms: [] },
      ...(before === undefined
        ? []
        : [{ name: 'the version before', folder: before, files: 0, ms: [] }]),
    ];
    await interleaved({
      contenders,
      rounds: rounds * STARTS,
      hasTime,
      run: async ({ folder }) => {
        const { stdout } = await inProcess(process.execPath, [LOAD, folder]);
        return JSON.parse(stdout) as { ms: number; files: number };
      },
      onResult: (row, { ms, files }) => {
        row.ms.push(ms);
        row.files = files;
      },
    });
    const rows = contenders.map(({ name, files, ms }) => ({ name, files, ms }));
    return { ...setup(), rows };
  },
};
