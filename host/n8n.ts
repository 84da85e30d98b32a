import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './install';
import { n8nEnvironment } from './n8n-env';
import { N8nApi } from './n8n-api';
import { installPacked } from './pack';
import { freePort, requireFree } from './ports';

const READY = 'Editor is now accessible';
const READY_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 10_000;
const KEPT_LOG_CHARS = 2_000_000;

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
  const port = options.port === undefined ? await freePort() : await requireFree(options.port, '--port');
  const brokerPort = await freePort();
  const userFolder = options.userFolder ?? (await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-')));
  await mkdir(userFolder, { recursive: true });
  const removeFolder = async () => {
    if (!options.userFolder) await rm(userFolder, { recursive: true, force: true, maxRetries: 5 });
  };
  let n8n: N8nProcess | undefined;
  try {
    if (options.project !== false) await installPacked(userFolder, options.project);
    options.signal?.throwIfAborted();
    const started = Date.now();
    const env = { ...n8nEnvironment({ host: options.host, userFolder, port, brokerPort }), ...options.env };
    n8n = new N8nProcess(options.host, userFolder, env);
    await n8n.ready(options.signal);
    const url = `http://127.0.0.1:${port}`;
    const api = new N8nApi(url);
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

class N8nProcess {
  log = '';
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly dieWithUs = () => this.signal('SIGKILL');

  constructor(host: Host, userFolder: string, env: NodeJS.ProcessEnv) {
    // In its own process group: Ctrl-C then reaches us alone, and we end n8n in good order.
    // Started in its own folder: n8n reads a `.env` file from the one it is started in.
    this.child = spawn(host.nodeBin, [host.n8nBin, 'start'], {
      cwd: userFolder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const keep = (chunk: Buffer) => (this.log = (this.log + chunk.toString()).slice(-KEPT_LOG_CHARS));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.child.once('error', (error) => (this.log += `\n${error.message}`));
    process.once('exit', this.dieWithUs);
    void this.ended.then(() => process.off('exit', this.dieWithUs));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** The health route answers earlier, before webhooks are registered; the log line comes after them. */
  async ready(signal?: AbortSignal): Promise<void> {
    let outcome = '';
    await new Promise<void>((resolve) => {
      const settle = (how: string) => {
        outcome ||= how;
        clearTimeout(timer);
        this.child.stdout?.off('data', look);
        resolve();
      };
      const look = () => this.log.includes(READY) && settle('ready');
      const timer = setTimeout(
        () => settle(`was not ready after ${READY_WITHIN_MS / 1000} s`),
        READY_WITHIN_MS,
      );
      this.child.stdout?.on('data', look);
      signal?.addEventListener('abort', () => settle('was given up'), { once: true });
      void this.ended.then(() => settle('ended before it was ready'));
    });
    signal?.throwIfAborted();
    if (outcome === 'ready') return;
    const tail = this.log.trim().split('\n').slice(-40).join('\n');
    throw new Error(`n8n ${outcome}. The end of its log:\n${tail}`);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.signal('SIGTERM', this.pid);
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    this.signal(signal, signal === 'SIGKILL' ? undefined : this.pid);
    await this.ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined;
  }

  /** To n8n alone, or by default to its whole process group: the task runner would outlive a killed n8n. */
  private signal(signal: NodeJS.Signals, pid = process.platform === 'win32' ? this.pid : -this.pid): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in the meantime.
    }
  }
}
