import { MODEL_IDS } from '../../../emulator';
import { chainOf, type WorkflowJson } from '../../../host/n8n/workflowJson';

const CREDENTIALS = { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten' } };

/** A workflow of a Baseten Trigger and a node behind it. n8n serves it under `webhookId`. */
export function triggerWorkflow(
  webhookId: string,
  parameters: Record<string, unknown> = {},
): WorkflowJson {
  return chainOf(`Trigger ${webhookId}`, [
    {
      name: 'Trigger',
      type: 'n8n-nodes-baseten.basetenTrigger',
      typeVersion: 2,
      parameters,
      credentials: CREDENTIALS,
      webhookId,
    },
    { name: 'Next', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

/** A workflow that submits an async request to the echo model. */
export function submitWorkflow(parameters: Record<string, unknown>): WorkflowJson {
  return chainOf('Submit', [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    {
      name: 'Submit',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'model',
        operation: 'submitAsync',
        modelId: { __rl: true, mode: 'id', value: MODEL_IDS.echo },
        inputMode: 'json',
        input: '{}',
        delivery: 'webhook',
        ...parameters,
      },
      credentials: CREDENTIALS,
    },
  ]);
}
