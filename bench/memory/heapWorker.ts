import '../../host/n8n/engineEnvironment.js';
import { setTimeout as pause } from 'node:timers/promises';
import type { INodeExecutionData, INodeParameters, INodeType } from 'n8n-workflow';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFields, nodeOf } from '../predictions/nodes';
import { ITEMS } from './loads';
import type { Caller } from './types';

/**
 * Sends many small items through a node in n8n-core's engine and looks at the heap. Needs `--expose-gc`. Answers each
 * message with what was held afterwards, and left when the result was let go, in bytes beyond those before.
 */
const [caller, url] = process.argv.slice(2) as [Caller, string];

process.on('message', () => {
  void measure().then((heap) => process.send?.(heap));
});

// Goes with the process that started it.
process.on('disconnect', () => process.exit());

async function measure(): Promise<{ held: number; left: number }> {
  const before = await heapUsed();
  const held = (await heapWithResult()) - before;
  return { held, left: (await heapUsed()) - before };
}

/** A function of its own, so that nothing of the result stays on the stack. */
async function heapWithResult(): Promise<number> {
  const result = await run();
  const used = await heapUsed();
  if (result.error || result.items.length !== ITEMS)
    throw result.error ?? new Error('Items are missing.');
  return used;
}

async function run() {
  const { parameters } = nodeOf('node', { items: ITEMS, modelMs: 0, eachWayMs: 0 }, url);
  return await runBaseten({
    credential: credentialFields(url, 'auto'),
    items: Array.from({ length: ITEMS }, (_, n) => ({ json: { n } })),
    parameters: caller === 'node' ? (parameters as INodeParameters) : {},
    other: caller === 'node' ? undefined : { type: copier, version: 1 },
  });
}

/** Gives what the echo model would, without asking it. */
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

/** Bytes of heap without garbage. What objects leave behind when they are collected goes in the turns between. */
async function heapUsed(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  for (let turn = 0; turn < 5; turn++) {
    gc?.();
    await pause(20);
  }
  return process.memoryUsage().heapUsed;
}
