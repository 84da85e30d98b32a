import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { inputAt, LONGEST_INPUT, type FuzzResult } from './fuzz';
import type { FuzzProperty } from './property';
import type { Job } from './worker';

/**
 * Checks a property in a thread of its own, so that an input which never ends can be told and stopped.
 * @returns its result; of one that hangs, the failure shows the input and its path
 */
export async function fuzzWatched(
  property: FuzzProperty,
  settings: Omit<Job, 'begun' | 'name'>,
): Promise<FuzzResult> {
  const job = { ...settings, name: property.name };
  const begun = new SharedArrayBuffer(4);
  const counter = new Int32Array(begun);
  // A thread has to be told how to read TypeScript.
  const code = `require('tsx/cjs'); require(${JSON.stringify(join(__dirname, 'worker.ts'))});`;
  const worker = new Worker(code, { eval: true, workerData: { ...job, begun } satisfies Job });
  const start = performance.now();
  let watch: NodeJS.Timeout | undefined;
  const hang = new Promise<FuzzResult>((resolve) => {
    let seen = -1;
    // The thread measures inputs that end; this is for those that don't.
    watch = setInterval(() => {
      const now = Atomics.load(counter, 0);
      // Before the first input the thread loads what it is to check.
      if (now !== seen || now === 0) return void (seen = now);
      const seconds = (performance.now() - start) / 1000;
      const path = job.path ?? String(now - 1);
      const failure = `Input ${now} did not end within ${LONGEST_INPUT} ms: { seed: ${job.seed}, path: "${path}" }\n${inputAt(property, job.seed, path)}`;
      resolve({ accepted: 0, refused: 0, seconds, slowest: LONGEST_INPUT, failure });
    }, LONGEST_INPUT);
  });
  const end = once(worker, 'message').then(([result]) => result as FuzzResult);
  try {
    return await Promise.race([end, hang]);
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}
