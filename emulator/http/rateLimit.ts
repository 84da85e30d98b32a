import type { Clock } from '../clock';
import { type PausePlace, Refusal } from './refusal';

/** Counts calls against a limit. */
export interface CallCount {
  /** Counts a call if it is allowed. Returns the milliseconds until one is; 0 if it was counted. */
  take(): number;
  /** The limit in words, for the refusal: `20 per 1 s`. */
  readonly limit: string;
}

/** Allows `most` calls in any `windowMs` milliseconds. */
export class WindowCount implements CallCount {
  private taken: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly windowMs: number,
  ) {}

  get limit() {
    return `${this.most} per ${this.windowMs / 1000} s`;
  }

  take(): number {
    const now = this.clock.now();
    const oldest = now - this.windowMs;
    if (this.taken.length >= this.most) {
      const firstInside = this.taken.findIndex((at) => at > oldest);
      this.taken = firstInside < 0 ? [] : this.taken.slice(firstInside);
    }
    if (this.taken.length >= this.most) return (this.taken[0] ?? now) + this.windowMs - now;
    this.taken.push(now);
    return 0;
  }
}

/** Allows `burst` calls at once, and one more each time an even share of a minute has passed. */
export class BucketCount implements CallCount {
  private level: number;
  private filledAt: number;

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
    private readonly burst: number,
  ) {
    this.level = burst;
    this.filledAt = clock.now();
  }

  get limit() {
    return `${this.perMinute} per 60 s, ${this.burst} at once`;
  }

  take(): number {
    const now = this.clock.now();
    const perMs = this.perMinute / 60_000;
    this.level = Math.min(this.burst, this.level + (now - this.filledAt) * perMs);
    this.filledAt = now;
    // Shares of a minute are no whole milliseconds, so the level may be a little below one.
    if (this.level < 1 - 1e-9) return (1 - this.level) / perMs;
    this.level -= 1;
    return 0;
  }
}

/** Refuses calls above a limit. */
export class RateLimit {
  /** `what` names the calls in the error message, in the plural. */
  constructor(
    private readonly clock: Clock,
    private readonly count: CallCount,
    private readonly what: string,
    private readonly place: PausePlace = 'header',
  ) {}

  /**
   * Counts one call.
   * @throws {Refusal} 429 if the limit is reached, with the pause in whole seconds.
   */
  take(): void {
    const waitMs = this.count.take();
    if (waitMs <= 0) return;
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const message = `Too many ${this.what}: the limit is ${this.count.limit}.`;
    const pause = { seconds, place: this.place, now: this.clock.now() };
    throw new Refusal(429, 'rate_limited', message, { pause });
  }
}
