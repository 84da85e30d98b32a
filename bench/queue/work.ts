import { setTimeout as pause } from 'node:timers/promises';
import { chainOf } from '../../host/n8n/workflowJson';

const POLL_MS = 100;
const AT_REST_WITHIN_MS = 180_000;
const UNDER_WAY = new Set(['new', 'running', 'unknown']);

/** A workflow that receives results, with a node behind it that does nothing. Served at `<webhookId>/webhook`. */
export function receivingWorkflow(webhookId: string) {
  return chainOf(`Receive ${webhookId}`, [
    {
      name: 'Receive',
      type: 'n8n-nodes-baseten.basetenTrigger',
      typeVersion: 2,
      parameters: {},
      credentials: { basetenApi: { id: '', name: 'Baseten' } },
      webhookId,
    },
    { name: 'Next', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

/**
 * Waits until a workflow has `atLeast` executions and none of them is under way; returns how many there are.
 * @param statuses the status of each of its executions
 */
export async function atRest(statuses: () => Promise<string[]>, atLeast: number): Promise<number> {
  const deadline = Date.now() + AT_REST_WITHIN_MS;
  for (;;) {
    const all = await statuses();
    if (all.length >= atLeast && !all.some((status) => UNDER_WAY.has(status))) return all.length;
    if (Date.now() > deadline)
      throw new Error(
        `${all.length} executions are not at rest after ${AT_REST_WITHIN_MS / 1_000} s.`,
      );
    await pause(POLL_MS);
  }
}
