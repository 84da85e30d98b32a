import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HeapRound } from './types';

/** Looks at the heap of n8n-core's engine after many items, with our node and with one that makes no calls. */
export async function measureHeap(
  certFile: string,
  url: string,
  rounds: number,
): Promise<HeapRound[]> {
  const measured: HeapRound[] = [];
  for (const caller of ['node', 'nothing'] as const) {
    const child = fork(join(__dirname, 'heapWorker.ts'), [caller, url], {
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certFile },
    });
    const ended = once(child, 'exit');
    // One more comes first to warm up.
    for (let round = 0; round <= rounds; round++) {
      const answer = once(child, 'message');
      child.send('measure');
      const heap = await Promise.race([answer, ended.then(() => undefined)]);
      if (!heap) throw new Error('The process that looks at its heap has ended.');
      if (round > 0) measured.push({ caller, ...(heap[0] as Omit<HeapRound, 'caller'>) });
    }
    child.disconnect();
    await ended;
  }
  return measured;
}
