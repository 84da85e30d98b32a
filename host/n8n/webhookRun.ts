import { setTimeout as pause } from 'node:timers/promises';
import type { N8n } from './n8n';
import type { Run } from './run';
import { chainOf, type NodeInARow } from './workflowJson';
import { cpuMs, forgetPeak, memory } from '../processFigures';

/** One execution and what n8n's process used for it. */
export interface Execution {
  run: Run;
  /** Milliseconds of CPU. */
  cpuMs: number;
  /** Bytes that the process held at most, beyond what it held before. */
  growth: number;
}

/** A published workflow that a call starts, and that responds when all of it has run. */
export interface Called {
  /** Runs it once. @throws {Error} if the execution fails */
  run(): Promise<Execution>;
}

const POLL_MS = 20;

/**
 * Publishes a workflow of nodes in a row behind a webhook. Executions that a webhook starts are
 * production ones, and the response tells when one has ended: asking n8n for that again and again
 * would cost it time.
 * @param credentialId the credential for nodes that have one
 */
export async function publishCalled(
  n8n: N8n,
  name: string,
  nodes: NodeInARow[],
  credentialId?: string,
): Promise<Called> {
  const path = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const start: NodeInARow = {
    name: 'Start',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2.1,
    parameters: {
      httpMethod: 'POST',
      path,
      responseMode: 'lastNode',
      responseData: 'noData',
      options: {},
    },
    webhookId: path,
  };
  const workflow = chainOf(name, [start, ...nodes]);
  const id = await n8n.api.importWorkflow(
    workflow,
    credentialId ? { basetenWorkspaceApi: credentialId } : {},
  );
  await n8n.api.publish(id);
  return {
    async run() {
      forgetPeak(n8n.pid);
      const before = { cpu: cpuMs(n8n.pid), memory: memory(n8n.pid).now };
      const response = await fetch(`${n8n.url}/webhook/${path}`, {
        method: 'POST',
        signal: AbortSignal.timeout(300_000),
      });
      await response.arrayBuffer();
      const executionId = await ended(n8n, id);
      const used = cpuMs(n8n.pid) - before.cpu;
      const growth = memory(n8n.pid).peak - before.memory;
      const run = await n8n.api.waitFor(executionId);
      if (run.error) throw new Error(`${name}: ${run.error}`);
      return { run, cpuMs: used, growth };
    },
  };
}

/**
 * Waits until the newest execution is saved, and returns its ID: n8n responds just before it saves
 * it.
 */
async function ended(n8n: N8n, workflowId: string): Promise<string> {
  for (;;) {
    const [newest] = await n8n.api.executions(workflowId);
    if (newest && newest.status !== 'running' && newest.status !== 'new') return newest.id;
    await pause(POLL_MS);
  }
}

/** A node that gives `count` items. @param json JavaScript for the item of number `n` */
export const itemsNode = (count: number, json: string): NodeInARow => ({
  name: 'Items',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  parameters: { jsCode: `return Array.from({ length: ${count} }, (_, n) => ({ json: ${json} }));` },
});
