import { join } from 'node:path';
import { type N8n, startN8n } from '../../host/n8n/n8n';
import { type Called, itemsNode, publishCalled } from '../../host/n8n/webhookRun';
import type { Plan } from '../shared/benchmark';
import { isOurNode } from './callers';
import { credentialFields, nodeOf } from './nodes';
import type { CallerId, Condition, Measured } from './types';

/** Starts a real n8n that has the loop's node, too. */
export async function startRealN8n({ host, signal }: Plan, certFile: string): Promise<N8n> {
  const env = {
    N8N_CUSTOM_EXTENSIONS: join(__dirname, 'awaitingLoop'),
    NODE_EXTRA_CA_CERTS: certFile,
  };
  return await startN8n({ host, env, signal });
}

/** Makes predictions in a real n8n, with a workflow for each caller and condition. */
export class RealN8n {
  private readonly workflows = new Map<string, Promise<Called>>();
  private readonly credentials = new Map<string, Promise<string>>();

  constructor(private readonly n8n: N8n) {}

  /**
   * Returns the milliseconds that the node took, and n8n's CPU time for the whole execution.
   * @throws {Error} if an item is missing or not in its place
   */
  async predict(caller: CallerId, condition: Condition, baseUrl: string): Promise<Measured> {
    const name = `${caller} ${condition.items} ${condition.modelMs} ${condition.eachWayMs}`;
    const workflow = await remembered(this.workflows, name, () =>
      this.publish({ name, caller, condition, baseUrl }),
    );
    const { run, cpuMs } = await workflow.run();
    const inOrder = run.items('Call').filter(({ json }, index) => json.n === index);
    if (inOrder.length !== condition.items)
      throw new Error(`${name}: ${inOrder.length} items came back in their places.`);
    return { ms: run.nodeMs('Call'), cpuMs };
  }

  private async publish({
    name,
    caller,
    condition,
    baseUrl,
  }: {
    name: string;
    caller: CallerId;
    condition: Condition;
    baseUrl: string;
  }): Promise<Called> {
    const connection = caller === 'nodeOverN8n' ? 'n8n' : 'auto';
    const data = credentialFields(baseUrl, connection);
    const credentialId = await remembered(this.credentials, `${connection} ${baseUrl}`, () =>
      this.n8n.api.createCredential({
        name: `Baseten ${connection}`,
        type: 'basetenWorkspaceApi',
        data,
      }),
    );
    const credentials = isOurNode(caller)
      ? { basetenWorkspaceApi: { id: credentialId, name: 'Baseten' } }
      : undefined;
    const items = itemsNode(condition.items, `{ n, delay_ms: ${condition.modelMs} }`);
    const call = { name: 'Call', ...nodeOf(caller, condition, baseUrl), credentials };
    return await publishCalled(this.n8n, name, [items, call], credentialId);
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
