import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { lockCache } from './cacheLock';
import { buildHost } from './installSteps';
import { PinnedPackages } from './pinnedPackages';
import type { Host, OnProgress } from './types';

/** The folder with the package.json and the lock file of the n8n that is used by default. */
const HOST = resolve(__dirname, '..');
/** A file in a finished install. */
const DONE = '.installed';
/** What the name of an unfinished install ends with. */
const UNFINISHED = '.installing';

/** Where installs are kept between runs. That is never the checkout, which may be thrown away. */
function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.N8N_NODES_BASETEN_CACHE) return env.N8N_NODES_BASETEN_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-baseten');
}

/**
 * Returns the install that `ensureHost` would use, and whether it is there.
 * @param pinFolder has the package.json and the lock file that name the n8n
 */
export function findHost(pinFolder = HOST): { host: Host; ready: boolean } {
  const pinned = new PinnedPackages(pinFolder);
  const folder = join(cacheFolder(), pinned.key);
  const node = process.platform === 'win32' ? 'node.exe' : 'node';
  const host: Host = {
    folder,
    n8nBin: join(folder, 'node_modules/n8n/bin/n8n'),
    nodeBin: join(folder, 'node_modules/node/bin', node),
    version: pinned.version('n8n'),
    installSeconds: 0,
  };
  return {
    host,
    ready: existsSync(join(folder, DONE)) && existsSync(host.nodeBin) && existsSync(host.n8nBin),
  };
}

/**
 * Returns the n8n that is pinned in the folder `pinFolder`, and installs it if it isn't there yet.
 * The install gets its final name when it is complete, so one that was interrupted is never used.
 * If another process installs at the same time, this one waits and uses its install.
 * @throws {Problem} if there is no registry, no compiler or no room
 */
export async function ensureHost(
  onProgress: OnProgress,
  signal?: AbortSignal,
  pinFolder = HOST,
): Promise<Host> {
  const { host, ready } = findHost(pinFolder);
  if (ready) return host;

  const started = Date.now();
  const cache = dirname(host.folder);
  const { lost, release } = await lockCache(cache, onProgress, signal);
  const building = host.folder + UNFINISHED;
  try {
    if (findHost(pinFolder).ready) return host;
    await removeUnfinished(cache);
    await mkdir(building);
    for (const file of PinnedPackages.files)
      await copyFile(join(pinFolder, file), join(building, file));
    const stop = signal ? AbortSignal.any([signal, lost]) : lost;
    await buildHost(building, new PinnedPackages(pinFolder), onProgress, stop);
    await writeFile(join(building, DONE), new Date().toISOString());
    // What is there is unfinished or damaged: this install replaces it.
    await rm(host.folder, { recursive: true, force: true });
    await rename(building, host.folder);
  } finally {
    if (!lost.aborted) await rm(building, { recursive: true, force: true, maxRetries: 3 });
    await release();
  }
  return { ...host, installSeconds: Math.round((Date.now() - started) / 1000) };
}

/**
 * Removes what processes that were killed have left: 2 GB each. Only for the holder of the cache's
 * lock.
 */
async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.includes(UNFINISHED)) await rm(join(cache, name), { recursive: true, force: true });
  }
}
