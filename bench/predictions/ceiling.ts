import type { Network } from './network';
import { Worker } from './workers';

/** Clients that call at once: more than the machine has cores to answer them. */
const CLIENTS = 2;
const TRIES = 3;
const JOB = { items: 4000, modelMs: 0, eachWayMs: 0 };

/** Predictions a second that the emulator answers over TLS, asked by several `undici` processes at once: the best try. */
export async function measureCeiling(network: Network, hostFolder: string): Promise<number> {
  const workers = Array.from(
    { length: CLIENTS },
    () => new Worker('undici', hostFolder, network.certFile),
  );
  try {
    let best = 0;
    for (let tried = 0; tried < TRIES; tried++) {
      const start = performance.now();
      await Promise.all(workers.map((worker) => worker.run({ ...JOB, ...network.urls(0) })));
      best = Math.max(best, (CLIENTS * JOB.items) / ((performance.now() - start) / 1000));
    }
    return best;
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
