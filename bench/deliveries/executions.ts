import { setTimeout as pause } from 'node:timers/promises';
import type { N8nApi } from '../../host/n8n/api';
import { requestIdOf, type Target } from './receivers';

/** What arrived in executions that had not been read before. */
export interface Arrived {
  /** One for each item. */
  requestIds: string[];
  executions: number;
}

const POLL_MS = 250;
/** n8n is at rest if nothing runs and nothing new has come for this long. */
const QUIET_MS = 5_000;
const REST_WITHIN_MS = 180_000;
const READ_AT_ONCE = 8;
const RUNNING = new Set(['new', 'running', 'unknown']);

/** Whether an execution has not ended, by its status. */
export const isRunning = (status: string) => RUNNING.has(status);

/** Reads what arrived in the executions of a workflow, each execution once. */
export class Executions {
  private readonly seen = new Set<string>();

  constructor(
    private readonly api: N8nApi,
    private readonly target: Target,
  ) {}

  /**
   * Waits until n8n is at rest and returns what came since the last call.
   * @param expected request IDs; when all of them have arrived, nothing more has to be waited for
   * @throws {Error} if n8n is not at rest after three minutes
   */
  async drain(expected: string[]): Promise<Arrived> {
    const deadline = Date.now() + REST_WITHIN_MS;
    const missing = new Set(expected);
    const requestIds: string[] = [];
    let executions = 0;
    let quietSince = Date.now();
    for (;;) {
      const fresh = await this.fresh();
      const ended = fresh.filter(({ status }) => !isRunning(status));
      const arrived = await this.read(ended.map(({ id }) => id));
      executions += ended.length;
      requestIds.push(...arrived);
      for (const id of arrived) missing.delete(id);
      if (fresh.length > 0) quietSince = Date.now();
      else if (missing.size === 0 || Date.now() - quietSince > QUIET_MS)
        return { requestIds, executions };
      if (Date.now() > deadline)
        throw new Error(`n8n is still busy after ${REST_WITHIN_MS / 1000} s.`);
      await pause(POLL_MS);
    }
  }

  /** Executions that have not been read, including running ones. */
  private async fresh(): Promise<Array<{ id: string; status: string }>> {
    const fresh = new Map<string, { id: string; status: string }>();
    let cursor: string | null | undefined;
    do {
      const page = await this.api.executionPage(this.target.workflowId, cursor);
      const unread = page.results.filter(({ id }) => !this.seen.has(id));
      for (const execution of unread) fresh.set(execution.id, execution);
      // The newest come first: after a page without an unread one there are no more.
      cursor = unread.length > 0 ? page.nextCursor : undefined;
    } while (cursor);
    return [...fresh.values()];
  }

  private async read(ids: string[]): Promise<string[]> {
    const requestIds: string[] = [];
    const left = [...ids];
    const readOn = async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const run = await this.api.waitFor(id);
        this.seen.add(id);
        requestIds.push(...run.items('Receive').map(requestIdOf));
      }
    };
    await Promise.all(Array.from({ length: READ_AT_ONCE }, readOn));
    return requestIds;
  }
}
