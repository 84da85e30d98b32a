import { json, type Emulator, type ModelCall } from '../../emulator';
import type { N8nApi } from '../../host/n8n/api';
import { type Run, unflatten } from '../../host/n8n/run';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { chainOf, type NodeInARow, type WorkflowJson } from '../../host/n8n/workflowJson';
import { eventually } from './eventually';

/** A real n8n with a simulated Baseten, in single or in queue mode. */
export interface Place {
  /** What the URLs of webhooks begin with. */
  url(): string;
  api(): N8nApi;
  emulator: Emulator;
  /** Calls its webhooks; the usual `fetch` by default. */
  fetch?: typeof fetch;
  /** Imports a workflow with the credential in place; returns its ID. */
  add(workflow: WorkflowJson): Promise<string>;
}

/** How a workflow waits. */
export interface WaitSettings {
  modelId?: string;
  /** How many items come in; each has its number as `n`. */
  items?: number;
  parameters?: Record<string, unknown>;
  options?: Record<string, unknown>;
  onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
  retryOnFail?: boolean;
  /** What starts it, in place of its webhook. */
  trigger?: NodeInARow;
  /** Nodes between the one that waits and the last one. */
  then?: NodeInARow[];
  /** Settings of the workflow. */
  settings?: Record<string, unknown>;
}

/** A published workflow that waits for results. */
export interface Waiting {
  id: string;
  /** Starts it, by its webhook. */
  call(): Promise<void>;
}

/** What a keeper notes in its execution. */
interface KeeperMemory {
  keeper?: { items: Array<{ requestId?: string }> };
}

let counter = 0;

/** The node that waits, in a workflow of `waitWorkflow`. */
export const WAIT_HERE = 'Wait Here';

/** A workflow that a webhook starts, that waits for results, and whose last node is "After". */
export function waitWorkflow(path: string, settings: WaitSettings): WorkflowJson {
  const { items = 1, onError, retryOnFail, trigger = webhookOf(path) } = settings;
  const workflow = chainOf(path, [
    trigger,
    itemsNode(items),
    waitNode(settings),
    ...(settings.then ?? []),
    noOp('After'),
  ]);
  workflow.settings = { ...workflow.settings, ...settings.settings };
  const node = workflow.nodes.find(({ name }) => name === WAIT_HERE);
  if (node && onError) node.onError = onError;
  if (node && retryOnFail) Object.assign(node, { retryOnFail: true, waitBetweenTries: 100 });
  if (onError === 'continueErrorOutput') {
    workflow.nodes.push({ ...noOp('On Error'), id: 'e', position: [900, 200] });
    const main = (workflow.connections[WAIT_HERE] as { main: unknown[] }).main;
    main.push([{ node: 'On Error', type: 'main', index: 0 }]);
  }
  return workflow;
}

/** The webhook that starts a workflow. */
export function webhookOf(path: string): NodeInARow {
  return {
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2,
    parameters: { path, httpMethod: 'POST' },
    webhookId: path,
  };
}

/** A node that makes so many items, each with its number as `n`. */
export function itemsNode(items: number): NodeInARow {
  const jsCode = `return Array.from({ length: ${items} }, (_, n) => ({ json: { n } }));`;
  return { name: 'Items', type: 'n8n-nodes-base.code', typeVersion: 2, parameters: { jsCode } };
}

/** The node that waits. */
export function waitNode({
  modelId,
  parameters,
  options = {},
}: Pick<WaitSettings, 'modelId' | 'parameters' | 'options'>): NodeInARow {
  return {
    name: WAIT_HERE,
    type: 'n8n-nodes-baseten.baseten',
    typeVersion: 1,
    parameters: {
      resource: 'model',
      operation: 'submitAsync',
      modelId: { __rl: true, mode: 'id', value: modelId },
      inputMode: 'json',
      input: '={{ { n: $json.n } }}',
      delivery: 'wait',
      metadata: '={{ { order: `Nº ${$json.n} 👋` } }}',
      options,
      ...parameters,
    },
    credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
  };
}

/** A node that passes its input on. */
export function noOp(name: string): NodeInARow {
  return { name, type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };
}

/** A model that answers when it is told to. */
export interface Gate {
  /** Waits for a request, and lets the model answer the oldest one. */
  respond(): Promise<void>;
  /** Waits until so many requests are at the model. */
  reached(requests: number): Promise<void>;
}

/** Adds a model that answers at once. */
export function instantModel({ emulator }: Pick<Place, 'emulator'>, id: string): void {
  const handler = (call: ModelCall) => json({ answered: call.json() });
  emulator.addModel({ kind: 'model', id, name: id, handler, asyncConcurrency: 256 });
}

/**
 * Adds a model that answers when it is told to.
 * @param answer what it answers; by default what it was sent
 */
