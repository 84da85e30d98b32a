// Decisions: docs/decisions.md, "A rate limit is its key's".

import { FirstAhead } from './firstAhead';

const MINUTE_SECONDS = 60;

/** The rate after a first refusal if too few answers came to know it: so many requests a second. */
const FIRST_RATE = 10;
const FEWEST_ANSWERS = 10;
/** What a refusal leaves of the rate, at most and at least. */
const SMALLEST_CUT = 0.95;
const DEEPEST_CUT = 0.5;
/** So many answers in so many seconds before a refusal tell that the rate was hardly too high. */
const ANSWERS_TO_BE_SURE = 20;
const SECONDS_TO_BE_SURE = 10;
/** The rate is not cut below this: so many requests a second. */
const SLOWEST_RATE = 0.2;
/** Refusals without an answer in between don't cut it below this if nothing is known about it. */
const SLOWEST_UNKNOWN_RATE = 2.5;

/** A pause that the server does not ask for is so many distances long at first, in these limits. */
const PAUSE_DISTANCES = 2;
const SHORTEST_PAUSE_MS = 50;
const FIRST_PAUSE_MS = 500;
/** Each refusal without an answer in between doubles it, up to this. */
const LONGEST_PAUSE_MS = 12_000;

/** After so many answers the rate is near the one that was refused: this part of it, if unsure. */
const ANSWERS_TO_COME_NEAR = 30;
const NEAR_IF_SURE = 0.95;
const NEAR_IF_UNSURE = 0.75;
/** After so many more without a refusal it has doubled. */
const ANSWERS_TO_DOUBLE = 90;
/** So many of the answers of a second count, and so many does a second without answers. */
const MOST_ANSWERS_A_SECOND = 6;
const ANSWERS_OF_A_SECOND = 0.25;
/** If requests may follow each other this fast, in milliseconds, nothing is limited any more. */
const SHORTEST_DISTANCE_MS = 0.1;
/** A timer that fires late does not hold up the requests after it, if it is not later than this. */
const LATE_MS = 50;

/**
 * How fast requests with one key may follow each other, after one was refused for a rate limit. A
 * refusal makes all of them pause, and the next one goes ahead alone. Then they keep a distance:
 * half as fast as before, or nearly as fast if that went well for long, but not slower than what
 * was answered on average. Refusals without an answer in between cut less, since they say nothing
 * about the rate. Every answer, and time by itself, shortens the distance again: soon nearly to
 * what was refused, slowly beyond that, then faster and faster, until nothing is held up any more.
 *
 * All times are milliseconds of one clock that never goes back.
 */
export class Rate {
  private pausedUntil = -Infinity;
  /** When the distance to the last request is kept. */
  private free = -Infinity;

  /** Requests a second when they were cut last; nothing is limited without it. */
  private base?: number;
  /** What it comes near soon, and goes beyond slowly: a little less than what was refused. */
  private near = 0;
  private cutAt = -Infinity;
  /** Answers since then, or since the first request of all. */
  private answers = 0;
  private answersSince?: number;
  private readonly lastMinute = new LastMinute();
  private sentSinceCut = 0;
  /** Refusals since the last answer. */
  private failures = 0;

  private readonly first = new FirstAhead();

  /** @returns how many requests a minute may start; `Infinity` if nothing limits them */
  perMinute(now: number): number {
    return 60_000 / this.distance(now);
  }

  /** @returns when the next request may start */
  freeAt(now: number): number {
    const free = this.distance(now) > 0 ? this.free : now;
    return Math.max(this.pausedUntil, this.first.freeAt(now), free);
  }

  /** A request is sent. */
  sent(now: number): void {
    this.answersSince ??= now;
    this.sentSinceCut++;
    this.first.sent(now);
    this.free = Math.max(this.free, now - LATE_MS) + this.distance(now);
  }

  /** A request was answered, and not refused for a limit. @param sentAt when it was sent */
  answered(now: number, sentAt: number): void {
    this.answers++;
    this.lastMinute.add(now);
    if (sentAt >= this.cutAt) this.failures = 0;
    this.ended(sentAt);
  }

  /** A request has ended, in whatever way. @param sentAt when it was sent */
  ended(sentAt: number): void {
    this.first.ended(sentAt);
  }

