import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../install/install';
import { n8nEnvironment } from './env';
import { N8nApi } from './api';
import { installPacked } from '../install/pack';
import { freePort, requireFree } from '../ports';
import { Service } from '../service';

/** The health route answers earlier, before webhooks are registered; this line comes after them. */
export const READY = 'Editor is now accessible';
export const READY_WITHIN_MS = 180_000;

export interface N8nOptions {
  host: Host;
  /**
   * Kept at the end when given; else a temporary one that is removed.
   * After `kill`, another start with this folder and `project: false` goes on with the same data and nodes.
   */
  userFolder?: string;
  /** A free one by default. */
  port?: number;
  /** More settings of n8n, over ours. */
  env?: Record<string, string>;
  /** The project to pack and install; `false` leaves what the user folder has. */
  project?: string | false;
  /** How this n8n's REST API is spoken to, where it is not the pinned one. */
  Api?: typeof N8nApi;
  /** Gives up the start and leaves nothing behind. */
  signal?: AbortSignal;
}

/** A real n8n of our own, running as a child process on loopback. */
export interface N8n {
  url: string;
  port: number;
  pid: number;
  userFolder: string;
  /** n8n's REST API, signed in as the owner. */
  api: N8nApi;
  /** How long it took until the editor could be opened, in milliseconds. */
  bootMs: number;
  /** What n8n printed so far. */
  logs(): string;
  /** Resolves when the process ended, however it did. */
  ended: Promise<void>;
  /** Ends it politely, after 10 s by force; then removes its folder if it is a temporary one. */
  stop(): Promise<void>;
  /** Sends a signal and waits for the end; keeps the user folder. `SIGKILL` takes n8n's task runner along. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Installs the packed nodes into the user folder, starts n8n on it and signs in.
 * Throws a `Problem` for a busy port, and an error with the end of n8n's log when it doesn't come up.
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
  const port =
    options.port === undefined ? await freePort() : await requireFree(options.port, '--port');
  const brokerPort = await freePort();
  const userFolder = options.userFolder ?? (await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-')));
  await mkdir(userFolder, { recursive: true });
  const removeFolder = async () => {
    if (!options.userFolder) await rm(userFolder, { recursive: true, force: true, maxRetries: 5 });
  };
  let n8n: Service | undefined;
  try {
    if (options.project !== false) await installPacked(userFolder, options.project);
    options.signal?.throwIfAborted();
    const started = Date.now();
    const env = {
      ...n8nEnvironment({ host: options.host, userFolder, port, brokerPort }),
      ...options.env,
    };
    n8n = n8nService(options.host, ['start'], userFolder, env);
    await n8n.ready(READY, READY_WITHIN_MS, options.signal);
    const url = `http://127.0.0.1:${port}`;
    const api = new (options.Api ?? N8nApi)(url);
    await api.signIn();
    const running = n8n;
    return {
      url,
      port,
      pid: running.pid,
      userFolder,
      api,
      bootMs: Date.now() - started,
      logs: () => running.log,
      ended: running.ended,
      kill: (signal) => running.kill(signal),
      stop: async () => {
        await running.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await n8n?.stop();
    await removeFolder();
    throw error;
  }
}

/** Starts one of n8n's processes, in its own folder: n8n reads a `.env` file from the one it is started in. */
export function n8nService(
  host: Host,
  args: string[],
  userFolder: string,
  env: NodeJS.ProcessEnv,
): Service {
  const name = args[0] === 'start' ? 'n8n' : `n8n ${args[0]}`;
  return new Service({
    name,
    command: host.nodeBin,
    args: [host.n8nBin, ...args],
    cwd: userFolder,
    env,
  });
}
