import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Run, unflatten } from './run';
import { publishable, type WorkflowJson, withCredentials } from './workflowJson';

/** The owner of every n8n started here. It listens on loopback only and is thrown away. */
export const OWNER = {
  email: 'demo@example.com',
  firstName: 'Demo',
  lastName: 'Owner',
  password: 'Baseten-demo-1',
};

const ENDED = new Set(['success', 'error', 'crashed', 'canceled']);
const POLL_MS = 100;
/** Executions that n8n lists at once. */
const PAGE = 100;
const BUSY_MS = 1000;
const BUSY_TRIES = 60;
const PUBLISHED_WITHIN_MS = 30_000;

export interface CredentialJson {
  name: string;
  type: string;
  data: Record<string, unknown>;
}

interface ExecutionAnswer {
  id: string;
  status: string;
  startedAt: string;
  stoppedAt: string | null;
  data: string;
}

interface PublicationStatus {
  status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
  triggers: Array<{ errorMessage: string | null }>;
}

/** n8n's REST API, as the editor uses it. */
export class N8nApi {
  /** What a new workflow is saved with besides its content. */
  protected readonly newWorkflow: object = {};
  private cookie = '';
  private readonly browserId = randomUUID();

  constructor(private readonly url: string) {}

  /** Makes the owner on a fresh instance, signs in on one that has it. */
  async signIn(): Promise<void> {
    const { email, password } = OWNER;
    const setup = await this.send('POST', '/rest/owner/setup', OWNER);
    const answer = setup.ok
      ? setup
      : await this.send('POST', '/rest/login', { emailOrLdapLoginId: email, password });
    if (!answer.ok)
      throw new Error(`n8n refused the owner: ${answer.status} ${await answer.text()}`);
    this.cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  }

  /** Returns the `data` of n8n's answer; throws with its message. `path` starts with a slash. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    let answer = await this.send(method, path, body);
    // An n8n that is busy takes its own database for lost for a moment, and turns everybody away.
    for (let tries = 1; answer.status === 503 && tries < BUSY_TRIES; tries++) {
      await pause(BUSY_MS);
      answer = await this.send(method, path, body);
    }
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`n8n answered ${answer.status} to ${method} ${path}: ${text.slice(0, 500)}`);
    const json = JSON.parse(text);
    return json.data ?? json;
  }

  /** Names of all loaded node types, with their packages' prefix. */
  async nodeTypes(): Promise<string[]> {
    const types = await this.call<Array<{ name: string }>>('GET', '/types/nodes.json');
    return [...new Set(types.map(({ name }) => name))];
  }

  /** Returns the ID n8n gave it. */
  async createCredential(credential: CredentialJson): Promise<string> {
    return (await this.call<{ id: string }>('POST', '/rest/credentials', credential)).id;
  }

  /** What the Test button does, with the fields as they stand in the form. */
  async testCredential(
    credential: CredentialJson & { id: string },
  ): Promise<{ status: string; message: string }> {
    return await this.call('POST', '/rest/credentials/test', { credentials: credential });
  }

  /** Saves a workflow, its credential references set to the ID that `credentials` has for their type. */
  async importWorkflow(
    workflow: WorkflowJson,
    credentials: Record<string, string> = {},
  ): Promise<string> {
    const { name, nodes, connections, settings } = withCredentials(workflow, credentials);
    const saved = { name, nodes, connections, settings: settings ?? {}, ...this.newWorkflow };
    return (await this.call<{ id: string }>('POST', '/rest/workflows', saved)).id;
  }

  /** Publishes (activates) a workflow that has a trigger of its own; leaves others, and returns false. */
  async publish(id: string): Promise<boolean> {
    const workflow = await this.call<WorkflowJson & { versionId: string }>(
      'GET',
      `/rest/workflows/${id}`,
    );
    if (!publishable(workflow)) return false;
    await this.start(id, workflow.versionId);
    return true;
  }

  /** What the Execute button does, from the trigger of this name; returns the execution's ID. */
  async run(id: string, triggerName: string): Promise<string> {
    return await this.startRun(id, triggerName);
  }

  /** `more` is sent with the name of the trigger. */
  protected async startRun(id: string, triggerName: string, more: object = {}): Promise<string> {
    const answer = await this.call<{ executionId?: string }>('POST', `/rest/workflows/${id}/run`, {
      triggerToStartFrom: { name: triggerName },
      ...more,
    });
    if (!answer.executionId) {
      throw new Error(
        `"${triggerName}" waits for a call: publish the workflow and use its production URL.`,
      );
    }
    return answer.executionId;
  }

