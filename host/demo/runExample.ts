import type { Run } from '../n8n/run';
import type { TestBed } from '../n8n/testBed';
import { startingTrigger, type WorkflowJson } from '../n8n/workflowJson';
import { Problem } from '../problem';
import {
  type CheckContext,
  type Example,
  type Outcome,
  readExample,
  type StreamedResponse,
} from './examples';

/** An example may sleep for some minutes. */
const RUN_WITHIN_MS = 5 * 60_000;

/** How one example went. */
export interface ExampleResult {
  example: Example;
  /** The name of its workflow. */
  name: string;
  /** Undefined if it could not be run. */
  run?: Run;
  /** What it gave, if that is what it should give. */
  outcome?: Outcome;
  /** Why there is no outcome. */
  failure?: string;
  /** It was left out, for the reason in `failure`. */
  skipped?: boolean;
}

/**
 * Runs one example and compares what it gave with what it should give. Doesn't throw if that fails.
 * @param env has the IDs of real models, if the real Baseten is called
 */
export async function runExample(
  testBed: TestBed,
  example: Example,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ExampleResult> {
  const simulated = testBed.emulator !== undefined;
  const ids = simulated ? {} : realIds(example, env);
  const workflow = withAddresses(readExample(example, ids), testBed);
  const { name } = workflow;
  const missing = Object.values(example.ids).filter((variable) => !simulated && !env[variable]);
  if (missing.length > 0)
    return { example, name, skipped: true, failure: `not run: set ${missing.join(', ')}` };
  if (!simulated && example.needsDelivery) {
    const failure = 'not run: Baseten can’t deliver to this machine';
    return { example, name, skipped: true, failure };
  }

  let run: Run | undefined;
  try {
    const trigger = startingTrigger(workflow);
    if (!trigger) throw new Problem(`${example.file} has no trigger to start from`);
    const id = await testBed.add(workflow);
    const { api } = testBed.n8n;
    const { path, bodies } = example.calls ?? { path: '', bodies: [] };
    let response: StreamedResponse | undefined;
    for (const body of bodies) response = await callWebhook(`${testBed.url}${path}`, body);
    run = response ? await api.newest(id) : await api.runAndWait(id, trigger.name, RUN_WITHIN_MS);
    if (run.error) return { example, name, run, failure: run.error };
    const context = contextOf(testBed, id, response);
    return { example, name, run, outcome: await example.check(run, context) };
  } catch (error) {
    return { example, name, run, failure: (error as Error).message };
  }
}

/** What the check of an example may need of its imported workflow. */
export function contextOf(
  { emulator, n8n: { api }, url }: TestBed,
  workflowId: string,
  response?: StreamedResponse,
): CheckContext {
  return {
    simulated: emulator !== undefined,
    response,
    run: (triggerName) => api.runAndWait(workflowId, triggerName),
    async call(path, body) {
      await callWebhook(`${url}${path}`, body);
      return await api.newest(workflowId);
    },
    runsOf: (nodeName, items) => api.runsOf(workflowId, nodeName, items),
  };
}

/** Calls a webhook and reads its response piece by piece. */
async function callWebhook(url: string, body: object): Promise<StreamedResponse> {
  const start = Date.now();
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok)
    throw new Error(`the webhook responded ${response.status}: ${await response.text()}`);
  let firstMs: number | undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    // A first chunk without content only says that n8n is at work.
    if (Buffer.from(piece).includes('"item"')) firstMs ??= Date.now() - start;
    pieces.push(piece);
  }
  return {
    text: Buffer.concat(pieces).toString('utf8'),
    firstMs: firstMs ?? Infinity,
    totalMs: Date.now() - start,
  };
}

/** The workflow with the addresses of the simulated Baseten, if there is one. */
function withAddresses(workflow: WorkflowJson, { emulator }: TestBed): WorkflowJson {
  if (!emulator) return workflow;
  const text = JSON.stringify(workflow);
  return JSON.parse(
    text.replaceAll('https://api.baseten.co', emulator.managementUrl),
  ) as WorkflowJson;
}

/** The real IDs that take the place of an example's simulated ones. */
function realIds({ ids }: Example, env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).map(([id, variable]) => [id, env[variable] ?? id]));
}
