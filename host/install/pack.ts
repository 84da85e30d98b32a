import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { x as extract } from 'tar';
import { npm } from './npm';
import { Problem } from '../problem';

/** The checkout this file is in. */
export const PROJECT = resolve(__dirname, '../..');

/**
 * Packs a project (built before) as `npm publish` would and unpacks it in n8n's user folder, where n8n puts
 * the community packages it installs: its nodes then have their public names (`<package>.<node>`).
 * Must be done before n8n starts: it looks there once.
 */
export async function installPacked(userFolder: string, project = PROJECT): Promise<void> {
  const nodes = join(userFolder, '.n8n', 'nodes');
  const { name, version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const target = join(nodes, 'node_modules', name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });

  const scratch = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-pack-'));
  try {
    const packed = await npm(['pack', '--ignore-scripts', '--pack-destination', scratch], {
      cwd: project,
    });
    const tarball = (await readdir(scratch)).find((file) => file.endsWith('.tgz'));
    if (packed.code !== 0 || !tarball)
      throw new Problem(`${name} could not be packed: ${packed.output.trim()}`);
    await extract({ file: join(scratch, tarball), cwd: target, strip: 1 });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  // n8n's own list of what it installed there.
  const ledger = { name: 'installed-nodes', private: true, dependencies: { [name]: version } };
  await writeFile(join(nodes, 'package.json'), JSON.stringify(ledger, null, 2));
}
