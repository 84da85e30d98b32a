// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IExecuteFunctions } from 'n8n-workflow';

import { askStatus, cancelAsync, submitAsync, type Send } from '../shared/async/requests';
import { toConnectionWithKey } from '../shared/connection/connection';
import type { Endpoints } from '../shared/connection/endpoints';
import { hidingSecrets } from '../shared/errors/nodeErrors';
import { secretsOf, withoutSecrets } from '../shared/errors/redact';
import { createClient, type SendOptions } from '../shared/http/client';
import { NO_LIMITS, RunFlow } from '../shared/http/flow/runFlow';
import { JsonText } from '../shared/payload/jsonText';
import { realTime } from '../shared/time';
import { sealAddress } from '../shared/waiting/messages';
import type { ItemJob, WaitJob } from '../shared/waiting/job';
import type { Keeper, News, Settled, Sight } from './keeper';
import { sightOf, sightWithout } from './words';

/** Seconds that Baseten keeps a request in its queue unless it is told otherwise. */
const TIME_IN_QUEUE = 600;
/**
 * Milliseconds for which submissions are begun in one turn. A keeper that is awake takes no
 * results, so it sleeps in between.
 */
const SUBMITTING = 2_000;
/** How a status is asked for: shortly, for the same reason. */
const LOOK = { timeout: 5, maxRetries: 0 };
/** Milliseconds between two looks at a status: Baseten allows some 20 a second. */
const LOOK_DISTANCE = 60;
/** How many requests are in flight at once if nobody has set that. */
const AT_ONCE = 8;
/** How a request is canceled. */
const CANCEL = { timeout: 10, maxRetries: 1 };

/** What is needed to talk to Baseten. */
interface Access {
  send(request: Parameters<Send>[0], options: SendOptions): ReturnType<Send>;
  endpoints: Endpoints;
  /** What no error may show. */
  secrets: string[];
}

/** What the keeper asks of Baseten in one turn. */
export class Baseten {
  private known?: Promise<Access>;
  /** What all submissions have in common. */
  private submitting?: RunFlow;

  constructor(
    private readonly context: IExecuteFunctions,
    private readonly job: WaitJob,
    private readonly secret: string,
  ) {}

  /** @throws what n8n throws if the credential can't be read */
  async access(): Promise<Access> {
    this.known ??= this.readAccess();
    return await this.known;
  }

  /**
   * Submits items, as many as the limits allow in one turn.
   * @param settle makes what stands for an item that could not be submitted
   */
  async submit(
    items: number[],
    settle: (item: number, cause: unknown) => Settled,
  ): Promise<Extract<News, { of: 'submit' }>> {
    const { requestsPerMinute } = this.job;
    const made: Extract<News, { of: 'submit' }>['made'] = {};
    const distance = requestsPerMinute > 0 ? 60_000 / requestsPerMinute : 0;
    const submitOne = async (item: number) => {
      try {
        made[item] = await this.submitOne(item);
      } catch (cause) {
        this.context.getExecutionCancelSignal()?.throwIfAborted();
        made[item] = settle(item, cause);
        if (this.job.stops) return 'enough';
      }
      return undefined;
    };
    const nextAt = await sideBySide(items, submitOne, this.atOnce, distance, SUBMITTING);
    return { of: 'submit', made, nextAt };
  }

  /** Looks at the status of requests. */
  async look(keeper: Keeper, items: number[]): Promise<Extract<News, { of: 'look' }>> {
    const sights: Record<number, Sight> = {};
    const lookAtOne = async (item: number) => {
      const { requestId = '', trouble } = keeper.items[item] ?? {};
      try {
        const { send, endpoints, secrets } = await this.access();
        const sending: Send = async (request) => await send(request, LOOK);
        const status = await askStatus(sending, endpoints, this.ownerOf(item), requestId);
        const hide = (text: unknown) => withoutSecrets(String(text), secrets);
        const errors = status.errors?.map(({ code, message }) => ({
          code: hide(code),
          message: hide(message),
        }));
        sights[item] = sightOf({ ...status, errors });
      } catch (error) {
        this.context.getExecutionCancelSignal()?.throwIfAborted();
        sights[item] = sightWithout(error, trouble);
      }
      return undefined;
    };
    await sideBySide(items, lookAtOne, this.atOnce, LOOK_DISTANCE, Infinity);
    return { of: 'look', sights };
  }

