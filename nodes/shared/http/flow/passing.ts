// Decisions: docs/decisions.md, "Retries live in the client".

/** Limits count at most the requests of a minute. */
const MINUTE_MS = 60_000;

/**
 * Whether a deployment lets requests with a key pass. If it has answered one in the last minute, a
 * refusal of another one may be its limit alone, and its turn will come.
 */
export class Passing {
  readonly isBusy = false;
  private answeredAt = -Infinity;

  /** A request was answered. */
  answered(now: number): void {
    this.answeredAt = now;
  }

  /** @returns whether a request was answered in the last minute */
  letsPass(now: number): boolean {
    return now - this.answeredAt <= MINUTE_MS;
  }
}
