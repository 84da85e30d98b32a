import '../../test/engine/environment.js';
import type { INodeExecutionData, INodeParameters, INodeType } from 'n8n-workflow';
import { runBaseten } from '../../test/engine/engine';
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
  const before = heapUsed();
  let result: Awaited<ReturnType<typeof runBaseten>> | undefined = await run();
  const held = heapUsed() - before;
  if (result.error || result.items.length !== ITEMS) throw result.error ?? new Error('Items are missing.');
  result = undefined;
  return { held, left: heapUsed() - before };
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
    const copy = ({ json }: INodeExecutionData, item: number) => ({ json: structuredClone(json), pairedItem: { item } });
    return [this.getInputData().map(copy)];
  },
};

function heapUsed(): number {
  const { gc } = globalThis as { gc?: () => void };
  // Twice: what was freed by the first can let go of more.
  for (let i = 0; i < 2; i++) gc?.();
  return process.memoryUsage().heapUsed;
}
