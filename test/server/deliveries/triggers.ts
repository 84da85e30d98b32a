import { type Delivery, type DeliverOptions, type Emulator, MODEL_IDS } from '../../../emulator';
import type { N8nApi } from '../../../host/n8n/api';
import type { RunItem } from '../../../host/n8n/run';
import { FAST_WEBHOOKS, type SimulatedTestBed } from '../../../host/n8n/testBed';
import { eventually } from '../../support/eventually';
import { installedHost } from '../../support/installedHost';
import { startTestBed } from '../../support/testBed';
import { type AsyncPayload, asyncPayload } from '../../support/payload';
import { triggerWorkflow } from './workflows';

const MINUTE = 60_000;
const UNDER_WAY = ['new', 'running', 'unknown'];

/** Baseten Triggers in a real n8n, and the emulator that delivers to them. */
export class Triggers {
  private started: SimulatedTestBed | undefined;

  /** Starts n8n. @param env more settings of n8n */
  async open(env: Record<string, string>): Promise<void> {
    this.started = await startTestBed({ host: await installedHost(), env });
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.started?.close();
  }

  /** What was started. @throws {Error} before `open` */
  get testBed(): SimulatedTestBed {
    if (!this.started) throw new Error('n8n was not started');
    return this.started;
  }

  /** The REST API of the n8n that runs now. */
  get api(): N8nApi {
    return this.testBed.n8n.api;
  }

  get emulator(): Emulator {
    return this.testBed.emulator;
  }

  /** The secret that the credential of the test bed has. */
  get secret(): string {
    return String(this.testBed.credential.data.webhookSecret);
  }

  /**
   * Where n8n serves a trigger.
   * @param kind `webhook-test` for the URL that is there while the editor listens
   */
  urlOf(webhookId: string, kind: 'webhook' | 'webhook-test' = 'webhook'): string {
    return `${this.testBed.n8n.url}/${kind}/${webhookId}/webhook`;
  }

  /**
   * Publishes a workflow with a trigger, and returns its ID.
   * @param credential the ID of another credential than the one of the test bed
   */
  async publish(
    webhookId: string,
    { parameters, credential }: { parameters?: Record<string, unknown>; credential?: string } = {},
  ): Promise<string> {
    const basetenWorkspaceApi = credential ?? this.testBed.credential.id;
    const id = await this.api.importWorkflow(triggerWorkflow(webhookId, parameters), {
      basetenWorkspaceApi,
    });
    await this.api.publish(id);
    return id;
  }

  /** Delivers what `body` holds, as Baseten does. */
  async deliver(url: string, body: unknown, options?: DeliverOptions): Promise<Delivery> {
    return await this.emulator.deliver(url, body, options);
  }

  /**
   * Delivers the results of these requests, all at once. Returns the deliveries in the same order.
   */
  async deliverAll(url: string, ids: string[]): Promise<Delivery[]> {
    return await Promise.all(ids.map(async (id) => await this.deliver(url, payload(id))));
  }

  /**
   * Waits until all executions of a workflow have ended. Returns every item that its trigger gave,
   * the oldest first.
   */
  async received(workflowId: string): Promise<RunItem[]> {
    const executions = await eventually('all executions have ended', async () => {
      const all = await this.api.executions(workflowId);
      return all.every(({ status }) => !UNDER_WAY.includes(status)) && all;
    });
    const items: RunItem[] = [];
    for (const { id } of executions.reverse()) {
      const run = await this.api.waitFor(id);
      if (run.error) throw new Error(run.error);
      items.push(...run.items('Trigger'));
    }
    return items;
  }

  /**
   * The IDs of the requests whose results came in, in alphabetical order. One that came in twice is
   * there twice.
   */
  async receivedIds(workflowId: string): Promise<string[]> {
    return (await this.received(workflowId)).map(({ json }) => String(json.request_id)).sort();
  }
}

/**
 * Starts n8n before the tests of a file or `describe`, and ends it after them.
 * @param env more settings of n8n
 */
export function useTriggers(env: Record<string, string> = FAST_WEBHOOKS): Triggers {
  const triggers = new Triggers();
  beforeAll(async () => await triggers.open(env), 20 * MINUTE);
  afterAll(async () => await triggers.close(), MINUTE);
  return triggers;
}

/** The payload of a request to the echo model. @param fields as in `asyncPayload` */
export function payload(requestId: string, fields: object = {}): AsyncPayload {
  return asyncPayload({
    request_id: requestId,
    model_id: MODEL_IDS.echo,
    deployment_id: 'echo0pr',
    data: { of: requestId },
    ...fields,
  });
}

/** Makes request IDs that no other test has. */
export function idsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** The different statuses with which deliveries ended. */
export function statuses(deliveries: Delivery[]): Array<number | undefined> {
  return [...new Set(deliveries.map(({ status }) => status))];
}
