import '../../host/n8n/engineEnvironment.js';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { INodeParameters, INodeType, VersionedNodeType } from 'n8n-workflow';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFields, nodeOf } from './nodes';
import type { Job, WayId } from './types';
import { itemsOf } from './ways';

/**
 * Predictions by a node in n8n-core's engine. Gives the milliseconds that the node took.
 * @param hostFolder where the real n8n is, whose HTTP Request node this is
 */
export function byEngine(way: WayId, hostFolder: string): (job: Job) => Promise<number> {
  return async (job) => {
    const { typeVersion, parameters } = nodeOf(way, job, job.url);
    const type = otherNode(way, typeVersion, hostFolder);
    const { items, error, run } = await runBaseten({
      credential: credentialFields(job.url, way === 'nodeOverN8n' ? 'n8n' : 'auto'),
      items: itemsOf(job).map((json) => ({ json })),
      parameters: parameters as INodeParameters,
      other: type && { type, version: typeVersion },
    });
    if (error) throw error;
    const inOrder =
      items.length === job.items && items.every(({ json }, index) => json.n === index);
    if (!inOrder) throw new Error(`${items.length} items came back, not all where they belong.`);
    return run.data.resultData.runData.Baseten?.[0]?.executionTime ?? NaN;
  };
}

function otherNode(way: WayId, version: number, hostFolder: string): INodeType | undefined {
  const load = createRequire(join(hostFolder, 'package.json'));
  if (way === 'loop') {
    const { AwaitingLoop } = load(join(__dirname, 'awaitingLoop/AwaitingLoop.node.js'));
    return new AwaitingLoop() as INodeType;
  }
  if (way === 'node' || way === 'nodeOverN8n') return undefined;
  const { HttpRequest } = load('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js');
  return (new HttpRequest() as VersionedNodeType).getNodeType(version);
}
