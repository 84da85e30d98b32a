// Decisions: docs/decisions.md, "A rate limit is its key's".

/** A limit that Baseten says it has: so many requests or tokens in any so many milliseconds. */
export interface KnownLimit {
  counts: 'requests' | 'tokens';
  most: number;
  milliseconds: number;
}

/** What was sent, and how much of the limit it takes. */
interface Sent {
  at: number;
  amount: number;
}

/**
 * Counts what was sent in the last so many milliseconds. As much as the limit allows may go at
 * once, and what is beyond it waits until something old no longer counts.
 */
class Window {
  private sent: Sent[] = [];
  private first = 0;
  private sum = 0;

  constructor(private limit: KnownLimit) {}

  /** Whether it counts the same in the same time, so that what was sent counts for a limit, too. */
  fits({ counts, milliseconds }: KnownLimit): boolean {
    return counts === this.limit.counts && milliseconds === this.limit.milliseconds;
  }

  /** The limit is another one now, and what was sent still counts. */
  change(limit: KnownLimit): void {
    this.limit = limit;
  }

  /** @returns when so much more may be sent. What is larger than the limit goes alone. */
  freeAt(now: number, amount: number): number {
    this.forget(now);
    const { most, milliseconds } = this.limit;
    let sum = this.sum;
    for (let at = this.first; at < this.sent.length; at++) {
      if (sum + amount <= most) return at === this.first ? now : this.endOf(at - 1);
      sum -= this.sent[at]?.amount ?? 0;
    }
    const last = this.sent.at(-1);
    return last ? last.at + milliseconds : now;
  }

  /** Something is sent. @returns its entry, whose amount can be corrected */
  take(now: number, amount: number): Sent {
    this.forget(now);
    const sent = { at: now, amount };
    this.sent.push(sent);
    this.sum += amount;
    return sent;
  }

  correct(sent: Sent, amount: number): void {
    // What no longer counts is not part of the sum.
    if (this.sent.includes(sent, this.first)) this.sum += amount - sent.amount;
    sent.amount = amount;
  }

  private endOf(at: number): number {
    return (this.sent[at]?.at ?? 0) + this.limit.milliseconds;
  }

  private forget(now: number): void {
    for (
      let oldest = this.sent[this.first];
      oldest && oldest.at + this.limit.milliseconds <= now;
      oldest = this.sent[this.first]
    ) {
      this.sum -= oldest.amount;
      this.first++;
    }
    if (this.first < this.sent.length / 2) return;
    this.sent = this.sent.slice(this.first);
    this.first = 0;
  }
}

/** The limits of a queue that Baseten has told. */
export class KnownLimits {
  private known = '';
  private windows: Array<{ counts: KnownLimit['counts']; window: Window }> = [];

  /** Baseten says which limits are in force. What was sent before counts for a changed one, too. */
  tell(limits: readonly KnownLimit[]): void {
    const known = JSON.stringify(limits);
    if (known === this.known) return;
    this.known = known;
    const before = this.windows;
    this.windows = limits.map((limit) => {
      const at = before.findIndex(({ window }) => window.fits(limit));
      const [kept] = at === -1 ? [] : before.splice(at, 1);
      kept?.window.change(limit);
      return kept ?? { counts: limit.counts, window: new Window(limit) };
    });
  }

  /**
   * @param tokens that the request is thought to cost
   * @param overruled what has a limit that the user has set: that one counts
   * @returns when the request may start
   */
  freeAt(now: number, tokens: number, overruled: Record<KnownLimit['counts'], boolean>): number {
    return this.windows.reduce(
      (latest, { counts, window }) =>
        overruled[counts]
          ? latest
          : Math.max(latest, window.freeAt(now, counts === 'tokens' ? tokens : 1)),
      now,
    );
  }

  /** A request starts. @returns takes how many tokens it has cost in the end */
  take(now: number, tokens: number): (told: number) => void {
    const taken = this.windows.map(({ counts, window }) => {
      const sent = window.take(now, counts === 'tokens' ? tokens : 1);
      return (told: number) => {
        if (counts === 'tokens') window.correct(sent, told);
      };
    });
    return (told) => taken.forEach((correct) => correct(told));
  }
}
