import { mkdir } from 'node:fs/promises';
import type { TlsIdentity } from '../../emulator';
import type { Host } from '../install/types';
import { n8nEnvironment } from './env';
import { N8nApi } from './api';
import { installPacked } from '../install/pack';
import { freePort, requireFree } from '../ports';
import { Service } from '../service';
import { fetchTrusting, servingTls } from './tls';
import { temporaryFolder } from '../temporaryFolder';

/**
 * What n8n prints when its webhooks are registered. Its health route already responds before that.
 */
const READY = 'Editor is now accessible';
/** How long one of n8n's processes may take to start. */
export const READY_WITHIN_MS = 180_000;

/** How an n8n is started. */
export interface N8nOptions {
  host: Host;
  /**
   * Where n8n keeps its data. By default it is a temporary folder, which `stop` removes. After
   * `kill`, another start with this folder and `project: false` goes on with the same data and
   * nodes.
   */
  userFolder?: string;
  /** A free one by default. */
  port?: number;
  /** More environment variables. They override our defaults. */
  env?: Record<string, string>;
  /** With these n8n itself serves https. */
  tls?: TlsIdentity;
  /** The project to pack and install; `false` leaves what the user folder has. */
  project?: string | false;
  /** How this n8n's REST API is spoken to, if it isn't the pinned one. */
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
  /** What n8n has printed so far. */
  logs(): string;
  /** Resolves when the process ended, however it did. */
  ended: Promise<void>;
  /** Ends it politely, after 10 s by force. Then removes its folder if that is a temporary one. */
  stop(): Promise<void>;
  /**
   * Sends a signal, waits for the end, and keeps the user folder. `SIGKILL` also ends n8n's task
   * runner.
   */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Installs the packed nodes into the user folder, starts n8n on it and signs in.
 * @throws {Problem} if the port is in use
 * @throws {Error} with the end of n8n's log, if it doesn't start
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
  const port =
    options.port === undefined ? await freePort() : await requireFree(options.port, '--port');
  const brokerPort = await freePort();
  const temporary = options.userFolder ? undefined : await temporaryFolder('n8n');
  const userFolder = options.userFolder ?? temporary?.path ?? '';
  await mkdir(userFolder, { recursive: true });
  let n8n: Service | undefined;
  try {
    if (options.project !== false) await installPacked(userFolder, options.project);
    options.signal?.throwIfAborted();
    const started = Date.now();
    const env = {
      ...n8nEnvironment({ host: options.host, userFolder, port, brokerPort }),
      ...(options.tls && (await servingTls(options.tls, userFolder, port))),
      ...options.env,
    };
    n8n = n8nService(options.host, ['start'], userFolder, env);
    await n8n.ready(READY, READY_WITHIN_MS, options.signal);
    const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
    const api = new (options.Api ?? N8nApi)(url, options.tls && fetchTrusting(options.tls));
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
        await temporary?.remove();
      },
    };
  } catch (error) {
    await n8n?.stop();
    await temporary?.remove();
    throw error;
  }
}

/**
 * Starts one of n8n's processes.
 * @param args the command of n8n, for example `start` or `worker`, and its options
 * @param userFolder the process also starts in it, since n8n reads a `.env` file from there
 */
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
