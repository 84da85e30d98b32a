import type { CredentialJson } from '../../host/n8n/api';
import type { TestBed } from '../../host/n8n/testBed';
import { chainOf, type WorkflowJson } from '../../host/n8n/workflowJson';

/** The credential of a test bed with some fields changed, under another name. */
export function changedCredential(
  { credential }: TestBed,
  data: Record<string, unknown>,
): CredentialJson & { id: string } {
  return { ...credential, name: 'Another', data: { ...credential.data, ...data } };
}

/**
 * A workflow in which `items` items go through the echo model. Each takes `latencyMs`, every third
 * half of it.
 */
export function slowEcho(options: {
  items: number;
  latencyMs: number;
  maxConcurrency: number;
}): WorkflowJson {
  const { items, latencyMs, maxConcurrency } = options;
  return chainOf(`${items} Items`, [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    {
      name: 'Items',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      parameters: {
        jsCode: `return Array.from({ length: ${items} }, (_, n) => ({ json: { n } }));`,
      },
    },
    {
      name: 'Echo',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'model',
        operation: 'predict',
        modelId: { __rl: true, mode: 'id', value: 'echo0001' },
        inputMode: 'json',
        // Every third is faster and overtakes the others: otherwise a wrong order could go
        // unnoticed.
        input: `={{ { "n": $json.n, "delay_ms": $json.n % 3 ? ${latencyMs} : ${latencyMs} / 2 } }}`,
        options: { maxConcurrency },
      },
      credentials: { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten' } },
    },
    {
      name: 'Look Back',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      parameters: {
        assignments: {
          assignments: [
            { id: 'n', name: 'n', type: 'number', value: '={{ $json.n }}' },
            { id: 'was', name: 'was', type: 'number', value: "={{ $('Items').item.json.n }}" },
          ],
        },
        options: {},
      },
    },
  ]);
}