  /** The executions of a workflow, newest first. */
  async executions(workflowId: string): Promise<Array<{ id: string; status: string }>> {
    const filter = JSON.stringify({ workflowId });
    const all: Array<{ id: string; status: string }> = [];
    let cursor: string | null | undefined;
    do {
      const query = new URLSearchParams({ limit: String(PAGE), filter, ...(cursor && { cursor }) });
      const page = await this.call<{ results: typeof all; nextCursor?: string | null }>(
        'GET',
        `/rest/executions?${query}`,
      );
      all.push(...page.results);
      cursor = page.nextCursor;
    } while (cursor);
    return all;
  }

  /** Waits until an execution has ended, well or not, and reads what it did. */
  async waitFor(executionId: string, timeoutMs = 120_000): Promise<Run> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const execution = await this.call<ExecutionAnswer>('GET', `/rest/executions/${executionId}`);
      if (ENDED.has(execution.status) && execution.stoppedAt) {
        const { id, status, startedAt, stoppedAt, data } = execution;
        const ms = Date.parse(stoppedAt) - Date.parse(startedAt);
        return new Run({
          id,
          status,
          ms,
          raw: data,
          data: unflatten(data),
          readFile: (file) => this.readBinary(file),
        });
      }
      if (Date.now() > deadline) {
        throw new Error(
          `Execution ${executionId} is still "${execution.status}" after ${timeoutMs / 1000} s.`,
        );
      }
      await pause(POLL_MS);
    }
  }

  /** Runs a workflow from its trigger and waits for the end. */
  async runAndWait(id: string, triggerName: string, timeoutMs?: number): Promise<Run> {
    return await this.waitFor(await this.run(id, triggerName), timeoutMs);
  }

  /** The newest execution of a workflow, once it has ended. */
  async newest(id: string): Promise<Run> {
    const [execution] = await this.executions(id);
    if (!execution) throw new Error('the workflow has no execution');
    return await this.waitFor(execution.id);
  }

  /** Waits until a node of the workflow has given so many items, over all executions; returns those that it ran in. */
  async runsOf(id: string, nodeName: string, items: number, timeoutMs = 120_000): Promise<Run[]> {
    const deadline = Date.now() + timeoutMs;
    const runs = new Map<string, Run>();
    for (;;) {
      for (const execution of await this.executions(id)) {
        if (ENDED.has(execution.status) && !runs.has(execution.id))
          runs.set(execution.id, await this.waitFor(execution.id));
      }
      const ran = [...runs.values()].filter((run) => run.timesRun(nodeName) > 0);
      const given = ran.reduce((sum, run) => sum + run.items(nodeName).length, 0);
      if (given >= items) return ran;
      if (Date.now() > deadline)
        throw new Error(
          `"${nodeName}" gave ${given} of ${items} items within ${timeoutMs / 1000} s.`,
        );
      await pause(BUSY_MS);
    }
  }

  /** Switches the workflow's triggers on and waits until they listen. */
  protected async start(id: string, versionId: string): Promise<void> {
    await this.call('POST', `/rest/workflows/${id}/activate`, { versionId });
    await this.waitUntilPublished(id);
  }

  /** n8n answers an activation before the triggers listen. */
  private async waitUntilPublished(id: string): Promise<void> {
    const deadline = Date.now() + PUBLISHED_WITHIN_MS;
    for (;;) {
      const state = await this.call<PublicationStatus>(
        'GET',
        `/rest/workflows/${id}/publication-status`,
      );
      if (state.status === 'published') return;
      const why = state.triggers.map(({ errorMessage }) => errorMessage).find(Boolean);
      if (state.status === 'failed' || state.status === 'partial' || Date.now() > deadline) {
        throw new Error(`n8n could not publish the workflow ${id}: ${why ?? state.status}`);
      }
      await pause(POLL_MS);
    }
  }

  private async readBinary(id: string): Promise<Buffer> {
    const query = new URLSearchParams({ id, action: 'download' });
    const answer = await this.send('GET', `/rest/binary-data?${query.toString()}`);
    if (!answer.ok) throw new Error(`n8n answered ${answer.status} for the file ${id}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  private async send(method: string, path: string, body?: unknown): Promise<Response> {
    return await fetch(`${this.url}${path}`, {
      method,
      // n8n ties a session to the browser that made it.
      headers: {
        'browser-id': this.browserId,
        cookie: this.cookie,
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }
}
