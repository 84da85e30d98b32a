import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Done, Job, WayId } from './types';

/** A process that makes predictions by one way. */
export class Worker {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  /**
   * @param hostFolder where the real n8n is
   * @param certFile the certificate to trust
   */
  constructor(way: WayId, hostFolder: string, certFile: string) {
    this.child = fork(join(__dirname, 'worker.ts'), [way, hostFolder], {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certFile },
    });
    this.ended = once(this.child, 'exit');
  }

  async run(job: Job): Promise<Done> {
    const answer = once(this.child, 'message');
    answer.catch(() => undefined);
    this.child.send(job);
    const done = await Promise.race([answer, this.ended.then(() => undefined)]);
    if (!done) throw new Error('A process that makes predictions has ended.');
    return done[0] as Done;
  }

  async close(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
  }
}
