// Decisions: docs/decisions.md, "The published package has no dependencies".

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { packAndUnpack, PROJECT, type Tarball } from './tarball';

/**
 * The modules that a packed file may require: those of every n8n, those of Node, and the AI SDK,
 * which is loaded only when it is used.
 */
const GIVEN = ['n8n-workflow', 'crypto', '@n8n/ai-node-sdk'];

let tarball: Tarball;
beforeAll(async () => {
  tarball = await packAndUnpack();
});
afterAll(() => tarball.remove());

const read = (file: string) => readFileSync(join(tarball.folder, file), 'utf8');

/**
 * Runs n8n's official scanner, an ES module, on a folder.
 * @param patterns an expression in JavaScript for the files to scan
 * @returns the violations, or an empty text if there are none
 */
function scan(folder: string, patterns: string): string {
  const script = `
    import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';
    const result = await analyzePackage(${JSON.stringify(folder)}, ${patterns});
    console.log(result.passed ? '' : [result.message, result.details].join('\\n'));`;
  const output = execFileSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', script],
    {
      cwd: PROJECT,
      encoding: 'utf8',
      // With jest's NODE_ENV, a rule set of the scanner treats every file as a node.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  return output.trim();
}

test("n8n's scanner finds nothing in the source", () => {
  expect(scan(PROJECT, 'SOURCE_FILE_PATTERNS')).toBe('');
});

test("n8n's scanner finds nothing in the packed files", () => {
  expect(scan(tarball.folder, "['**/*.js', 'package.json']")).toBe('');
});

test('packed files require only modules that n8n or Node has', () => {
  const required = tarball.files
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) =>
      [...read(file).matchAll(/\b(?:require|import)\(\s*([^)]*?)\s*\)/g)].map(([, name]) => ({
        file,
        name: name ?? '',
      })),
    );
  const others = required.filter(
    ({ name }) => !/^["']\.{1,2}\//.test(name) && !GIVEN.includes(name.replaceAll(/["']/g, '')),
  );
  expect(others).toStrictEqual([]);
  expect(required.length).toBeGreaterThan(20);
});

test('the package holds its nodes, credentials, icons and codex files, and no files of development', () => {
  const { n8n } = JSON.parse(read('package.json')) as {
    n8n: { nodes: string[]; credentials: string[] };
  };
  expect(tarball.files).toEqual(expect.arrayContaining([...n8n.nodes, ...n8n.credentials]));
  for (const node of n8n.nodes) expect(tarball.files).toContain(`${node.slice(0, -3)}.json`);
  expect(tarball.files.filter((file) => !file.startsWith('dist/'))).toStrictEqual(
    ['LICENSE', 'README.md', 'package.json'].filter((file) => existsSync(join(PROJECT, file))),
  );
  expect(tarball.files.filter((file) => /test|emulator|\.ts$|\.map$/.test(file))).toStrictEqual([]);
});

test('the Baseten node is a root node, since n8n’s panel hides other nodes of the AI category', () => {
  const codex = JSON.parse(read('dist/nodes/Baseten/Baseten.node.json')) as {
    subcategories: { AI: string[] };
  };
  expect(codex.subcategories.AI).toContain('Root Nodes');
});

/** What n8n makes of a file that it loads: the class of its name. */
function loaded(file: string): { icon?: Icons; description?: { icon?: Icons } } {
  const module = jest.requireActual<Record<string, new () => object>>(join(PROJECT, file));
  const Loaded = module[basename(file).split('.')[0] ?? ''];
  if (!Loaded) throw new Error(`${file} has no class of its name`);
  return new Loaded();
}

interface Icons {
  light: string;
  dark: string;
}

test('n8n finds a class in every file that it loads, and each icon in the package', () => {
  const { n8n } = JSON.parse(read('package.json')) as {
    n8n: { nodes: string[]; credentials: string[] };
  };
  for (const file of [...n8n.nodes, ...n8n.credentials]) {
    const { icon, description } = loaded(file);
    const icons = icon ?? description?.icon;
    for (const path of [icons?.light, icons?.dark])
      expect(tarball.files).toContain(join(dirname(file), (path ?? '').replace(/^file:/, '')));
  }
});

test('all that is loaded at n8n’s start is one file, which says where each part comes from', () => {
  const files = tarball.files.filter((file) => file.endsWith('.js'));
  const whole = files.filter((file) => read(file).split('\n').length > 2);
  expect(whole).toStrictEqual(['dist/code.js']);
  for (const part of ['Baseten/Baseten.node.ts', 'shared/http/client.ts'])
    expect(read('dist/code.js')).toContain(`\n// nodes/${part}\n`);
  expect(read('dist/code.js').split('\n').length).toBeGreaterThan(10_000);
});

test('the package is small and has no dependencies', () => {
  const bytes = tarball.files.reduce(
    (sum, file) => sum + statSync(join(tarball.folder, file)).size,
    0,
  );
  expect(bytes).toBeLessThan(1_000_000);
  expect(JSON.parse(read('package.json'))).not.toHaveProperty('dependencies');
});
