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

/** A published workflow that a call starts, and that answers when all of it has run. */
export interface Called {
  /** Runs it once. Throws where the execution fails. */
  run(): Promise<Execution>;
}

const POLL_MS = 20;

/**
 * Publishes a workflow of nodes in a row behind a webhook. Started like this an execution is one of production, and
 * nobody has to ask how far it is, which would cost n8n time.
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
    credentialId ? { basetenApi: credentialId } : {},
  );
  await n8n.api.publish(id);
  return {
    async run() {
      forgetPeak(n8n.pid);
      const before = { cpu: cpuMs(n8n.pid), memory: memory(n8n.pid).now };
      const answer = await fetch(`${n8n.url}/webhook/${path}`, {
        method: 'POST',
        signal: AbortSignal.timeout(300_000),
      });
      await answer.arrayBuffer();
      const executionId = await ended(n8n, id);
      const used = cpuMs(n8n.pid) - before.cpu;
      const growth = memory(n8n.pid).peak - before.memory;
      const run = await n8n.api.waitFor(executionId);
      if (run.error) throw new Error(`${name}: ${run.error}`);
      return { run, cpuMs: used, growth };
    },
  };
}

/** The answer comes just before n8n has saved the execution. */
async function ended(n8n: N8n, workflowId: string): Promise<string> {
  for (;;) {
    const [newest] = await n8n.api.executions(workflowId);
    if (newest && newest.status !== 'running' && newest.status !== 'new') return newest.id;
    await pause(POLL_MS);
  }
}

/** A node that gives items; `json` is JavaScript for the one of number `n`. */
export const itemsNode = (count: number, json: string): NodeInARow => ({
  name: 'Items',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  parameters: { jsCode: `return Array.from({ length: ${count} }, (_, n) => ({ json: ${json} }));` },
});
