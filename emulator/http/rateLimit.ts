import type { Clock } from '../clock';
import { Refusal } from './refusal';

/** Allows `most` calls in any `windowMs` milliseconds. */
export class RateLimit {
  private taken: number[] = [];

  /** `what` names the calls in the error message, in the plural. */
  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly windowMs: number,
    private readonly what: string,
  ) {}

  /**
   * Counts one call.
   * @throws {Refusal} 429 with `Retry-After` in whole seconds if the window is full.
   */
  take(): void {
    const now = this.clock.now();
    const oldest = now - this.windowMs;
    if (this.taken.length >= this.most) {
      const firstInside = this.taken.findIndex((at) => at > oldest);
      this.taken = firstInside < 0 ? [] : this.taken.slice(firstInside);
    }
    if (this.taken.length >= this.most) {
      const waitMs = (this.taken[0] ?? now) + this.windowMs - now;
      const windowSeconds = this.windowMs / 1000;
      const message = `Too many ${this.what}: the limit is ${this.most} per ${windowSeconds} s.`;
      const retryAfter = String(Math.max(1, Math.ceil(waitMs / 1000)));
      throw new Refusal(429, 'rate_limited', message, { headers: { 'retry-after': retryAfter } });
    }
    this.taken.push(now);
  }
}
