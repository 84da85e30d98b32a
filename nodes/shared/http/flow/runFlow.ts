// Decisions: docs/decisions.md, "The node finds out how much a deployment takes".

import { FIRST_LEVEL, type Concurrency } from './concurrency';

/** What a person has set for the requests of a run. */
export interface RunLimits {
  /** How many may be in flight; 0 means as many as the deployment takes. */
  maxConcurrency: number;
  /** How many may start in a minute, evenly spaced; 0 means no limit. */
  requestsPerMinute: number;
  /** How many tokens they may cost in a minute; 0 means no limit. */
  tokensPerMinute: number;
}

/** Limits of requests for which nobody has set anything. */
export const NO_LIMITS: RunLimits = {
  maxConcurrency: 0,
  requestsPerMinute: 0,
  tokensPerMinute: 0,
};

/** What the requests of one run have in common: their limits, and what became of them. */
export class RunFlow {
  /** Is called when `places` may have grown. */
  onMorePlaces?: () => void;

  private readonly deployments = new Set<Concurrency>();
  /** Requests that were refused and wait before they are sent again. */
  private backingOff = 0;
  private refusals = 0;
  private refusedSince = 0;
  private answersSince = 0;
  private answeredAt = 0;
  /** How many requests hold a place, of items that send several. */
  private inPlaces = 0;
  private readonly waiting: Array<() => void> = [];
  private isEnding = false;

  constructor(readonly limits: RunLimits) {}

  /** How many items may be worked on at once. */
  get places(): number {
    if (this.isEnding) return 0;
    const { maxConcurrency } = this.limits;
    if (maxConcurrency > 0) return maxConcurrency;
    let level = FIRST_LEVEL;
    for (const deployment of this.deployments) level = Math.max(level, deployment.level);
    return level + Math.min(this.backingOff, level);
  }

  /** No further item begins: the run is going to end with a failure. */
  stopStarting(): void {
    this.isEnding = true;
  }

  /** Whether the run finds out by itself how many requests may be in flight. */
  get isAutomatic(): boolean {
    return this.limits.maxConcurrency === 0;
  }

  /** The run sends a request to a deployment. */
  uses(deployment: Concurrency): void {
    if (this.deployments.has(deployment)) return;
    this.deployments.add(deployment);
    this.morePlaces();
  }

  /**
   * Sends one of several requests of an item as soon as there is a place for it. So all items
   * together have no more requests in flight than if each sent one.
   * @param send is called then
   * @returns what it returned
   * @throws what it threw
   */
  async inPlace<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.inPlaces >= this.places)
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    else this.inPlaces++;
    try {
      return await send();
    } finally {
      this.inPlaces--;
      this.admit();
    }
  }

  /** A request was answered. */
  answered(now: number): void {
    this.answersSince++;
    this.answeredAt = now;
  }

  /** A request was refused for a limit, and will be sent again. */
  refused(now: number): void {
    if (this.refusals++ > 0) return;
    this.refusedSince = now;
    this.answeredAt = now;
    this.answersSince = 0;
  }

  /** A request waits before it is sent again, and others may be worked on meanwhile. */
  async whileBackingOff(wait: Promise<void>): Promise<void> {
    this.backingOff++;
    this.morePlaces();
    await wait;
    this.backingOff--;
  }

  /**
   * What became of the limits of others.
   * @returns how often requests were refused for a limit and sent again, and how many a minute were
   * answered from then on; nothing if none was refused
   */
  get slowdown(): { refusals: number; perMinute: number } | undefined {
    if (this.refusals === 0) return undefined;
    const minutes = Math.max(this.answeredAt - this.refusedSince, 1000) / 60_000;
    return { refusals: this.refusals, perMinute: Math.round(this.answersSince / minutes) };
  }

  private morePlaces(): void {
    this.onMorePlaces?.();
    this.admit();
  }

  /** Lets those go on, in their order, that there are places for now. */
  private admit(): void {
    while (this.waiting.length > 0 && this.inPlaces < this.places) {
      this.inPlaces++;
      this.waiting.shift()?.();
    }
  }
}
