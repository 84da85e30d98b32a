import '../../host/n8n/engineEnvironment.js';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INodeParameters, INodeType, VersionedNodeType } from 'n8n-workflow';
import { runBaseten } from '../../host/n8n/engine';
import { isOurNode, itemsOf } from './callers';
import { credentialFields, nodeOf } from './nodes';
import type { Job } from './types';

/**
 * Makes predictions by a node in n8n-core's engine. Returns the milliseconds that the node took.
 * @throws {Error} if the node fails, or if an item is missing or not in its place
 */
export async function predictInEngine(job: Job): Promise<number> {
  const { typeVersion, parameters } = nodeOf(job.caller, job, job.url);
  const type = otherNode(job, typeVersion);
  const { items, error, run } = await runBaseten({
    credential: credentialFields(job.url, job.caller === 'nodeOverN8n' ? 'n8n' : 'auto'),
    items: itemsOf(job).map((json) => ({ json })),
    parameters: parameters as INodeParameters,
    other: type && { type, version: typeVersion },
  });
  if (error) throw error;
  const inOrder = items.length === job.items && items.every(({ json }, index) => json.n === index);
  if (!inOrder) throw new Error(`${items.length} items came back, not all in their places.`);
  return run.data.resultData.runData.Baseten?.[0]?.executionTime ?? NaN;
}

/** Returns the node in the place of ours, or undefined if ours is measured. */
function otherNode({ caller, hostFolder }: Job, version: number): INodeType | undefined {
  const load = createRequire(join(hostFolder, 'package.json'));
  if (caller === 'loop') {
    const { AwaitingLoop } = load(join(__dirname, 'awaitingLoop/AwaitingLoop.node.js'));
    return new AwaitingLoop() as INodeType;
  }
  if (isOurNode(caller)) return undefined;
  const { HttpRequest } = load('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js');
  return (new HttpRequest() as VersionedNodeType).getNodeType(version);
}
