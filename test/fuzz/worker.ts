import { parentPort, workerData } from 'node:worker_threads';

import { fuzz } from './fuzz';
import { PROPERTIES } from './properties';

/** What a thread has to check. */
export interface Job {
  /** Name of the property. */
  name: string;
  seed: number;
  runs: number;
  path?: string;
  /** Counts the inputs that were started, so that the main thread can see whether they end. */
  begun: SharedArrayBuffer;
}

const { name, begun, ...settings } = workerData as Job;
const property = PROPERTIES.find((each) => each.name === name);
if (!property) throw new Error(`There is no property "${name}".`);
const counter = new Int32Array(begun);
void fuzz(property, { ...settings, onInput: () => void Atomics.add(counter, 0, 1) }).then(
  (result) => parentPort?.postMessage(result),
);
