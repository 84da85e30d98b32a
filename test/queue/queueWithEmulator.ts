import { emulatorCredential, FAST_WEBHOOKS } from '../../host/n8n/testBed';
import { type Member, type Queue, startQueue } from '../../host/queue/queue';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { type Emulator, startEmulator } from '../../emulator';
import { installedHost } from '../support/installedHost';

/** n8n in queue mode and a simulated Baseten, with a credential for it. */
export interface QueueWithEmulator {
  queue: Queue;
  emulator: Emulator;
  /** Imports a workflow with the credential in place; returns its ID. */
  add(workflow: WorkflowJson): Promise<string>;
  /** Starts another member for each one that ends during `work`, as a container runtime does. */
  replacing<T>(work: () => Promise<T>): Promise<T>;
  /** Ends both. */
  close(): Promise<void>;
}

/**
 * Starts both. Leaves nothing behind if that fails.
 * @param onStep is called with what is being started
 * @param env more settings of n8n, for all its processes
 */
export async function startQueueWithEmulator(
  onStep: (text: string) => void,
  signal: AbortSignal,
  env: Record<string, string> = {},
): Promise<QueueWithEmulator> {
  const host = await installedHost({ signal });
  const emulator = await startEmulator();
  let queue: Queue | undefined;
  const close = async () => {
    await queue?.close();
    await emulator.close();
  };
  try {
    const members = { webhooks: 2, workers: 2 };
    queue = await startQueue({
      host,
      ...members,
      env: { ...FAST_WEBHOOKS, ...env },
      onStep,
      signal,
    });
    const running = queue;
    const data = emulatorCredential(emulator);
    const credential = await running.main.api.createCredential({
      name: 'Baseten',
      type: 'basetenWorkspaceApi',
      data,
    });
    return {
      queue: running,
      emulator,
      add: async (workflow) =>
        await running.main.api.importWorkflow(workflow, { basetenWorkspaceApi: credential }),
      replacing: async (work) => await replacing(running, work),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function replacing<T>(queue: Queue, work: () => Promise<T>): Promise<T> {
  const replacements: Array<Promise<void>> = [];
  let on = true;
  const watch = (member: Member) =>
    void member.ended.then(() => {
      if (on) replacements.push(queue.add(member.kind).then(watch));
    });
  queue.members.forEach(watch);
  try {
    return await work();
  } finally {
    on = false;
    await Promise.all(replacements);
  }
}

/** The executions that a worker has begun, and those that it has ended, by their IDs. */
export function executionsOf(worker: Member): { begun: Set<string>; ended: Set<string> } {
  const ids = (pattern: RegExp) =>
    new Set([...worker.logs().matchAll(pattern)].map(([, id]) => id as string));
  return {
    begun: ids(/Worker started execution (\d+)/g),
    ended: ids(/Worker finished execution (\d+)/g),
  };
}

/** Whether a worker has an execution that has not ended. */
export function isBusy(worker: Member): boolean {
  const { begun, ended } = executionsOf(worker);
  return [...begun].some((id) => !ended.has(id));
}
