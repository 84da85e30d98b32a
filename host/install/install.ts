import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildHost } from './installSteps';
import { HostLock } from './lock';
import { Problem } from '../problem';

/** A real n8n, ready to start. */
export interface Host {
  folder: string;
  /** The script to run with `node`. */
  n8nBin: string;
  /** The Node this n8n wants, newer than the one the project needs. */
  nodeBin: string;
  version: string;
  /** How long it took to install now, in seconds; 0 when it was there. */
  installSeconds: number;
}

/** What is going on; `done` of `total` where that can be counted. */
export interface Progress {
  text: string;
  done?: number;
  total?: number;
}

export type OnProgress = (progress: Progress) => void;

/** Where the pinned package.json and its lock file are. */
const HOST = resolve(__dirname, '..');
const DONE = '.installed';
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** Where installs are kept between runs: never in the checkout, which may be thrown away. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.N8N_NODES_BASETEN_CACHE) return env.N8N_NODES_BASETEN_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-baseten');
}

/**
 * The install that `ensureHost` would use, and whether it is there.
 * `pin` is the folder with the package.json and the lock file that name the n8n.
 */
export function findHost(pin = HOST): { host: Host; ready: boolean } {
  const lock = new HostLock(pin);
  const folder = join(cacheFolder(), lock.key);
  const host: Host = {
    folder,
    n8nBin: join(folder, 'node_modules/n8n/bin/n8n'),
    nodeBin: join(
      folder,
      'node_modules/node/bin',
      process.platform === 'win32' ? 'node.exe' : 'node',
    ),
    version: lock.version('n8n'),
    installSeconds: 0,
  };
  return {
    host,
    ready: existsSync(join(folder, DONE)) && existsSync(host.nodeBin) && existsSync(host.n8nBin),
  };
}

/**
 * Installs the n8n pinned in the folder `pin` once and returns it; at once when it is there.
 * The install appears under its final name only when it is whole, so one that was interrupted is never used,
 * and two processes that install at the same time don't meet: the first to finish wins.
 * Throws a `Problem` where there is no registry, no compiler or no room.
 */
export async function ensureHost(
  onProgress: OnProgress,
  signal?: AbortSignal,
  pin = HOST,
): Promise<Host> {
  const { host, ready } = findHost(pin);
  if (ready) return host;

  const started = Date.now();
  const cache = dirname(host.folder);
  await mkdir(cache, { recursive: true }).catch((error: Error) => {
    throw new Problem(
      `n8n can't be kept in ${cache} (${error.message}): name another folder in N8N_NODES_BASETEN_CACHE.`,
    );
  });
  await removeAbandoned(cache);
  const building = `${host.folder}.installing-${process.pid}-${started.toString(36)}`;
  try {
    await mkdir(building);
    for (const file of HostLock.files) await copyFile(join(pin, file), join(building, file));
    await buildHost(building, new HostLock(pin), onProgress, signal);
    await writeFile(join(building, DONE), new Date().toISOString());
    await putInPlace(building, host.folder);
  } finally {
    await rm(building, { recursive: true, force: true, maxRetries: 3 });
  }
  return { ...host, installSeconds: Math.round((Date.now() - started) / 1000) };
}

async function putInPlace(building: string, folder: string): Promise<void> {
  if (existsSync(join(folder, DONE))) return;
  // A folder without its mark was left by hand or by a broken disk; ours replaces it.
  if (existsSync(folder)) await rm(folder, { recursive: true, force: true });
  try {
    await rename(building, folder);
  } catch (error) {
    // Another process was first between the look and the rename: its install is as good as ours.
    if (!existsSync(join(folder, DONE))) throw error;
  }
}

/** Half installs of processes that were killed: 2 GB each, so they are worth finding. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /\.installing-(\d+)-/.exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    const path = join(cache, name);
    // The process may live in another container that shares the cache: then only age tells.
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
