import { cpus } from 'node:os';
import { cpuMs } from '../../host/processFigures';

/**
 * Begins to watch how busy the machine is.
 * @param own the IDs of the processes that are measured
 * @returns a function that ends it and gives the part of the machine that other processes took
 * meanwhile, from 0 to 1
 */
export function watchOthers(own: number[]): () => number {
  const before = machineTimes();
  const ownBefore = ownMs(own);
  return () => {
    const after = machineTimes();
    const passed = after.all - before.all;
    const others = after.busy - before.busy - (ownMs(own) - ownBefore);
    return passed > 0 ? Math.max(0, others / passed) : 0;
  };
}

const ownMs = (own: number[]) => [process.pid, ...own].reduce((sum, pid) => sum + cpuMs(pid), 0);

/** Milliseconds that all cores together have had, and those in which they were busy. */
function machineTimes(): { all: number; busy: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    all += Object.values(times).reduce((sum, ms) => sum + ms, 0);
    idle += times.idle;
  }
  return { all, busy: all - idle };
}
