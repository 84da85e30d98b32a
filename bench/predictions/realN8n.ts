import { join } from 'node:path';
import type { N8n } from '../../host/n8n/n8n';
import { startN8n } from '../../host/n8n/n8n';
import type { Plan } from '../shared/part';
import { type Called, itemsNode, publishCalled } from '../../host/n8n/webhookRun';
import { credentialFields, nodeOf } from './nodes';
import type { Condition, Done, WayId } from './types';

/** A real n8n, with the loop's node beside ours. */
export async function startRealN8n({ host, signal }: Plan, certFile: string): Promise<N8n> {
  const env = {
    N8N_CUSTOM_EXTENSIONS: join(__dirname, 'awaitingLoop'),
    NODE_EXTRA_CA_CERTS: certFile,
  };
  return await startN8n({ host, env, signal });
}

/** Makes predictions in a real n8n, a workflow for each way and condition. */
export class RealN8n {
  private readonly workflows = new Map<string, Promise<Called>>();
  private readonly credentials = new Map<string, Promise<string>>();

  constructor(private readonly n8n: N8n) {}

  /** Returns the milliseconds the node took, and the CPU time of n8n for the whole execution. */
  async make(way: WayId, condition: Condition, baseUrl: string): Promise<Done> {
    const name = `${way} ${condition.items} ${condition.modelMs} ${condition.eachWayMs}`;
    const workflow = await remembered(this.workflows, name, () =>
      this.publish(name, way, condition, baseUrl),
    );
    const { run, cpuMs } = await workflow.run();
    const inOrder = run.items('Call').filter(({ json }, index) => json.n === index);
    if (inOrder.length !== condition.items) {
      throw new Error(`${name}: ${inOrder.length} items came back where they belong.`);
    }
    return { ms: run.nodeMs('Call'), cpuMs };
  }

  private async publish(
    name: string,
    way: WayId,
    condition: Condition,
    baseUrl: string,
  ): Promise<Called> {
    const connection = way === 'nodeOverN8n' ? 'n8n' : 'auto';
    const data = credentialFields(baseUrl, connection);
    const credentialId = await remembered(this.credentials, `${connection} ${baseUrl}`, () =>
      this.n8n.api.createCredential({ name: `Baseten ${connection}`, type: 'basetenApi', data }),
    );
    const node = nodeOf(way, condition, baseUrl);
    const isOurs = way === 'node' || way === 'nodeOverN8n';
    const credentials = isOurs ? { basetenApi: { id: credentialId, name: 'Baseten' } } : undefined;
    const items = itemsNode(condition.items, `{ n, delay_ms: ${condition.modelMs} }`);
    return await publishCalled(
      this.n8n,
      name,
      [items, { name: 'Call', ...node, credentials }],
      credentialId,
    );
  }
}

async function remembered<T>(
  made: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return await known;
}
