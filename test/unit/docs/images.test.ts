import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

test('the documentation shows every picture there is, and none that there is not', () => {
  const text = pages.map((page) => readFileSync(join(ROOT, page), 'utf8')).join('\n');
  const shown = [...text.matchAll(/images\/[\w-]+\.png/g)].map(([path]) => basename(path));
  expect([...new Set(shown)].sort()).toStrictEqual(readdirSync(join(ROOT, 'docs/images')).sort());
});
