import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEAD, RATIO_HEAD, ratioRows, rows } from './rows';
import { embeddingsSection, type EmbeddingResults } from './embeddingsReport';
import { compare } from './summary';
import type { Results } from './types';

const FOLDER = join(__dirname, 'results');

/** Turns the results files into `RESULTS.md`: first one node against the other, then the figures. */
async function main(): Promise<void> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  const parts = await Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(FOLDER, name), 'utf8');
      const results = JSON.parse(text) as Results | EmbeddingResults;
      return 'texts' in results ? embeddingsSection(name, results) : section(name, results);
    }),
  );
  await writeFile(join(__dirname, 'RESULTS.md'), ['# Measurements', ...parts].join('\n\n') + '\n');
}

function section(file: string, results: Results): string {
  const { n8n, date, machine, rounds, skipped } = results;
  const { cpu, cores, memoryGb, os, node } = machine;
  const comparisons = compare(results);
  const counts = [...new Set(comparisons.map(({ trigger }) => trigger.rounds))].sort((a, b) => a - b);
  const lines = [
    `## Deliveries`,
    `n8n ${n8n} on ${cores} × ${cpu}, ${memoryGb} GB, ${os}; sender on Node ${node}; ${date.slice(0, 10)}; ` +
      `${rounds.length} bursts, medians of ${counts.join(' to ')} (lost and twice: the worst); ` +
      `\`bench/results/${file}\`.`,
    'A burst is that many signed results sent at the same time to one node, with a node behind it that does ' +
      'nothing. The two nodes take turns on the same n8n. An answer that takes over 10 s comes too late for ' +
      'Baseten.',
    '### Baseten Trigger against the Webhook node',
    markdown(RATIO_HEAD, ratioRows(comparisons)),
    '### Figures',
    markdown(HEAD, rows(comparisons)),
  ];
  if (skipped.length > 0) lines.push(`Not measured, for lack of time: ${skipped.join('; ')}.`);
  return lines.join('\n\n');
}

function markdown(head: string[], body: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

void main();
