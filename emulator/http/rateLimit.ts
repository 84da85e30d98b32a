import type { Clock } from '../clock';
import { BasetenError } from './refusal';

/** At most `most` calls in any `windowMs` milliseconds. */
export class RateLimit {
  private taken: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly windowMs: number,
    private readonly what: string,
  ) {}

  /** Counts one call. Throws 429 with `Retry-After` (whole seconds) where the window is full. */
  take(): void {
    const now = this.clock.now();
    const oldest = now - this.windowMs;
    if (this.taken.length >= this.most) {
      const firstInside = this.taken.findIndex((at) => at > oldest);
      this.taken = firstInside < 0 ? [] : this.taken.slice(firstInside);
    }
    if (this.taken.length >= this.most) {
      const waitMs = (this.taken[0] ?? now) + this.windowMs - now;
      const message = `Too many ${this.what}: the limit is ${this.most} per ${this.windowMs / 1000} s.`;
      const retryAfter = String(Math.max(1, Math.ceil(waitMs / 1000)));
      throw new BasetenError(429, 'rate_limited', message, undefined, {
        'retry-after': retryAfter,
      });
    }
    this.taken.push(now);
  }
}
