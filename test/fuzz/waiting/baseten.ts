import { strict as assert } from 'node:assert';

import type { Keeper, News, Sight } from '../../../nodes/BasetenWait/keeper';
import type { Answer } from '../../../nodes/shared/waiting/post';
import type { World } from './world';

/** A request at Baseten. */
export interface FakeRequest {
  id: string;
  item: number;
  status: 'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
  webhook: 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
  /** Whether a receiver said that it has the result, and that receiver was a node of ours. */
  wasAccepted: boolean;
  /** When the last attempt was over; Baseten pauses before it delivers again. */
  attemptedAt: number;
}

/** Milliseconds between two attempts to deliver. */
const PAUSE = 2_000;

type Deliver = (item: number, id: string, failed: boolean, hear: (answer: Answer) => void) => void;

/** Baseten as far as it matters here: requests, and two attempts to deliver a result. */
export class FakeBaseten {
  readonly requests: FakeRequest[] = [];
  /** Whether the next submission is refused. */
  refuses = false;
  /** How many submissions were made after the parent was stopped. */
  afterStop = 0;

  constructor(
    private readonly world: World,
    private readonly items: number,
    private readonly deliver: Deliver,
  ) {}

  /** Takes submissions of items. */
  submit(
    items: number[],
    parent: string,
    { resubmits }: { resubmits: boolean },
  ): Extract<News, { of: 'submit' }> {
    const made: Extract<News, { of: 'submit' }>['made'] = {};
    // As many as one turn may take.
    for (const item of items.slice(0, 3)) {
      assert.ok(item < this.items);
      if (this.refuses) {
        this.refuses = false;
        made[item] = { outcome: 'submission', failed: true };
        continue;
      }
      if (parent === 'canceled') this.afterStop++;
      const before = this.requests.filter((each) => each.item === item).length;
      assert.ok(before < (resubmits ? 2 : 1), `item ${item} was submitted too often`);
      const id = `r${this.requests.length}`;
      this.requests.push({
        id,
        item,
        status: 'QUEUED',
        webhook: 'PENDING',
        wasAccepted: false,
        attemptedAt: Infinity,
      });
      made[item] = { requestId: id, queueEnd: this.world.now + 600_000 };
    }
    return { of: 'submit', made, nextAt: this.world.now };
  }

  /** Begins to work on the oldest request that is queued. */
  begin(): void {
    const request = this.requests.find(({ status }) => status === 'QUEUED');
    if (request) request.status = 'IN_PROGRESS';
  }

  /** Ends the work on a request, and delivers. */
  finish(which: number, failed: boolean): void {
    const open = this.requests.filter(
      ({ status }) => status === 'QUEUED' || status === 'IN_PROGRESS',
    );
    const request = open[which % Math.max(open.length, 1)];
    if (!request) return;
    request.status = failed ? 'FAILED' : 'SUCCEEDED';
    this.attempt(request, 1);
  }

  /**
   * Delivers a result once more, late. Baseten does that only if it had no answer, and never while
   * it says that a delivery is final and the result is still awaited.
   */
  repeat(which: number): void {
    const ended = this.requests.filter(
      ({ status }) => status === 'SUCCEEDED' || status === 'FAILED',
    );
    const request = ended[which % Math.max(ended.length, 1)];
    if (!request || this.world.now < request.attemptedAt + PAUSE) return;
    request.attemptedAt = this.world.now + 20_000;
    this.deliver(request.item, request.id, request.status === 'FAILED', () => undefined);
  }

  /** What looks at requests show. */
  look(items: number[], keeper: Keeper): Extract<News, { of: 'look' }> {
    const sights: Record<number, Sight> = {};
    for (const item of items) {
      const request = this.find(keeper.items[item]?.requestId);
      if (request) sights[item] = sightOf(request);
    }
    return { of: 'look', sights };
  }

  /** Cancels requests that are still queued. */
  cancel(items: number[], keeper: Keeper): void {
    for (const item of items) {
      const request = this.find(keeper.items[item]?.requestId);
      if (request?.status === 'QUEUED')
        Object.assign(request, { status: 'CANCELED', webhook: 'CANCELED' });
    }
  }

  private find(id: string | undefined): FakeRequest | undefined {
    return this.requests.find((request) => request.id === id);
  }

  private attempt(request: FakeRequest, attempt: 1 | 2): void {
    this.deliver(request.item, request.id, request.status === 'FAILED', ({ status, json }) => {
      request.attemptedAt = this.world.now;
      if (status === 200) {
        request.webhook = 'SUCCEEDED';
        request.wasAccepted = json !== undefined;
      } else if (attempt === 2 || (typeof status === 'number' && status < 500)) {
        request.webhook = 'FAILED';
      } else {
        this.world.soon(500, () => this.attempt(request, 2), { after: PAUSE });
      }
    });
  }
}

function sightOf({ status, webhook }: FakeRequest): Sight {
  if (status === 'CANCELED') return { see: 'failed', reason: { why: 'CANCELED' }, webhook };
  if (status === 'QUEUED' || status === 'IN_PROGRESS' || webhook === 'PENDING')
    return { see: 'running', status };
  if (status === 'FAILED')
    return { see: 'failed', reason: { why: 'inference', errors: [] }, webhook };
  return { see: 'undelivered', status, webhook };
}