  /** Takes requests out of the queue that are still in it. What can't be canceled runs on. */
  async cancel(keeper: Keeper, items: number[]): Promise<void> {
    const cancelOne = async (item: number) => {
      const { requestId = '' } = keeper.items[item] ?? {};
      try {
        const { send, endpoints } = await this.access();
        const sending: Send = async (request) => await send(request, CANCEL);
        await cancelAsync(sending, endpoints, this.ownerOf(item), requestId);
      } catch {
        // Nobody waits for it any more.
      }
      return undefined;
    };
    await sideBySide(items, cancelOne, this.atOnce, LOOK_DISTANCE, Infinity);
  }

  private async submitOne(item: number): Promise<{ requestId: string; queueEnd: number }> {
    const { owner, target, input, queueing, sendOptions } = this.jobOf(item);
    const { send, endpoints, secrets } = await this.access();
    const { run, parentUrl } = this.job;
    const body = {
      ...queueing,
      model_input: new JsonText(input, undefined, 'Input'),
      webhook_endpoint: sealAddress(parentUrl, { run, item }, this.secret),
    };
    const { requestsPerMinute } = this.job;
    const limits = { ...NO_LIMITS, maxConcurrency: this.atOnce, requestsPerMinute };
    this.submitting ??= new RunFlow(limits);
    const flow = this.submitting;
    const sending: Send = async (request) => await send(request, { ...sendOptions, flow });
    const requestId = await hidingSecrets(
      secrets,
      async () => await submitAsync(sending, endpoints, { owner, target, body }),
    );
    const { max_time_in_queue_seconds: inQueue = TIME_IN_QUEUE } = queueing;
    return { requestId, queueEnd: Date.now() + inQueue * 1000 };
  }

  private async readAccess(): Promise<Access> {
    const { context } = this;
    const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
    const client = createClient(context, connection);
    const signal = context.getExecutionCancelSignal();
    const flow = new RunFlow({ ...NO_LIMITS, maxConcurrency: this.atOnce });
    return {
      endpoints: connection.endpoints,
      secrets: secretsOf(connection),
      send: async (request, options) => await client.send(request, { flow, ...options, signal }),
    };
  }

  private get atOnce(): number {
    return this.job.maxConcurrency || AT_ONCE;
  }

  private jobOf(item: number): ItemJob {
    return this.job.items[item] as ItemJob;
  }

  private ownerOf(item: number): ItemJob['owner'] {
    return this.jobOf(item).owner;
  }
}

/**
 * Does something for many items, so many at once, with a distance between their starts.
 * @param one is done for an item; `enough` ends it
 * @param distance milliseconds between two starts
 * @param within milliseconds after which no more are started
 * @returns when the next one may start, in milliseconds since 1970
 */
async function sideBySide(
  items: number[],
  one: (item: number) => Promise<'enough' | undefined>,
  atOnce: number,
  distance: number,
  within: number,
): Promise<number> {
  // By the clock that never goes back: a keeper that waits for the other one takes no results.
  const now = () => realTime.elapsed();
  const end = now() + within;
  let next = 0;
  let startAt = now();
  let isEnough = false;
  const worker = async () => {
    while (next < items.length && !isEnough) {
      const start = Math.max(startAt, now());
      if (start >= end) return;
      startAt = start + distance;
      const item = items[next++] as number;
      await realTime.wait(start - now());
      if ((await one(item)) === 'enough') isEnough = true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return Math.ceil(Date.now() + startAt - now());
}
