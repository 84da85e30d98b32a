/**
 * `npm run test:mutation`: breaks the verification of deliveries in a copy of the source, one step at a time, and runs
 * the unit tests that answer for it. A break that no test notices makes it fail, and so does one whose code is gone.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import Table from 'cli-table3';

import { MUTATIONS, TESTS, type Mutation } from './mutations';

const ROOT = resolve(__dirname, '../..');
/** What the unit tests and jest's configuration need of the project. */
const COPIED = [
  'nodes',
  'credentials',
  'emulator',
  'test',
  'package.json',
  'tsconfig.json',
  'jest.config.js',
];
/** Tests of named behaviour have to notice by themselves, without thousands of inputs made by chance. */
const NAMED = '^(?!10,000 hostile deliveries)';
/** Milliseconds; a break may also show in tests that never end. */
const LONGEST_RUN = 120_000;

interface TestReport {
  numTotalTests: number;
  testResults: Array<{
    message: string;
    assertionResults: Array<{ status: string; fullName: string }>;
  }>;
}

/** What the unit tests of a source file say of it. */
type Verdict = { passed: true } | { passed: false; killers: string[] };

/** Runs the unit tests that answer for a source file of the copy. */
function testsOf(file: string, copy: string): Verdict {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const options = [
    '--selectProjects',
    'unit',
    '--runInBand',
    '--silent',
    '--json',
    `--outputFile=${report}`,
  ];
  const tests = [
    '--runTestsByPath',
    join('test/unit', TESTS[file] as string),
    '--testNamePattern',
    NAMED,
  ];
  const run = spawnSync(process.execPath, [...jest, ...options, ...tests], {
    cwd: copy,
    timeout: LONGEST_RUN,
    encoding: 'utf8',
  });
  if (run.error)
    return { passed: false, killers: [`the tests did not end within ${LONGEST_RUN / 1000} s`] };
  const { numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as TestReport;
  // A mutation that can't even be loaded says nothing about the tests.
  if (numTotalTests === 0)
    throw new Error(testResults.map(({ message }) => message).join('\n') || run.stderr);
  const killers = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
  return run.status === 0 ? { passed: true } : { passed: false, killers };
}

/** Breaks a copied file, and puts it right again. @returns the tests that noticed; none: it survived */
function killersOf({ file, from, to }: Mutation, copy: string): string[] {
  const path = join(copy, 'nodes', file);
  const source = readFileSync(path, 'utf8');
  const pieces = source.split(from);
  if (pieces.length !== 2)
    throw new Error(`nodes/${file} has this ${pieces.length - 1} times instead of once:\n${from}`);
  writeFileSync(path, pieces.join(to));
  try {
    const verdict = testsOf(file, copy);
    return verdict.passed ? [] : verdict.killers;
  } finally {
    writeFileSync(path, source);
  }
}

function main(): void {
  const copy = mkdtempSync(join(tmpdir(), 'baseten-mutation-'));
  const table = new Table({
    head: ['step', 'broken so that', 'noticed by'],
    colWidths: [28, 46, 74],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  const begin = performance.now();
  const lacking: string[] = [];
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const file of Object.keys(TESTS)) {
      const verdict = testsOf(file, copy);
      if (!verdict.passed)
        throw new Error(
          `The tests of nodes/${file} fail before anything is broken: ${verdict.killers.join(', ')}`,
        );
    }
    for (const mutation of MUTATIONS) {
      const name = `${mutation.step}: ${mutation.effect}`;
      let noticed = 'NOT TRIED';
      try {
        const [first, ...others] = killersOf(mutation, copy);
        noticed =
          first === undefined
            ? 'NO TEST'
            : `${first}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
        if (first === undefined) lacking.push(`${name}: no test noticed`);
      } catch (error) {
        lacking.push(`${name}: ${(error as Error).message}`);
      }
      table.push([mutation.step, mutation.effect, noticed]);
      process.stderr.write(noticed === 'NO TEST' || noticed === 'NOT TRIED' ? '!' : '.');
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(
    `\n${table.toString()}\n${MUTATIONS.length - lacking.length} of ${MUTATIONS.length} breaks were noticed, in ${seconds} s`,
  );
  if (lacking.length > 0) {
    console.error(`\n${lacking.join('\n')}`);
    process.exitCode = 1;
  }
}

main();
