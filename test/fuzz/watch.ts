import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { inputAt, LONGEST_INPUT, type FuzzResult } from './fuzz';
import type { FuzzProperty } from './property';
import type { Job } from './worker';

/**
 * Checks a property in a separate thread, so that an input that never ends can be reported and
 * stopped.
 * @returns its result; if an input hangs, the failure shows that input and its path
 */
export async function fuzzWatched(
  property: FuzzProperty,
  settings: Omit<Job, 'begun' | 'name'>,
): Promise<FuzzResult> {
  const job = { ...settings, name: property.name };
  const begun = new SharedArrayBuffer(4);
  const counter = new Int32Array(begun);
  // A worker thread does not know TypeScript by itself.
  const code = `require('tsx/cjs'); require(${JSON.stringify(join(__dirname, 'worker.ts'))});`;
  const worker = new Worker(code, { eval: true, workerData: { ...job, begun } satisfies Job });
  const start = performance.now();
  let watch: NodeJS.Timeout | undefined;
  const hang = new Promise<FuzzResult>((resolve) => {
    let seen = -1;
    // The thread itself measures inputs that end. This is for those that do not.
    watch = setInterval(() => {
      const now = Atomics.load(counter, 0);
      // Before the first input, the thread still loads the code.
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
