import type { Clock } from './clock';
import type { Limits } from './options';

/**
 * What a model call, a queue and a webhook delivery need of the emulator that they run in. They
 * take this and not the whole state, because the state holds them.
 */
export interface Runtime {
  /** The only source of time. */
  readonly clock: Clock;
  readonly limits: Limits;
  /** Aborted when the emulator closes. It ends waits that do not belong to one request. */
  readonly stopped: AbortSignal;
  /** The calls, queued requests and deliveries under way. */
  readonly lifetimes: Lifetimes;
}

/**
 * Everything under way that closing the emulator has to end. Each has a controller of its own.
 * `AbortSignal.any` with one signal that lives as long as the emulator would be shorter, but that
 * signal would collect a dependant for every request ever served.
 */
export class Lifetimes {
  private readonly open = new Set<AbortController>();

  /** Returns a controller that `abortAll` aborts, until `end` is called with it. */
  begin(): AbortController {
    const controller = new AbortController();
    this.open.add(controller);
    return controller;
  }

  /** Forgets a controller, without aborting it. */
  end(controller: AbortController): void {
    this.open.delete(controller);
  }

  /** Aborts all that has begun and not ended. */
  abortAll(): void {
    for (const controller of this.open) controller.abort();
    this.open.clear();
  }
}
