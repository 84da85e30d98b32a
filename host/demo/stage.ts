import { type Example, type Outcome, readExample, type Scene, type Streamed } from './examples';
import type { Host } from '../install/install';
import { type N8n, type N8nOptions, startN8n } from '../n8n/n8n';
import type { CredentialJson } from '../n8n/api';
import { Problem } from '../problem';
import type { Run } from '../n8n/run';
import { startingTrigger } from '../n8n/workflowJson';
import { type Emulator, startEmulator } from '../../emulator';

/** A real n8n with the packed nodes and one saved credential, and what stands behind that credential. */
export interface Stage {
  n8n: N8n;
  /** The simulated Baseten; undefined when the real one is called. */
  emulator: Emulator | undefined;
  credential: CredentialJson & { id: string };
  /** Imports a workflow with the credential in place, publishes it if it has a trigger; returns its ID. */
  add(workflow: ReturnType<typeof readExample>): Promise<string>;
  close(): Promise<void>;
}

export interface StageOptions {
  host: Host;
  port?: number;
  /** A key of the real service: then nothing is simulated. */
  apiKey?: string;
  /** More settings of n8n. */
  env?: Record<string, string>;
  signal?: AbortSignal;
  Api?: N8nOptions['Api'];
}

/** How one example went. */
export interface Played {
  example: Example;
  name: string;
  /** Undefined where it could not be run. */
  run?: Run;
  outcome?: Outcome;
  /** Why there is no outcome. */
  failure?: string;
  /** It was left out, for the reason in `failure`. */
  skipped?: boolean;
}

/**
 * With its default engine n8n spends 50 to 100 ms of CPU on a fresh isolate for every webhook call, before a node is
 * asked: on a small machine a burst of 300 results then takes longer than Baseten waits.
 */
export const FAST_WEBHOOKS = { N8N_EXPRESSION_ENGINE: 'legacy' };

/** Milliseconds that the simulated model takes for a token, so that streaming can be seen. */
const TOKEN_MS = 20;

/** Starts everything; leaves nothing behind when that fails. */
export async function openStage({ apiKey, ...options }: StageOptions): Promise<Stage> {
  const emulator = apiKey ? undefined : await startEmulator({ port: 0, tokenMs: TOKEN_MS });
  let n8n: N8n | undefined;
  try {
    n8n = await startN8n({ ...options, env: { ...FAST_WEBHOOKS, ...options.env } });
    const { api, stop } = n8n;
    const data = emulator ? customEndpoints(emulator) : { apiKey, endpoints: 'baseten' };
    const credential = {
      name: emulator ? 'Baseten (emulator)' : 'Baseten',
      type: 'basetenApi',
      data,
    };
    const id = await api.createCredential(credential);
    return {
      n8n,
      emulator,
      credential: { ...credential, id },
      async add(workflow) {
        const workflowId = await api.importWorkflow(workflow, { basetenApi: id });
        await api.publish(workflowId);
        return workflowId;
      },
      async close() {
        await stop();
        await emulator?.close();
      },
    };
  } catch (error) {
    await n8n?.stop();
    await emulator?.close();
    throw error;
  }
}

/** Runs one example and holds what it gave against what it should give. Doesn't throw when that fails. */
export async function play(
  stage: Stage,
  example: Example,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Played> {
  const simulated = stage.emulator !== undefined;
  const ids = simulated ? {} : realIds(example, env);
  const workflow = readExample(example, ids);
  const { name } = workflow;
  const missing = Object.values(example.ids).filter((variable) => !simulated && !env[variable]);
  if (missing.length > 0)
    return { example, name, skipped: true, failure: `not run: set ${missing.join(', ')}` };
  if (!simulated && example.needsDelivery)
    return {
      example,
      name,
      skipped: true,
      failure: 'not run: Baseten can’t deliver to this machine',
    };

  let run: Run | undefined;
  try {
    const trigger = startingTrigger(workflow);
    if (!trigger) throw new Problem(`${example.file} has no trigger to start from`);
    const id = await stage.add(workflow);
    const { api, url } = stage.n8n;
    const answer =
      example.call && (await callWebhook(`${url}${example.call.path}`, example.call.body));
    run = answer ? await api.newest(id) : await api.runAndWait(id, trigger.name);
    if (run.error) return { example, name, run, failure: run.error };
    const scene: Scene = {
      simulated,
      answer,
      run: (triggerName) => api.runAndWait(id, triggerName),
      runsOf: (nodeName, items) => api.runsOf(id, nodeName, items),
    };
    return { example, name, run, outcome: await example.check(run, scene) };
  } catch (error) {
    return { example, name, run, failure: (error as Error).message };
  }
}

/** Calls a webhook and reads its answer piece by piece. */
async function callWebhook(url: string, body: object): Promise<Streamed> {
  const start = Date.now();
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok)
    throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
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

/** The real IDs that take the place of an example's simulated ones. */
function realIds({ ids }: Example, env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).map(([id, variable]) => [id, env[variable] ?? id]));
}

/** The fields of a credential for the emulator. */
export function customEndpoints(emulator: Emulator): Record<string, string> {
  const { apiKey, deploymentUrl, modelApiUrl, managementUrl, webhookSecrets } = emulator;
  const webhookSecret = webhookSecrets.join(',');
  return { apiKey, webhookSecret, endpoints: 'custom', deploymentUrl, modelApiUrl, managementUrl };
}