  /** The server asked for a pause. @param end when it is over */
  pauseUntil(end: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, end);
  }

  /**
   * A request was refused because requests follow each other too fast. One that was sent before the
   * last such refusal says nothing new.
   * @param sentAt when it was sent
   * @param random from 0 up to 1, so that several processes don't come back together
   */
  refused(now: number, sentAt: number, random: number): void {
    if (sentAt <= this.cutAt) return;
    // If it was the only request since the last refusal, it says nothing about the rate.
    this.cut(now);
    this.sentSinceCut = 0;
    this.cutAt = now;
    this.answersSince = now;
    this.answers = 0;
    const first = Math.max(PAUSE_DISTANCES * this.distance(now), SHORTEST_PAUSE_MS);
    const pause = Math.min(first, FIRST_PAUSE_MS) * 2 ** this.failures++;
    this.pauseUntil(now + Math.min(pause, LONGEST_PAUSE_MS) * (0.5 + random / 2));
    this.free = this.pausedUntil;
    this.first.refused(now, sentAt);
  }

  private cut(now: number): void {
    const inLastMinute = this.lastMinute.count(now);
    // A pause that was asked for is part of what the limit gives on average.
    const end = Math.max(now, this.pausedUntil);
    const seconds = Math.max(end - (this.answersSince ?? now), 1) / 1000;
    const seen = Math.max(this.answers / seconds, inLastMinute / MINUTE_SECONDS);
    const before = this.perMinute(now) / MINUTE_SECONDS;
    if (before === Infinity) {
      const known = this.answers < FEWEST_ANSWERS ? Math.max(seen, FIRST_RATE) : seen;
      this.base = SMALLEST_CUT * known;
      this.near = this.base;
    } else if (this.failures > 0 && this.sentSinceCut <= 1) {
      // Everything is refused: that may last, or have nothing to do with how fast requests come.
      const known = inLastMinute < FEWEST_ANSWERS ? SLOWEST_UNKNOWN_RATE : seen;
      this.base = Math.min(before, Math.max(before * DEEPEST_CUT, known));
      this.near *= NEAR_IF_UNSURE;
    } else {
      const sure = Math.min(this.answers / ANSWERS_TO_BE_SURE, seconds / SECONDS_TO_BE_SURE, 1);
      const between = (unsure: number, certain: number) => unsure + (certain - unsure) * sure;
      const cut = Math.max(before * between(DEEPEST_CUT, SMALLEST_CUT), seen);
      this.base = Math.max(Math.min(before * SMALLEST_CUT, cut), SLOWEST_RATE);
      this.near = before * between(NEAR_IF_UNSURE, NEAR_IF_SURE);
    }
  }

  /** @returns milliseconds between two requests; 0 if nothing limits them */
  private distance(now: number): number {
    if (this.base === undefined) return 0;
    const seconds = (now - this.cutAt) / 1000;
    const answers = Math.min(this.answers, seconds * MOST_ANSWERS_A_SECOND);
    const eased = answers + seconds * ANSWERS_OF_A_SECOND;
    const near = Math.max(this.near, this.base);
    const missing = Math.max(1 - eased / ANSWERS_TO_COME_NEAR, 0) ** 3;
    const beyond = Math.max(eased - ANSWERS_TO_COME_NEAR, 0) / ANSWERS_TO_DOUBLE;
    const perSecond = (near - (near - this.base) * missing) * (1 + beyond ** 2);
    const distance = 1000 / perSecond;
    if (distance >= SHORTEST_DISTANCE_MS) return distance;
    this.base = undefined;
    return 0;
  }
}

/** Counts what happened in the last minute, second by second. */
class LastMinute {
  private readonly counts = new Array<number>(MINUTE_SECONDS).fill(0);
  private second = -Infinity;

  add(now: number): void {
    this.moveTo(now);
    const slot = this.second % MINUTE_SECONDS;
    this.counts[slot] = (this.counts[slot] ?? 0) + 1;
  }

  count(now: number): number {
    this.moveTo(now);
    return this.counts.reduce((sum, each) => sum + each, 0);
  }

  /** Empties the seconds that begin. */
  private moveTo(now: number): void {
    const second = Math.floor(now / 1000);
    const first = Math.max(this.second + 1, second - MINUTE_SECONDS + 1);
    for (let each = first; each <= second; each++) this.counts[each % MINUTE_SECONDS] = 0;
    this.second = Math.max(this.second, second);
  }
}

/**
 * How fast requests may follow each other under a limit that the user has set. Each takes its share
 * of a minute, and the next one starts when that is over, so the limit holds in any minute.
 */
export class KnownRate {
  /** When the next request may start. */
  freeAt = -Infinity;

  /** A request is sent. @param share what it takes of a minute, in milliseconds */
  take(now: number, share: number): void {
    this.freeAt = Math.max(this.freeAt, now) + share;
  }

  /** A request has taken more than was thought, or less. @param share in milliseconds */
  correct(share: number): void {
    this.freeAt += share;
  }
}
