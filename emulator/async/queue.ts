import { inferWithRetries } from './inference';
import type { AsyncRequest } from './request';
import type { Deployment } from '../workspace/deployment';
import type { EmulatorState } from '../state';

/** One deployment's async queue: priority 0 first, first come first served within a priority. */
class DeploymentQueue {
  private readonly waiting: [AsyncRequest[], AsyncRequest[], AsyncRequest[]] = [[], [], []];
  private running = 0;
  private held = false;

  constructor(
    private readonly state: EmulatorState,
    private readonly deployment: Deployment,
    private readonly concurrency: number,
    private readonly finish: (request: AsyncRequest) => void,
  ) {}

  counts() {
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

  /** Takes a request out before it runs. `false` where it isn't queued any more. */
  remove(request: AsyncRequest): boolean {
    const line = this.waiting[request.priority]!;
    const index = line.indexOf(request);
    if (index < 0) return false;
    line.splice(index, 1);
    this.leave(request);
    return true;
  }

  private leave(request: AsyncRequest): void {
    this.state.lifetimes.end(request.leftQueue);
    request.leftQueue.abort();
  }

  private work(): void {
    while (!this.held && this.running < this.concurrency) {
      const line = this.waiting.find((candidates) => candidates.length > 0);
      if (!line) return;
      const wake = this.deployment.wake();
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
    const { clock } = this.state;
    this.leave(request);
    request.become('IN_PROGRESS', clock.now());
    const outcome = await inferWithRetries(this.state, request);
    if (!outcome.ok) request.errors.push({ code: outcome.code, message: outcome.message });
    request.become(outcome.ok ? 'SUCCEEDED' : 'FAILED', clock.now());
    this.running -= 1;
    // The replica is free for the next request while this one's result is on its way.
    this.work();
    if (request.webhook !== undefined)
      await this.deliver(request, outcome.ok ? outcome.data : null);
    this.finish(request);
  }

  private async deliver(request: AsyncRequest, data: unknown): Promise<void> {
    const { clock, webhooks } = this.state;
    const makeBody = () => request.toDelivery(data, clock.now());
    const delivered = await webhooks.deliver(request.webhook!, request.requestId, makeBody);
    request.webhookStatus = delivered ? 'SUCCEEDED' : 'FAILED';
    if (!delivered && request.status === 'SUCCEEDED') request.become('WEBHOOK_FAILED', clock.now());
  }

  private async expireInTime(request: AsyncRequest): Promise<void> {
    try {
      await this.state.clock.sleep(request.maxTimeInQueue, request.leftQueue.signal);
    } catch {
      return;
    }
    if (!this.remove(request)) return;
    request.become('EXPIRED', this.state.clock.now());
    request.giveUpWebhook();
    this.finish(request);
  }
}

/** All async requests: their queues, and what can still be asked about them. */
export class AsyncRequests {
  private readonly byId = new Map<string, AsyncRequest>();
  private readonly queues = new Map<Deployment, DeploymentQueue>();

  constructor(private readonly state: EmulatorState) {}

  submit(request: AsyncRequest): void {
    this.byId.set(request.requestId, request);
    this.queueOf(request.deployment, request.owner.asyncConcurrency).add(request);
  }

  /** `undefined` once its retention is over, and for an ID that never was. */
  find(requestId: string): AsyncRequest | undefined {
    return this.byId.get(requestId);
  }

  /** Cancels a request that is still queued; `false` for any other. No delivery follows. */
  cancel(request: AsyncRequest): boolean {
    const queue = this.queues.get(request.deployment);
    if (!queue?.remove(request)) return false;
    request.become('CANCELED', this.state.clock.now());
    request.giveUpWebhook();
    void this.forgetInTime(request);
    return true;
  }

  counts(deployment: Deployment) {
    return this.queues.get(deployment)?.counts() ?? { queued: 0, inProgress: 0 };
  }

  private queueOf(deployment: Deployment, concurrency: number): DeploymentQueue {
    let queue = this.queues.get(deployment);
    if (!queue) {
      const finish = (request: AsyncRequest) => void this.forgetInTime(request);
      queue = new DeploymentQueue(this.state, deployment, concurrency, finish);
      this.queues.set(deployment, queue);
    }
    return queue;
  }

  private async forgetInTime(request: AsyncRequest): Promise<void> {
    const { clock, settings, stopped } = this.state;
    await clock.sleep(settings.limits.statusRetentionMs, stopped).catch(() => undefined);
    this.byId.delete(request.requestId);
  }
}
