import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A script of ours in a process of its own. */
export interface OwnProcess {
  pid: number;
  /** The first line that it printed, which says that it is ready. */
  firstLine: string;
  stop(): Promise<void>;
}

/** Starts a TypeScript file and waits for its first line. Throws where it ends before that. */
export async function startProcess(script: string, args: string[]): Promise<OwnProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit');
  const [firstLine] = (await Promise.race([once(lines, 'line'), ended.then(() => [])])) as [
    string?,
  ];
  if (firstLine === undefined) throw new Error(`${script} ended before it was ready.`);
  return { pid: child.pid as number, firstLine, stop: async () => await end(child, ended) };
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}
