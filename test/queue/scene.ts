import { customEndpoints, FAST_WEBHOOKS } from '../../host/demo/stage';
import { ensureHost } from '../../host/install/install';
import { progressLines } from '../../host/install/progress';
import { type Member, type Queue, startQueue } from '../../host/queue/queue';
import { type WorkflowJson } from '../../host/n8n/workflowJson';
import { type Emulator, startEmulator } from '../../emulator';

/** n8n in queue mode and a simulated Baseten, with a credential for it. */
export interface Scene {
  queue: Queue;
  emulator: Emulator;
  /** Imports a workflow with the credential in place; returns its ID. */
  add(workflow: WorkflowJson): Promise<string>;
  /** Starts another in the place of each one that ends, as a container runtime does; stops that on return. */
  replacing<T>(work: () => Promise<T>): Promise<T>;
}

/** Starts both. @param onStep told what is being started */
export async function openScene(
  onStep: (text: string) => void,
  signal: AbortSignal,
): Promise<Scene & { close(): Promise<void> }> {
  const progress = progressLines();
  const host = await ensureHost(progress.show, signal).finally(progress.stop);
  const emulator = await startEmulator();
  const starting = startQueue({
    host,
    webhooks: 2,
    workers: 2,
    env: FAST_WEBHOOKS,
    onStep,
    signal,
  });
  const queue = await starting.catch(async (error: Error) => {
    await emulator.close();
    throw error;
  });
  const close = async () => {
    await queue.close();
    await emulator.close();
  };
  try {
    const data = customEndpoints(emulator);
    const credential = await queue.main.api.createCredential({
      name: 'Baseten',
      type: 'basetenApi',
      data,
    });
    return {
      queue,
      emulator,
      add: async (workflow) =>
        await queue.main.api.importWorkflow(workflow, { basetenApi: credential }),
      replacing: async (work) => await replacing(queue, work),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function replacing<T>(queue: Queue, work: () => Promise<T>): Promise<T> {
  const replacements: Array<Promise<Member>> = [];
  let on = true;
  for (const member of queue.members) {
    void member.ended.then(() => on && replacements.push(queue.add(member.kind)));
  }
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

/** Whether a worker is in the middle of an execution. */
export function isBusy(worker: Member): boolean {
  const { begun, ended } = executionsOf(worker);
  return [...begun].some((id) => !ended.has(id));
}
