import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { homepage, repository } from '../../package.json';

const ROOT = join(__dirname, '../..');

/** The codex files of the nodes in a folder. */
const codexFiles = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.node.json'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));

test('the homepage is the repository', () => {
  expect(repository.url).toBe(`git+${homepage}.git`);
});

test('the address is filled in when codex files are built', () => {
  const built = codexFiles('dist/nodes');
  expect(built).toHaveLength(codexFiles('nodes').length);
  expect(built).not.toHaveLength(0);
  for (const file of built) {
    const codex = JSON.parse(file) as { resources: { primaryDocumentation: unknown } };
    expect(codex.resources.primaryDocumentation).toEqual([{ url: `${homepage}#readme` }]);
  }
});

test('no source of a node has the address', () => {
  expect(codexFiles('nodes').filter((file) => file.includes(homepage))).toEqual([]);
});
