import type { Time } from '../../nodes/shared/time';

/** Makes numbers from 0 up to 1 that look random and are the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Event {
  at: number;
  /** Events at the same time happen in the order in which they were made. */
  order: number;
  happen(): void;
}

/**
 * A clock for simulations: time stands still while code runs, and jumps to the next event when all
 * of it waits.
 */
export class Simulation implements Time {
  readonly random: () => number;
  private time = 0;
  private made = 0;
  private readonly events: Event[] = [];

  constructor(seed = 1) {
    this.random = randomOf(seed);
  }

  now = () => this.time;
  elapsed = () => this.time;

  /** Lets something happen after so many milliseconds. @returns gives that up */
  after(milliseconds: number, happen: () => void): () => void {
    const event = { at: this.time + Math.max(milliseconds, 0), order: this.made++, happen };
    this.events.push(event);
    for (let at = this.events.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
    return () => (event.happen = () => undefined);
  }

  async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (!(milliseconds > 0) || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      this.after(milliseconds, resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  limit(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.after(milliseconds, () => controller.abort());
    return controller.signal;
  }

  /** Lets time pass until a promise is settled. @throws if nothing is left that could settle it */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const settle = () => (isSettled = true);
    promise.then(settle, settle);
    for (;;) {
      await quiet();
      if (isSettled) return await promise;
      if (!this.step()) throw new Error(`Nothing happens any more after ${this.time} ms`);
    }
  }

  /** Lets time pass up to a moment. */
  async passTo(moment: number): Promise<void> {
    await quiet();
    while ((this.events[0]?.at ?? Infinity) <= moment) {
      this.step();
      await quiet();
    }
    this.time = Math.max(this.time, moment);
  }

  private step(): boolean {
    const [first] = this.events;
    const last = this.events.pop();
    if (!first || !last) return false;
    if (this.events.length > 0) {
      this.events[0] = last;
      this.sink();
    }
    this.time = Math.max(this.time, first.at);
    first.happen();
    return true;
  }

  private sink(): void {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < this.events.length && this.isBefore(left, least)) least = left;
      if (right < this.events.length && this.isBefore(right, least)) least = right;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private isBefore(one: number, other: number): boolean {
    const [a, b] = [this.events[one] as Event, this.events[other] as Event];
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  private swap(one: number, other: number): void {
    const { events } = this;
    [events[one], events[other]] = [events[other] as Event, events[one] as Event];
  }
}

/** Lets all code go on that does not wait for time to pass. */
async function quiet(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
