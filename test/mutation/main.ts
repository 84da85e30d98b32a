/**
 * `npm run test:mutation`: breaks what keeps deliveries and requests safe in a copy of the source,
 * one step at a time, and runs the tests of that file. It fails if no test notices a break, and
 * also if the code to break is not there any more. Words behind `--` limit it to the files that
 * have one of them in their path: `npm run test:mutation -- shared/http`.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import Table from 'cli-table3';

import { DELIVERY_MUTATIONS } from './deliveryMutations';
import { partsAround, type Mutation } from './mutation';
import { testsOf } from './tests';
import { WAIT_MUTATIONS } from './waitMutations';
import { WIRE_MUTATIONS } from './wireMutations';

const ROOT = resolve(__dirname, '../..');

/** What the unit tests and jest's configuration need of the project. */
const COPIED = [
  'nodes',
  'credentials',
  'emulator',
  'host/n8n',
  'test',
  'package.json',
  'tsconfig.json',
  'jest.config.js',
];

const WORDS = process.argv.slice(2);
/** All ways that are tried. */
const MUTATIONS = [...DELIVERY_MUTATIONS, ...WAIT_MUTATIONS, ...WIRE_MUTATIONS].filter(
  ({ file }) => WORDS.length === 0 || WORDS.some((word) => file.includes(word)),
);

/** Milliseconds. A break may also make tests run forever. */
const LONGEST_RUN = 120_000;

interface TestReport {
  numTotalTests: number;
  testResults: Array<{
    message: string;
    assertionResults: Array<{ status: string; fullName: string }>;
  }>;
}

/** Runs the tests of a source file of the copy. @returns the tests that failed */
function failuresOf(file: string, copy: string): string[] {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  // As the npm script has it: a machine that is busy takes longer than Jest's own limit.
  const patience = '--testTimeout=20000';
  const { project, files, names } = testsOf(file);
  const options = ['--selectProjects', project, '--runInBand', '--silent', '--json'];
  const paths = files.map((each) => join('test', project, each));
  const tests = [...paths, '--testNamePattern', names];
  const run = spawnSync(
    process.execPath,
    [...jest, patience, ...options, `--outputFile=${report}`, '--runTestsByPath', ...tests],
    { cwd: copy, timeout: LONGEST_RUN, encoding: 'utf8' },
  );
  if (run.error) return [`the tests did not end within ${LONGEST_RUN / 1000} s`];
  if (!existsSync(report)) throw new Error(`jest did not run: ${run.stderr}`);
  const { numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as TestReport;
  // Code that can't even be loaded says nothing about the tests.
  if (numTotalTests === 0)
    throw new Error(testResults.map(({ message }) => message).join('\n') || run.stderr);
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
}

/** Breaks a copied file, and restores it. @returns the tests that noticed; none: it survived */
function killersOf({ file, from, to }: Mutation, copy: string): string[] {
  const path = join(copy, 'nodes', file);
  const source = readFileSync(path, 'utf8');
  const pieces = partsAround(from, source);
  if (pieces.length !== 2)
    throw new Error(`nodes/${file} has this ${pieces.length - 1} times instead of once:\n${from}`);
  writeFileSync(path, pieces.join(to));
  try {
    return failuresOf(file, copy);
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
  const unnoticed: string[] = [];
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const file of new Set(MUTATIONS.map((mutation) => mutation.file))) {
      const failures = failuresOf(file, copy);
      if (failures.length > 0)
        throw new Error(
          `The tests of nodes/${file} fail before anything is broken: ${failures.join(', ')}`,
        );
    }
    for (const mutation of MUTATIONS) {
      const name = `${mutation.step}: ${mutation.effect}`;
      let noticed = 'NOT TRIED';
      try {
        const [first, ...others] = killersOf(mutation, copy);
        const more = others.length > 0 ? ` (and ${others.length} more)` : '';
        noticed = first === undefined ? 'NO TEST' : first + more;
        if (first === undefined) unnoticed.push(`${name}: no test noticed`);
      } catch (error) {
        unnoticed.push(`${name}: ${(error as Error).message}`);
      }
      table.push([mutation.step, mutation.effect, noticed]);
      process.stderr.write(noticed === 'NO TEST' || noticed === 'NOT TRIED' ? '!' : '.');
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const count = MUTATIONS.length - unnoticed.length;
  console.log(
    `\n${table.toString()}\n${count} of ${MUTATIONS.length} breaks were noticed, in ${seconds} s`,
  );
  if (unnoticed.length > 0) {
    console.error(`\n${unnoticed.join('\n')}`);
    process.exitCode = 1;
  }
}

main();
