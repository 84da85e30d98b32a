import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { extract } from 'tar';

/** The project's folder. */
export const PROJECT = resolve(__dirname, '../..');

/** The package as it would be published, unpacked. */
export interface Tarball {
  /** The folder with the unpacked files. */
  folder: string;
  /** Paths of the files in it, sorted, with slashes. */
  files: string[];
  /** Deletes the folder. */
  remove(): void;
}

/**
 * Packs the built package as npm would publish it, and unpacks it into a temporary folder.
 * @throws {Error} if npm fails
 */
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
