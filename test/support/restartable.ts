import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHost } from '../../host/install/install';
import { type N8n, startN8n } from '../../host/n8n/n8n';
import { progressLines } from '../../host/install/progress';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { type Emulator, startEmulator } from '../../emulator';

/** A real n8n that a test can stop, kill and start again on the same data and address. */
export interface Restartable {
  emulator: Emulator;
  readonly n8n: N8n;
  /** Imports a workflow with the credential in place and publishes it; returns its ID. */
  add(workflow: WorkflowJson): Promise<string>;
  /** Ends n8n with this signal and leaves it down. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts n8n again. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an emulator and n8n with a credential for it. @param env more settings of n8n */
export async function startRestartable(env: Record<string, string> = {}): Promise<Restartable> {
  const progress = progressLines();
  const host = await ensureHost(progress.show).finally(progress.stop);
  const userFolder = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-restart-'));
  const emulator = await startEmulator();
  let n8n = await startN8n({ host, userFolder, env });
  const { apiKey, deploymentUrl, modelApiUrl, managementUrl, webhookSecrets } = emulator;
  const data = {
    apiKey,
    endpoints: 'custom',
    deploymentUrl,
    modelApiUrl,
    managementUrl,
    webhookSecret: webhookSecrets.join(','),
  };
  const credential = await n8n.api.createCredential({ name: 'Baseten', type: 'basetenApi', data });
  return {
    emulator,
    get n8n() {
      return n8n;
    },
    async add(workflow) {
      const id = await n8n.api.importWorkflow(workflow, { basetenApi: credential });
      await n8n.api.publish(id);
      return id;
    },
    kill: async (signal) => await n8n.kill(signal),
    async start() {
      n8n = await startN8n({ host, userFolder, port: n8n.port, project: false, env });
    },
    async close() {
      await n8n.stop();
      await emulator.close();
      await rm(userFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Asks until the answer is there. @param what what is awaited, for the failure */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
