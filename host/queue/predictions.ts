import { type Emulator, json } from '../../emulator';
import { chainOf } from '../n8n/workflowJson';

/**
 * A workflow that a call starts. The call brings numbers, and each of them goes through the model.
 */
export function predictWorkflow(path: string, modelId: string) {
  return chainOf(`Predict ${path}`, [
    {
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2.1,
      parameters: { path, httpMethod: 'POST', responseMode: 'onReceived', options: {} },
      webhookId: path,
    },
    {
      name: 'Numbers',
      type: 'n8n-nodes-base.splitOut',
      typeVersion: 1,
      parameters: { fieldToSplitOut: 'body.numbers', options: { destinationFieldName: 'n' } },
    },
    {
      name: 'Predict',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'model',
        operation: 'predict',
        modelId: { __rl: true, mode: 'id', value: modelId },
        inputMode: 'json',
        input: '={{ { "n": $json.n } }}',
        options: {},
      },
      credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
    },
  ]);
}

/**
 * Adds a model that takes 100 ms and gives back its number. Returns how often each number has come
 * so far.
 */
export function countingModel(emulator: Emulator, id: string): Map<number, number> {
  const seen = new Map<number, number>();
  emulator.addModel({
    kind: 'model',
    id,
    name: id,
    handler: async (call) => {
      const { n } = call.json() as { n: number };
      seen.set(n, (seen.get(n) ?? 0) + 1);
      await call.clock.sleep(100);
      return json({ n });
    },
  });
  return seen;
}

/**
 * Starts executions of `predictWorkflow`, all at once. Each gets `items` numbers, and no number
 * comes twice.
 * @param url what webhook URLs begin with
 * @throws {Error} if n8n refuses a call
 */
export async function callAll(
  url: string,
  path: string,
  executions: number,
  items: number,
): Promise<void> {
  await Promise.all(
    Array.from({ length: executions }, async (_, index) => {
      const numbers = Array.from({ length: items }, (_, n) => index * items + n);
      const response = await fetch(`${url}/webhook/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ numbers }),
      });
      if (!response.ok)
        throw new Error(`The webhook responded ${response.status}: ${await response.text()}`);
      await response.text();
    }),
  );
}
