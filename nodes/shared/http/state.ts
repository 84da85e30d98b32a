// Decisions: docs/decisions.md,
// "A rate limit is its key's",
// "Growth comes from n8n's queue mode".

import { realTime, type Time } from '../time';
import { Concurrency } from './flow/concurrency';
import { Queue } from './flow/queue';
import { Remembered } from './flow/remembered';

/** What all requests of a process share. A test makes one of its own, with a clock of its own. */
export class HttpState {
  /** Whether this n8n limits where its nodes may connect; unknown until a first request asks. */
  hasEgressPolicy?: boolean;

  /** Who waits to send a request, by what shares a rate limit: key, host and area. */
  readonly queues: Remembered<Queue>;
  /** How many requests may be in flight, by key and deployment. */
  readonly deployments: Remembered<Concurrency>;

  private readonly reached = new Set<string>();
  /** When a host that only n8n's client could reach is tried over `fetch` again. */
  private readonly fetchAgainAt = new Map<string, number>();

  /** @param time the clock that requests wait by */
  constructor(readonly time: Time) {
    this.queues = new Remembered(time, () => new Queue(time));
    this.deployments = new Remembered(time, () => new Concurrency());
  }

  /** Notes that `fetch` had a connection to a host. */
  reach(host: string): void {
    this.reached.add(host);
  }

  /** Takes back what `reach` noted. */
  forget(host: string): void {
    this.reached.delete(host);
  }

  /** @returns whether `fetch` had a connection to a host before */
  hasReached(host: string): boolean {
    return this.reached.has(host);
  }

  /** Leaves a host to n8n's client for a while. @param milliseconds how long */
  avoidFetch(host: string, milliseconds: number): void {
    this.fetchAgainAt.set(host, this.time.elapsed() + milliseconds);
  }

  /** @returns whether a host may be tried over `fetch` */
  mayFetch(host: string): boolean {
    return this.time.elapsed() >= (this.fetchAgainAt.get(host) ?? 0);
  }
}

/** What the requests of this process share. */
export const PROCESS_STATE = new HttpState(realTime);
