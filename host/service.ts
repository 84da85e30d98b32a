import { type ChildProcess, spawn } from 'node:child_process';

const STOP_WITHIN_MS = 10_000;
const KEPT_LOG_CHARS = 2_000_000;
const TOLD_LOG_LINES = 40;

/** How a server is started. */
export interface ServiceOptions {
  /** What messages call it. */
  name: string;
  command: string;
  args: string[];
  /** The folder it starts in. */
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Runs it as another user; only root can. */
  uid?: number;
  gid?: number;
}

/**
 * A server that runs as a child process and ends when this process ends. It stands on `spawn`
 * itself: a wrapper that waits for the end and keeps all output doesn't fit a process that stays.
 */
export class Service {
  /** The end of what it has printed. */
  log = '';
  /** Resolves when the process ended, however it did. */
  readonly ended: Promise<void>;
  private readonly name: string;
  private readonly child: ChildProcess;
  private readonly dieWithUs = () => this.signal('SIGKILL');

  constructor({ name, command, args, ...options }: ServiceOptions) {
    this.name = name;
    // In a process group of its own: Ctrl-C then reaches only this process, which ends the server
    // in good order.
    this.child = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const keep = (chunk: Buffer) =>
      (this.log = (this.log + chunk.toString()).slice(-KEPT_LOG_CHARS));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.child.once('error', (error) => (this.log += `\n${error.message}`));
    process.once('exit', this.dieWithUs);
    void this.ended.then(() => process.off('exit', this.dieWithUs));
  }

  /** The ID of the process, or -1 if it could not be started. */
  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Whether the process has ended or could not be started. */
  get hasEnded(): boolean {
    return (
      this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined
    );
  }

  /**
   * Waits until it has printed `text`.
   * @throws {Error} with the end of its log, if it ends before that or takes longer than `withinMs`
   */
  async ready(text: string, withinMs: number, signal?: AbortSignal): Promise<void> {
    const streams = [this.child.stdout, this.child.stderr];
    let outcome = '';
    await new Promise<void>((resolve) => {
      const settle = (how: string) => {
        outcome ||= how;
        clearTimeout(timer);
        for (const stream of streams) stream?.off('data', look);
        resolve();
      };
      const look = () => this.log.includes(text) && settle('ready');
      const timer = setTimeout(() => settle(`was not ready after ${withinMs / 1000} s`), withinMs);
      for (const stream of streams) stream?.on('data', look);
      look();
      signal?.addEventListener('abort', () => settle('was given up'), { once: true });
      void this.ended.then(() => settle('ended before it was ready'));
    });
    signal?.throwIfAborted();
    if (outcome === 'ready') return;
    const tail = this.log.trim().split('\n').slice(-TOLD_LOG_LINES).join('\n');
    throw new Error(`${this.name} ${outcome}. The end of its log:\n${tail}`);
  }

  /** Ends it politely with `first`, after 10 s by force. */
  async stop(first: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    this.signal(first, this.pid);
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /**
   * Sends a signal and waits for the end. `SIGKILL` also goes to its children, which would outlive
   * it.
   */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    this.signal(signal, signal === 'SIGKILL' ? undefined : this.pid);
    await this.ended;
  }

  /** To the process alone, or by default to its whole process group. */
  private signal(
    signal: NodeJS.Signals,
    pid = process.platform === 'win32' ? this.pid : -this.pid,
  ): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in the meantime.
    }
  }
}
