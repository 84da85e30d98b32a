import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Run, unflatten } from './run';
import { publishable, type WorkflowJson, withCredentials } from './workflowJson';

/**
 * The owner of every n8n that is started here. Such an n8n listens on loopback only and is thrown
 * away.
 */
export const OWNER = {
  email: 'demo@example.com',
  firstName: 'Demo',
  lastName: 'Owner',
  password: 'Baseten-demo-1',
};

const ENDED = ['success', 'error', 'crashed', 'canceled'];
/**
 * Every status. Without a status n8n asks its database twice at once, for what runs and for what
 * doesn't, and an execution that ends in between is in neither list or in both.
 */
const ALL_STATUSES = [...ENDED, 'new', 'running', 'waiting', 'unknown'];
const POLL_MS = 100;
/** Executions on a page of n8n's list. */
const PAGE = 100;
const BUSY_MS = 1000;
const BUSY_TRIES = 60;
const PUBLISHED_WITHIN_MS = 30_000;

/** A credential as it is sent to n8n. */
export interface CredentialJson {
  name: string;
  type: string;
  data: Record<string, unknown>;
}

/** What n8n keeps of an execution. */
interface StoredExecution {
  id: string;
  status: string;
  startedAt: string;
  stoppedAt: string | null;
  data: string;
}

/** An execution in n8n's list. */
interface ListedExecution {
  id: string;
  status: string;
  /** What began it, such as `manual` for a person in the editor, or `trigger`. */
  mode: string;
}

/** A part of n8n's list of executions. */
interface ExecutionPage {
  results: ListedExecution[];
  /** Where the next page begins, if there is one. */
  nextCursor?: string | null;
}

/** How far n8n is with switching a workflow's triggers on. */
interface PublicationStatus {
  status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
  triggers: Array<{ errorMessage: string | null }>;
}

/** n8n's REST API, as the editor uses it. */
export class N8nApi {
  private cookie = '';
  private readonly browserId = randomUUID();

  /** @param fetch sends its requests; the usual one by default */
  constructor(
    private readonly url: string,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch,
  ) {}

  /**
   * Signs in as the owner, and makes the owner first if there is none.
   * @throws {Error} if n8n refuses
   */
  async signIn(): Promise<void> {
    const { email, password } = OWNER;
    const setup = await this.send('POST', '/rest/owner/setup', OWNER);
    const response = setup.ok
      ? setup
      : await this.send('POST', '/rest/login', { emailOrLdapLoginId: email, password });
    if (!response.ok)
      throw new Error(`n8n refused the owner: ${response.status} ${await response.text()}`);
    this.cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  }

