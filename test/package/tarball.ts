import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { extract } from 'tar';

export const PROJECT = resolve(__dirname, '../..');

export interface Tarball {
  /** Folder that the packed files were put into. */
  folder: string;
  /** Paths in it, with slashes. */
  files: string[];
  remove(): void;
}

/** Packs the built package as npm would publish it, and unpacks it into a folder of its own. */
export async function packAndUnpack(): Promise<Tarball> {
  const folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-baseten-pack-'));
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: PROJECT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const packed = JSON.parse(output) as
    Array<{ filename: string }> | Record<string, { filename: string }>;
  const [first] = Object.values(packed);
  const file = join(folder, first?.filename ?? '');
  await extract({ file, cwd: folder, strip: 1 });
  rmSync(file);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
  return {
    folder,
    files: files.sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
