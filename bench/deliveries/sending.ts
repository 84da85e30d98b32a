import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Job, Sent } from './types';

/** The process that sends. */
export class Sender {
  private readonly child: ChildProcess = fork(join(__dirname, 'sender.ts'), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  private readonly ended = once(this.child, 'exit');

  /** Delivers all at once; resolves when each has its answer or was given up. */
  async send(job: Job): Promise<Sent[]> {
    const answer = new AbortController();
    const message = once(this.child, 'message', { signal: answer.signal });
    message.catch(() => undefined);
    this.child.send(job);
    const sent = await Promise.race([message, this.ended.then(() => undefined)]);
    answer.abort();
    if (!sent) throw new Error('The process that sends has ended.');
    return sent[0] as Sent[];
  }

  async close(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
  }
}
