import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const readme = read('README.md');

/** The rows of each table of a text, without its head. */
function tables(text: string): string[][] {
  return text
    .split(/\n(?!\|)/)
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter((lines) => lines.length > 2)
    .map((lines) => lines.slice(2));
}

/** How many words a text has, as `wc -w` counts them. */
const words = (text: string) => text.split(/\s+/).filter(Boolean).length;

test('the README can be read in some minutes', () => {
  expect(words(readme)).toBeLessThanOrEqual(1350);
  expect(Math.max(...tables(readme).map((rows) => rows.length))).toBeLessThanOrEqual(20);
});

test('the page about scaling stays short', () => {
  expect(words(read('docs/scaling.md'))).toBeLessThanOrEqual(1100);
});

test('the README has the sections that people look for, in their order', () => {
  const sections = [...readme.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(sections).toStrictEqual([
    'Installation',
    'Credentials',
    'First answer',
    'Your own model',
    'Operations',
    'Compatibility',
    'Usage',
    'Resources',
    'Version history',
    'Development',
  ]);
});

test('the list of guides leads to every guide of the README', () => {
  const guides = [...readme.matchAll(/\| \[[^\]]+\]\(docs\/([\w-]+\.md)\)/g)].map(
    ([, page]) => page,
  );
  expect(guides.length).toBeGreaterThan(10);
  const list = read('docs/README.md');
  expect(guides.filter((page) => !list.includes(`(${page})`))).toStrictEqual([]);
});

test('every example has a line that says what it shows', () => {
  const page = read('docs/examples.md');
  const examples = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.json'));
  expect(examples.filter((file) => !page.includes(`(../examples/${file})`))).toStrictEqual([]);
});

test('AGENTS.md is a page of forty lines', () => {
  expect(read('AGENTS.md').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});
