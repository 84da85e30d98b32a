import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { x as extract } from 'tar';
import { npm } from './npm';
import { Problem } from '../problem';
import { temporaryFolder } from '../temporaryFolder';

/** The checkout this file is in. */
export const PROJECT = resolve(__dirname, '../..');

/**
 * Packs a project that is built, as `npm publish` would, and unpacks it in n8n's user folder. n8n
 * puts the community packages it installs there, so the nodes have their public names
 * (`<package>.<node>`). Do this before n8n starts: it looks there once.
 * @throws {Problem} if npm can't pack it
 */
export async function installPacked(userFolder: string, project = PROJECT): Promise<void> {
  const nodes = join(userFolder, '.n8n', 'nodes');
  const { name, version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const target = join(nodes, 'node_modules', name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });

  const scratch = await temporaryFolder('pack');
  try {
    const packed = await npm(['pack', '--ignore-scripts', '--pack-destination', scratch.path], {
      cwd: project,
    });
    const tarball = (await readdir(scratch.path)).find((file) => file.endsWith('.tgz'));
    if (packed.code !== 0 || !tarball)
      throw new Problem(`${name} could not be packed: ${packed.output}`);
    await extract({ file: join(scratch.path, tarball), cwd: target, strip: 1 });
  } finally {
    await scratch.remove();
  }
  // n8n's own list of what it installed there.
  const ledger = { name: 'installed-nodes', private: true, dependencies: { [name]: version } };
  await writeFile(join(nodes, 'package.json'), JSON.stringify(ledger, null, 2));
}
