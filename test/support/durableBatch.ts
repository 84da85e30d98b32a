import { readExample } from '../../host/demo/examples';
import { chainOf, type WorkflowJson } from '../../host/n8n/workflowJson';

/** What a row of a batch gave, as its caller gets it. */
export interface RowResult {
  key: string | number | null;
  status: 'succeeded' | 'failed';
  output: { label: string } | null;
  error: string | null;
  attempts: number;
  request_id: string | null;
}

/** How fast the example's schedules run in a test; all in seconds. */
export interface Hurry {
  submitEvery: number;
  /** How many rows a run submits. */
  rows?: number;
  lookEvery: number;
  /** After this time a row is overdue. */
  overdue: number;
  /** How long a call sleeps between two looks. Under 65 n8n keeps it in memory meanwhile. */
  sleep?: number;
}

/**
 * The example `durable-batch.json` with schedules that run every few seconds.
 * @param example by default with a simulated model in the place of its empty list
 * @throws {Error} if the example has changed, so that nothing can be replaced
 */
export function hurriedBatch(
  { submitEvery, rows = 1000, lookEvery, overdue, sleep = 70 }: Hurry,
  example: WorkflowJson = readExample({ file: 'durable-batch.json' }),
): WorkflowJson {
  const everyMinute = '{"field":"minutes","minutesInterval":1}';
  const every = (seconds: number) => `{"field":"seconds","secondsInterval":${seconds}}`;
  const replacements: Array<[string, string]> = [
    [everyMinute, every(submitEvery)],
    [everyMinute, every(lookEvery)],
    ['"limit":1000', `"limit":${rows}`],
    ...Array<[string, string]>(2).fill(['"amount":70', `"amount":${sleep}`]),
    ...Array<[string, string]>(3).fill([
      '$now.minus({ minutes: 5 })',
      `$now.minus({ seconds: ${overdue} })`,
    ]),
  ];
  let text = JSON.stringify(example);
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`The example has no ${from} any more.`);
    text = text.replace(from, () => to);
  }
  return JSON.parse(text) as WorkflowJson;
}

/**
 * A workflow that a call starts, and that calls the batch as one step. The body of the call says
 * the name of the batch and how many rows: `{"batch": "b", "rows": 60}`.
 * @param batchWorkflow the ID of the imported example
 * @param path of its webhook
 */
export function batchCaller(batchWorkflow: string, modelId: string, path: string): WorkflowJson {
  return chainOf(`Caller ${path}`, [
    {
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2.1,
      parameters: { path, httpMethod: 'POST', responseMode: 'onReceived', options: {} },
      webhookId: path,
    },
    {
      name: 'Rows',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      parameters: {
        jsCode:
          'const { batch, rows } = $input.first().json.body;\n' +
          'return Array.from({ length: rows }, (_, n) => ({ json: { key: "row " + n, batch, ' +
          `modelId: "${modelId}", input: { text: batch + " " + n } } }));`,
      },
    },
    {
      name: 'Run the Batch',
      type: 'n8n-nodes-base.executeWorkflow',
      typeVersion: 1.2,
      parameters: {
        source: 'database',
        workflowId: { __rl: true, mode: 'id', value: batchWorkflow },
        mode: 'once',
        options: { waitForSubWorkflow: true },
      },
    },
    { name: 'Results', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

/** The text that a row of a called batch sends to the model. */
export const textOf = (batch: string, row: number) => `${batch} ${row}`;

/**
 * Calls a batch.
 * @param url what webhook URLs begin with
 * @throws {Error} if n8n refuses the call
 */
export async function callBatch(
  url: string,
  path: string,
  body: { batch: string; rows: number },
): Promise<void> {
  const response = await fetch(`${url}/webhook/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The webhook responded ${response.status}: ${text}`);
}
