import type { N8nApi } from '../../host/n8n/api';
import type { RunItem } from '../../host/n8n/run';
import { chainOf, type NodeInARow, type WorkflowJson } from '../../host/n8n/workflowJson';
import type { Receiver } from './section';

/** A published workflow that deliveries are sent to. */
export interface Target {
  receiver: Receiver;
  workflowId: string;
  url: string;
}

type ReceiverNode = Omit<NodeInARow, 'name'>;

/** Returns a Baseten Trigger. Its webhook is `<webhookId>/webhook`. */
export const triggerNode = (webhookId: string): ReceiverNode => ({
  type: 'n8n-nodes-baseten.basetenTrigger',
  typeVersion: 2,
  parameters: {},
  credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
  webhookId,
});

/** The version matters: n8n evaluates one more expression for each request to version 1. */
const WEBHOOK_NODE: ReceiverNode = {
  type: 'n8n-nodes-base.webhook',
  typeVersion: 2.1,
  parameters: {
    httpMethod: 'POST',
    path: 'bench-webhook',
    responseMode: 'onReceived',
    options: {},
  },
  webhookId: 'bench-webhook',
};

const RECEIVERS = {
  basetenTrigger: { node: triggerNode('bench-trigger'), path: 'bench-trigger/webhook' },
  webhook: { node: WEBHOOK_NODE, path: 'bench-webhook' },
};

/** Returns a workflow of a node that receives and a node behind it that does nothing. */
export function receivingWorkflow(name: string, node: ReceiverNode): WorkflowJson {
  return chainOf(name, [
    { name: 'Receive', ...node },
    { name: 'Next', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

/** Publishes one workflow for each receiver. @param secret the webhook secret of the trigger */
export async function publishTargets(
  api: N8nApi,
  n8nUrl: string,
  secret: string,
): Promise<Target[]> {
  const data = { apiKey: 'unused', webhookSecret: secret, endpoints: 'baseten' };
  const basetenWorkspaceApi = await api.createCredential({
    name: 'Baseten',
    type: 'basetenWorkspaceApi',
    data,
  });
  const targets: Target[] = [];
  for (const receiver of ['basetenTrigger', 'webhook'] as const) {
    const { node, path } = RECEIVERS[receiver];
    const workflow = receivingWorkflow(`Bench ${receiver}`, node);
    const workflowId = await api.importWorkflow(workflow, { basetenWorkspaceApi });
    await api.publish(workflowId);
    targets.push({ receiver, workflowId, url: `${n8nUrl}/webhook/${path}` });
  }
  return targets;
}

/** Returns the ID of the request that an item of either node is about. */
export function requestIdOf({ json }: RunItem): string {
  const body = (json.body ?? json) as { request_id?: unknown };
  return String(body.request_id);
}
