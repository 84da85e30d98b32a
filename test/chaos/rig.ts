import { type Emulator, startEmulator } from '../../emulator';
import type { CredentialJson, N8nApi } from '../../host/n8n/api';
import { emulatorCredential, startTestBed } from '../../host/n8n/testBed';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { startQueue } from '../../host/queue/queue';
import { installedHost } from '../support/installedHost';
import type { Random } from './random';

/**
 * How n8n runs: one process behind the proxy of the docs, the same in queue mode, or one process
 * that Baseten calls directly.
 */
export const SETUPS = ['single', 'queue', 'direct'] as const;
export type Setup = (typeof SETUPS)[number];

/** A running n8n that things go wrong with, and a simulated Baseten. */
export interface Rig {
  /** What the URLs begin with that Baseten calls. */
  url: string;
  emulator: Emulator;
  /** The REST API of the n8n that runs now. */
  readonly api: N8nApi;
  credential: CredentialJson & { id: string };
  /** Imports a workflow with the credential in place, publishes it, and returns its ID. */
  add(workflow: WorkflowJson): Promise<string>;
  /**
   * Ends a process of n8n, and starts it again.
   * @param onEnded is called when it has ended
   */
  restart(signal: NodeJS.Signals, random: Random, onEnded: () => void): Promise<void>;
  /** Ends everything and removes all that it left. */
  close(): Promise<void>;
}

/** How a rig is started. */
interface RigOptions {
  /** More settings of n8n. */
  env: Record<string, string>;
  signal: AbortSignal;
}

/** Starts everything. Leaves nothing behind if that fails. */
export async function startRig(setup: Setup, options: RigOptions): Promise<Rig> {
  return setup === 'queue' ? await queueRig(options) : await singleRig(setup, options);
}

async function singleRig(setup: Setup, options: RigOptions): Promise<Rig> {
  const host = await installedHost({ signal: options.signal });
  const testBed = await startTestBed({
    ...options,
    host,
    withProxy: setup !== 'direct',
    withLimit: setup !== 'direct',
  });
  const { url, emulator, credential } = testBed;
  return {
    url,
    emulator,
    credential,
    get api() {
      return testBed.n8n.api;
    },
    add: async (workflow) => await testBed.add(workflow),
    async restart(signal, _, onEnded) {
      await testBed.kill(signal);
      onEnded();
      await testBed.start();
    },
    close: async () => await testBed.close(),
  };
}

async function queueRig(options: RigOptions): Promise<Rig> {
  const host = await installedHost({ signal: options.signal });
  const emulator = await startEmulator();
  const queue = await startQueue({
    ...options,
    host,
    webhooks: 2,
    workers: 1,
    withLimit: true,
  }).catch(async (error: unknown) => {
    await emulator.close();
    throw error;
  });
  const close = async () => {
    await queue.close();
    await emulator.close();
  };
  const data = emulatorCredential(emulator);
  const credential = { name: 'Baseten', type: 'basetenWorkspaceApi', data };
  try {
    const id = await queue.main.api.createCredential(credential);
    return {
      url: queue.proxy.url,
      emulator,
      credential: { ...credential, id },
      get api() {
        return queue.main.api;
      },
      async add(workflow) {
        const { api } = queue.main;
        const workflowId = await api.importWorkflow(workflow, { basetenWorkspaceApi: id });
        await api.publish(workflowId);
        return workflowId;
      },
      async restart(signal, random, onEnded) {
        // Half of the time a webhook processor, which is what results come to.
        const kind = random.one(['webhook', 'webhook', 'worker', 'main'] as const);
        if (kind === 'main') return await queue.restartMain(signal, onEnded);
        await random.one(queue.members.filter((member) => member.kind === kind)).kill(signal);
        onEnded();
        await queue.add(kind);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
