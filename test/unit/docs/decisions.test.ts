import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const PAGE = 'docs/decisions.md';
/** Folders whose files may name a decision. */
const FOLDERS = ['credentials', 'nodes', 'emulator', 'host', 'bench', 'docs', 'test'];

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** The decisions of the page, each with the files under its "Code:". */
const decisions = read(PAGE)
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.split('\n')[0] ?? '',
    files: [...(section.split('\nCode:')[1] ?? '').matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(
      ([, file = '']) => file,
    ),
  }));

/**
 * The titles that a file names in its first comment. Lines that follow each other are one comment.
 */
function namedIn(file: string): string[] {
  const comment = /\/\/.*(?:\n\/\/.*)*|\/\*[\s\S]*?\*\//.exec(read(file))?.[0] ?? '';
  const [, titles = ''] = comment.split(`Decisions: ${PAGE},`);
  return [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title);
}

const codeFiles = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true })
    .map((file) => `${folder}/${String(file)}`)
    .filter((file) => /\.(ts|js)$/.test(file) && !file.includes('node_modules')),
);

test.each(decisions)('"$title" names files that exist', ({ files }) => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toStrictEqual([]);
});

test.each(decisions)('the files of "$title" name it in their first comment', ({ title, files }) => {
  expect(files.filter((file) => !namedIn(file).includes(title))).toStrictEqual([]);
});

test('a file names only decisions that name the file', () => {
  const stray = codeFiles.flatMap((file) =>
    namedIn(file)
      .filter((title) => !decisions.find((one) => one.title === title)?.files.includes(file))
      .map((title) => `${file}: ${title}`),
  );
  expect(decisions.length).toBeGreaterThan(20);
  expect(stray).toStrictEqual([]);
});