export function gatedModel(
  { emulator }: Pick<Place, 'emulator'>,
  id: string,
  answer: (call: ModelCall) => ReturnType<typeof json> = (call) => json({ answered: call.json() }),
  asyncConcurrency = 256,
): Gate {
  const open: Array<() => void> = [];
  emulator.addModel({
    kind: 'model',
    id,
    name: id,
    asyncConcurrency,
    handler: async (call) => {
      await new Promise<void>((resolve) => open.push(resolve));
      return answer(call);
    },
  });
  return {
    respond: async () => (await eventually('a request at the model', () => open.shift()))(),
    reached: async (requests) => {
      await eventually(`${requests} requests at ${id}`, () => open.length >= requests);
    },
  };
}

/** The place that a test bed is. */
export function placeOf(testBed: SimulatedTestBed): Place {
  return {
    url: () => testBed.url,
    api: () => testBed.n8n.api,
    emulator: testBed.emulator,
    add: async (workflow) => await testBed.add(workflow),
  };
}

/** Workflows of one place that wait for results. */
export class Waits {
  constructor(private readonly place: Place) {}

  /** Lets a model answer one request, and waits until n8n has taken the result. */
  async take(gate: Gate): Promise<void> {
    const { deliveries } = this.place.emulator;
    const taken = () => deliveries.filter(({ status }) => status === 200).length;
    const before = taken();
    await gate.respond();
    await eventually('a result that was taken', () => taken() > before);
  }

  /** Publishes a workflow that waits. */
  async publish(settings: WaitSettings): Promise<Waiting> {
    return await this.publishWorkflow((path) => waitWorkflow(path, settings));
  }

  /** Publishes a workflow of any kind whose webhook has the path that is given. */
  async publishWorkflow(make: (path: string) => WorkflowJson): Promise<Waiting> {
    const path = `start-${process.pid}-${++counter}`;
    const id = await this.place.add(make(path));
    return { id, call: async () => await this.call(path) };
  }

  /** Publishes a workflow that waits and starts it once; returns its ID. */
  async start(settings: WaitSettings): Promise<string> {
    const { id, call } = await this.publish(settings);
    await call();
    return id;
  }

  /** The executions that the webhook of a workflow started, oldest first, and their keepers. */
  async executions(workflowId: string): Promise<Array<{ id: string; status: string }>> {
    const executions = await this.place.api().executions(workflowId);
    return executions.sort((a, b) => Number(a.id) - Number(b.id));
  }

  /** The oldest execution of a workflow: the one that its webhook started. */
  async parent(workflowId: string): Promise<string> {
    return await eventually('an execution', async () => (await this.executions(workflowId))[0]?.id);
  }

  /** The keeper of the oldest execution of a workflow. */
  async keeper(workflowId: string): Promise<string> {
    return await eventually('a keeper', async () => (await this.executions(workflowId))[1]?.id);
  }

  /** Waits until the execution that the webhook started has ended. */
  async ended(workflowId: string, withinMs = 60_000): Promise<Run> {
    return await this.place.api().waitFor(await this.parent(workflowId), withinMs);
  }

  /** Waits until an execution and its keeper sleep, and the requests are at the model. */
  async asleep(workflowId: string, gate?: Gate, requests = 1): Promise<void> {
    await gate?.reached(requests);
    await eventually('a waiting execution', async () => {
      const executions = await this.executions(workflowId);
      return executions.length >= 2 && executions.every(({ status }) => status === 'waiting');
    });
  }

  /** Waits until nothing of a workflow waits or runs any more. */
  async allEnded(workflowId: string, withinMs = 60_000): Promise<void> {
    await eventually(
      'the end of all executions',
      async () => !(await this.executions(workflowId)).some(isOpen),
      withinMs,
    );
  }

  /** The submissions to a model, oldest first. */
  submissions(modelId: string) {
    return this.place.emulator.requests.filter(
      ({ method, path }) =>
        method === 'POST' && path.includes(`-${modelId}/`) && path.includes('async_'),
    );
  }

  /** The address to which Baseten delivers the result of the newest request to a model. */
  resumeUrl(modelId: string): string {
    const request = this.submissions(modelId).at(-1);
    return (request?.json() as { webhook_endpoint: string }).webhook_endpoint;
  }

  /** The IDs of the requests that a workflow's keeper has submitted, once all items are. */
  async requestIds(workflowId: string): Promise<string[]> {
    const path = `/rest/executions/${await this.keeper(workflowId)}`;
    return await eventually('all submissions', async () => {
      const { data } = await this.place.api().call<{ data: string }>('GET', path);
      const { executionData } = unflatten(data) as {
        executionData?: { contextData?: Record<string, KeeperMemory> };
      };
      const items = executionData?.contextData?.['node:Work']?.keeper?.items ?? [];
      const ids = items.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId]));
      return items.length > 0 && ids.length === items.length ? ids : undefined;
    });
  }

  private async call(path: string): Promise<void> {
    const { url, fetch: call = fetch } = this.place;
    const response = await call(`${url()}/webhook/${path}`, {
      method: 'POST',
      body: '{}',
    });
    if (response.status !== 200) throw new Error(`n8n answered ${response.status}`);
    await response.text();
  }
}

function isOpen({ status }: { status: string }): boolean {
  return ['new', 'running', 'waiting'].includes(status);
}
