// Decisions: docs/decisions.md, "A rate limit is its key's".

/**
 * How long the first request after a refusal goes ahead of the others, unless it is answered: so
 * many times as long as the refusal took, in these limits.
 */
const PATIENCE = 4;
const SHORTEST_PATIENCE_MS = 50;
const LONGEST_PATIENCE_MS = 1000;

/**
 * After a refusal the next request goes ahead alone, and the others wait until it has ended, or for
 * a while. Those that share a rate limit wait for each other if that refused one of them, and those
 * of one deployment if the deployment did.
 *
 * All times are milliseconds of one clock that never goes back.
 */
export class FirstAhead {
  /** Whether the next request goes ahead, when one did, and how long the others wait for it. */
  private goesAhead = false;
  private aheadSince?: number;
  private patience = 0;

  /** @returns when the next request may start */
  freeAt(now: number): number {
    return this.aheadSince === undefined ? now : this.aheadSince + this.patience;
  }

  /** A request is sent. */
  sent(now: number): void {
    this.aheadSince = this.goesAhead ? now : undefined;
    this.goesAhead = false;
  }

  /** A request has ended, in whatever way. @param sentAt when it was sent */
  ended(sentAt: number): void {
    if (sentAt === this.aheadSince) this.aheadSince = undefined;
  }

  /** A request was refused: the next one goes ahead. @param sentAt when it was sent */
  refused(now: number, sentAt: number): void {
    const patience = (now - sentAt) * PATIENCE;
    this.patience = Math.min(Math.max(patience, SHORTEST_PATIENCE_MS), LONGEST_PATIENCE_MS);
    this.goesAhead = true;
    this.aheadSince = undefined;
  }
}