  /**
   * Sends a request and returns the `data` of the response.
   * @param path starts with a slash
   * @throws {Error} with n8n's message, if the status is not 2xx
   */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response = await this.send(method, path, body);
    // An n8n that is busy may believe for a moment that its database is lost, and refuses every
    // request.
    for (let tries = 1; response.status === 503 && tries < BUSY_TRIES; tries++) {
      await pause(BUSY_MS);
      response = await this.send(method, path, body);
    }
    const text = await response.text();
    if (!response.ok)
      throw new Error(
        `n8n responded ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`,
      );
    const json = JSON.parse(text);
    return json.data ?? json;
  }

  /** The names of all node types that n8n has loaded, with their packages' prefix. */
  async nodeTypes(): Promise<string[]> {
    const types = await this.call<Array<{ name: string }>>('GET', '/types/nodes.json');
    return [...new Set(types.map(({ name }) => name))];
  }

  /** Saves a credential and returns its ID. */
  async createCredential(credential: CredentialJson): Promise<string> {
    return (await this.call<{ id: string }>('POST', '/rest/credentials', credential)).id;
  }

  /** Does what the button *Test* does, with the fields as they are in the form. */
  async testCredential(
    credential: CredentialJson & { id: string },
  ): Promise<{ status: string; message: string }> {
    return await this.call('POST', '/rest/credentials/test', { credentials: credential });
  }

  /**
   * Saves a workflow and returns its ID.
   * @param credentials the ID of the credential to use, for each type
   */
  async importWorkflow(
    workflow: WorkflowJson,
    credentials: Record<string, string> = {},
  ): Promise<string> {
    const { name, nodes, connections, settings } = withCredentials(workflow, credentials);
    const saved = { name, nodes, connections, settings: settings ?? {} };
    return (await this.call<{ id: string }>('POST', '/rest/workflows', saved)).id;
  }

  /**
   * Publishes (activates) a workflow. If it has no trigger of its own, nothing is done and `false`
   * returned.
   * @throws {Error} if n8n can't switch its triggers on
   */
  async publish(id: string): Promise<boolean> {
    const workflow = await this.call<WorkflowJson & { versionId: string }>(
      'GET',
      `/rest/workflows/${id}`,
    );
    if (!publishable(workflow)) return false;
    await this.start(id, workflow.versionId);
    return true;
  }

  /**
   * Archives every workflow, so that no trigger starts one any more, and waits until those that
   * run have ended.
   */
  async archiveAll(): Promise<void> {
    const filter = encodeURIComponent(JSON.stringify({ isArchived: false }));
    const open = await this.call<Array<{ id: string }>>('GET', `/rest/workflows?filter=${filter}`);
    for (const { id } of open) {
      await this.call('POST', `/rest/workflows/${id}/archive`);
      const running = (await this.executions(id)).filter(({ status }) => status === 'running');
      for (const execution of running) await this.waitFor(execution.id);
    }
  }

  /**
   * Does what the button *Execute* does, from the trigger of this name. Returns the execution's ID.
   * @throws {Error} if the trigger waits for a call
   */
  async run(id: string, triggerName: string): Promise<string> {
    return await this.startRun(id, triggerName);
  }

  /** Like `run`. @param more is sent besides the name of the trigger */
  protected async startRun(id: string, triggerName: string, more: object = {}): Promise<string> {
    const response = await this.call<{ executionId?: string }>(
      'POST',
      `/rest/workflows/${id}/run`,
      {
        triggerToStartFrom: { name: triggerName },
        ...more,
      },
    );
    if (!response.executionId) {
      throw new Error(
        `"${triggerName}" waits for a call: publish the workflow and use its production URL.`,
      );
    }
    return response.executionId;
  }

  /**
   * A page of a workflow's executions, newest first. What has been recorded before is in it,
   * whatever its execution does meanwhile.
   * @param cursor where it begins; the first page by default
   */
  async executionPage(workflowId: string, cursor?: string | null): Promise<ExecutionPage> {
    const query = new URLSearchParams({
      limit: String(PAGE),
      filter: JSON.stringify({ workflowId, status: ALL_STATUSES }),
      ...(cursor && { cursor }),
    });
    return await this.call<ExecutionPage>('GET', `/rest/executions?${query}`);
  }

  /** The executions of a workflow, newest first. */
  async executions(workflowId: string): Promise<ListedExecution[]> {
    const all: ListedExecution[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await this.executionPage(workflowId, cursor);
      all.push(...page.results);
      cursor = page.nextCursor;
    } while (cursor);
    return all;
  }

  /**
   * Waits until an execution has ended, well or not, and reads what it did.
   * @throws {Error} after `timeoutMs`
   */
  async waitFor(executionId: string, timeoutMs = 120_000): Promise<Run> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const execution = await this.call<StoredExecution>('GET', `/rest/executions/${executionId}`);
      if (ENDED.includes(execution.status) && execution.stoppedAt) {
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

  /**
   * Waits until the newest execution of a workflow has ended.
   * @param mode counts only those that began like this; any by default
   * @throws {Error} if there is none
   */
  async newest(id: string, mode?: string): Promise<Run> {
    const listed = await this.executions(id);
    const execution = listed.find((each) => mode === undefined || each.mode === mode);
    if (!execution) throw new Error('the workflow has no such execution');
    return await this.waitFor(execution.id);
  }

  /**
   * Waits until a node has given this many items, in all executions of the workflow together.
   * Returns the executions in which the node ran.
   * @throws {Error} after `timeoutMs`
   */
  async runsOf(id: string, nodeName: string, items: number, timeoutMs = 120_000): Promise<Run[]> {
    const deadline = Date.now() + timeoutMs;
    const runs = new Map<string, Run>();
    for (;;) {
      for (const execution of await this.executions(id)) {
        if (ENDED.includes(execution.status) && !runs.has(execution.id))
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

  /** Waits until the triggers listen: n8n responds to an activation before that. */
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
    const response = await this.send('GET', `/rest/binary-data?${query.toString()}`);
    if (!response.ok) throw new Error(`n8n responded ${response.status} for the file ${id}`);
    return Buffer.from(await response.arrayBuffer());
  }

  private async send(method: string, path: string, body?: unknown): Promise<Response> {
    return await this.fetch(`${this.url}${path}`, {
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
