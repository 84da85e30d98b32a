import '../../host/n8n/engineEnvironment.js';
import { setTimeout as pause } from 'node:timers/promises';
import type { INodeExecutionData, INodeParameters, INodeType } from 'n8n-workflow';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFields, nodeOf } from '../predictions/nodes';
import { ITEMS } from './loads';
import type { Heap, MemoryCaller } from './section';

/** What goes through the engine, and where the emulator is. */
export interface HeapJob {
  caller: MemoryCaller;
  url: string;
}

/**
 * Sends many small items through a node in n8n-core's engine and looks at the heap. Its process
 * needs `--expose-gc`.
 * @throws {Error} if the node fails or items are missing
 */
export async function measureHeap(job: HeapJob): Promise<Heap> {
  const before = await heapUsed();
  const held = (await heapWithResult(job)) - before;
  return { held, left: (await heapUsed()) - before };
}

/** A function of its own, so that nothing of the result stays on the stack. */
async function heapWithResult(job: HeapJob): Promise<number> {
  const result = await run(job);
  const used = await heapUsed();
  if (result.error || result.items.length !== ITEMS)
    throw result.error ?? new Error('Items are missing.');
  return used;
}

async function run({ caller, url }: HeapJob) {
  const { parameters } = nodeOf('node', { items: ITEMS, modelMs: 0, eachWayMs: 0 }, url);
  return await runBaseten({
    credential: credentialFields(url),
    items: Array.from({ length: ITEMS }, (_, n) => ({ json: { n } })),
    parameters: caller === 'node' ? (parameters as INodeParameters) : {},
    other: caller === 'node' ? undefined : { type: copier, version: 1 },
  });
}

/** Returns what the echo model would, without calling it. */
const copier: INodeType = {
  description: {
    displayName: 'Copy',
    name: 'copy',
    group: ['transform'],
    version: 1,
    description: 'Copies its items',
    defaults: { name: 'Copy' },
    inputs: ['main'],
    outputs: ['main'],
    properties: [],
  },
  async execute() {
    const copy = ({ json }: INodeExecutionData, item: number) => ({
      json: structuredClone(json),
      pairedItem: { item },
    });
    return [this.getInputData().map(copy)];
  },
};

/** Bytes of heap without garbage. Collecting some objects makes others garbage a turn later. */
async function heapUsed(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  for (let turn = 0; turn < 5; turn++) {
    gc?.();
    await pause(20);
  }
  return process.memoryUsage().heapUsed;
}
