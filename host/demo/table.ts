import Table from 'cli-table3';
import type { ExampleResult } from './runExample';

const RESULT_WIDTH = 60;

/** Prints a table of what each workflow did: items, time, and a sentence. */
export function printTable(results: ExampleResult[], say: (line: string) => void): void {
  const table = new Table({
    head: ['', 'Workflow', 'Items', 'Time', 'Result'],
    colWidths: [3, null, null, null, RESULT_WIDTH],
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    wordWrap: true,
    style: process.stdout.isTTY ? { head: ['bold'] } : { head: [], border: [] },
  });
  for (const { name, run, outcome, failure, skipped } of results) {
    const mark = outcome ? '✓' : skipped ? '–' : '✗';
    const time = run ? `${(run.ms / 1000).toFixed(1)} s` : '';
    table.push([
      mark,
      name,
      outcome ? String(outcome.items) : '',
      time,
      outcome?.summary ?? failure ?? '',
    ]);
  }
  say(table.toString());
  const passed = results.filter(({ outcome }) => outcome).length;
  say(`${passed} of ${results.length} workflows gave what they should.`);
}
