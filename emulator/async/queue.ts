import type { Runtime } from '../runtime';
import type { Deployment } from '../workspace/deployment';
import { inferWithRetries } from './inference';
import type { AsyncRequest } from './request';
import type { WebhookSender } from './webhooks';

/** How many requests of a deployment wait and how many run. */
export interface QueueCounts {
  queued: number;
  inProgress: number;
}

interface QueueParts {
  runtime: Runtime;
  webhooks: WebhookSender;
  deployment: Deployment;
  /** Requests that are worked on side by side. */
  concurrency: number;
  /** Called with each request that has come to its end and was not canceled. */
  finish: (request: AsyncRequest) => void;
}

/** One deployment's async queue: priority 0 first, first come first served within a priority. */
class DeploymentQueue {
  private readonly waiting: [AsyncRequest[], AsyncRequest[], AsyncRequest[]] = [[], [], []];
  private running = 0;
  private held = false;

  constructor(private readonly parts: QueueParts) {}

  counts(): QueueCounts {
    return {
      queued: this.waiting.reduce((sum, line) => sum + line.length, 0),
      inProgress: this.running,
    };
  }

  add(request: AsyncRequest): void {
    this.waiting[request.priority]!.push(request);
    void this.expireInTime(request);
    this.work();
  }

  /** Takes a request out before it runs. `false` if it isn't queued any more. */
  remove(request: AsyncRequest): boolean {
    const line = this.waiting[request.priority]!;
    const index = line.indexOf(request);
    if (index < 0) return false;
    line.splice(index, 1);
    this.leave(request);
    return true;
  }

  private leave(request: AsyncRequest): void {
    this.parts.runtime.lifetimes.end(request.leftQueue);
    request.leftQueue.abort();
  }

  private work(): void {
    while (!this.held && this.running < this.parts.concurrency) {
      const line = this.waiting.find((candidates) => candidates.length > 0);
      if (!line) return;
      const wake = this.parts.deployment.wake();
      if (wake) {
        this.held = true;
        wake.then(
          () => {
            this.held = false;
            this.work();
          },
          () => undefined,
        );
        return;
      }
      this.running += 1;
      // A rejection means that the emulator was closed in the middle of it.
      this.run(line.shift()!).catch(() => undefined);
    }
  }

  private async run(request: AsyncRequest): Promise<void> {
    const { runtime, finish } = this.parts;
    const { clock } = runtime;
    this.leave(request);
    request.become('IN_PROGRESS', clock.now());
    const outcome = await inferWithRetries(runtime, request);
    if (!outcome.ok) request.errors.push({ code: outcome.code, message: outcome.message });
    request.become(outcome.ok ? 'SUCCEEDED' : 'FAILED', clock.now());
    this.running -= 1;
    // The replica is free for the next request while this one's result is on its way.
    this.work();
    if (request.webhook !== undefined)
      await this.deliver(request, outcome.ok ? outcome.data : null);
    finish(request);
  }

  private async deliver(request: AsyncRequest, data: unknown): Promise<void> {
    const { runtime, webhooks } = this.parts;
    const { clock } = runtime;
    const makeBody = () => request.toDelivery(data, clock.now());
    const delivered = await webhooks.deliver(request.webhook!, request.requestId, makeBody);
    request.webhookStatus = delivered ? 'SUCCEEDED' : 'FAILED';
    if (!delivered && request.status === 'SUCCEEDED') request.become('WEBHOOK_FAILED', clock.now());
  }

  private async expireInTime(request: AsyncRequest): Promise<void> {
    const { runtime, finish } = this.parts;
    try {
      await runtime.clock.sleep(request.maxTimeInQueueMs, request.leftQueue.signal);
    } catch {
      return;
    }
    if (!this.remove(request)) return;
    request.become('EXPIRED', runtime.clock.now());
    request.giveUpWebhook();
    finish(request);
  }
}

/** All async requests: their queues, and those whose status can still be asked for. */
export class AsyncRequests {
  private readonly byId = new Map<string, AsyncRequest>();
  private readonly queues = new Map<Deployment, DeploymentQueue>();

  constructor(
    private readonly runtime: Runtime,
    private readonly webhooks: WebhookSender,
  ) {}

  /** Puts a new request into its deployment's queue. */
  submit(request: AsyncRequest): void {
    this.byId.set(request.requestId, request);
    this.queueOf(request.deployment, request.owner.asyncConcurrency).add(request);
  }

  /** The request of that ID; `undefined` if there was none or its retention is over. */
  find(requestId: string): AsyncRequest | undefined {
    return this.byId.get(requestId);
  }

  /** Cancels a request that is still queued; `false` for any other. No delivery follows. */
  cancel(request: AsyncRequest): boolean {
    const queue = this.queues.get(request.deployment);
    if (!queue?.remove(request)) return false;
    request.become('CANCELED', this.runtime.clock.now());
    request.giveUpWebhook();
    void this.forgetInTime(request);
    return true;
  }

  /** How many requests of a deployment are queued and in progress. */
  counts(deployment: Deployment): QueueCounts {
    return this.queues.get(deployment)?.counts() ?? { queued: 0, inProgress: 0 };
  }

  private queueOf(deployment: Deployment, concurrency: number): DeploymentQueue {
    let queue = this.queues.get(deployment);
    if (!queue) {
      const { runtime, webhooks } = this;
      const finish = (request: AsyncRequest) => void this.forgetInTime(request);
      queue = new DeploymentQueue({ runtime, webhooks, deployment, concurrency, finish });
      this.queues.set(deployment, queue);
    }
    return queue;
  }

  private async forgetInTime(request: AsyncRequest): Promise<void> {
    const { clock, limits, stopped } = this.runtime;
    await clock.sleep(limits.statusRetentionMs, stopped).catch(() => undefined);
    this.byId.delete(request.requestId);
  }
}
