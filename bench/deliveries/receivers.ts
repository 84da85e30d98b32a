import type { N8nApi } from '../../host/n8n/api';
import type { RunItem } from '../../host/n8n/run';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import type { Receiver } from './types';

/** A published workflow that deliveries are sent to. */
export interface Target {
  receiver: Receiver;
  workflowId: string;
  url: string;
}

/** Their versions matter: n8n evaluates an expression of its own for each request to a node of version 1. */
const NODES = {
  basetenTrigger: {
    type: 'n8n-nodes-baseten.basetenTrigger',
    typeVersion: 2,
    parameters: {},
    credentials: { basetenApi: { id: 'baseten-demo', name: 'Baseten' } },
    webhookId: 'bench-trigger',
  },
  webhook: {
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2.1,
    parameters: {
      httpMethod: 'POST',
      path: 'bench-webhook',
      responseMode: 'onReceived',
      options: {},
    },
    webhookId: 'bench-webhook',
  },
};

const PATHS = { basetenTrigger: 'bench-trigger/webhook', webhook: 'bench-webhook' };

/** The node under test with a node behind it that does nothing. */
function workflowOf(receiver: Receiver): WorkflowJson {
  const next = {
    id: 'next',
    name: 'Next',
    type: 'n8n-nodes-base.noOp',
    typeVersion: 1,
    parameters: {},
  };
  return {
    name: `Bench ${receiver}`,
    nodes: [
      { id: 'receive', name: 'Receive', position: [0, 0], ...NODES[receiver] },
      { ...next, position: [220, 0] },
    ],
    connections: { Receive: { main: [[{ node: 'Next', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  };
}

/** Publishes one workflow of each kind. */
export async function publishTargets(
  api: N8nApi,
  n8nUrl: string,
  secret: string,
): Promise<Target[]> {
  const data = { apiKey: 'unused', webhookSecret: secret, endpoints: 'baseten' };
  const basetenApi = await api.createCredential({ name: 'Baseten', type: 'basetenApi', data });
  const targets: Target[] = [];
  for (const receiver of ['basetenTrigger', 'webhook'] as const) {
    const workflowId = await api.importWorkflow(workflowOf(receiver), { basetenApi });
    await api.publish(workflowId);
    targets.push({ receiver, workflowId, url: `${n8nUrl}/webhook/${PATHS[receiver]}` });
  }
  return targets;
}

/** Which request an item of either node is about. */
export function requestIdOf({ json }: RunItem): string {
  const body = (json.body ?? json) as { request_id?: unknown };
  return String(body.request_id);
}
