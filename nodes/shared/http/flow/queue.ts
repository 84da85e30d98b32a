// Decisions: docs/decisions.md, "A rate limit is its key's".

import { onAbort } from '../../abort';
import type { Time } from '../../time';
import type { Concurrency, SentRequest } from './concurrency';
import { KnownRate, Rate } from './rate';
import { KnownLimits } from './window';

const MINUTE_MS = 60_000;
const TOO_MANY_REQUESTS = 429;
/** Who asks for a pause of so many milliseconds counts requests in a time, and not at a time. */
const LONG_PAUSE_MS = 2000;

/** A request that asks for its turn. */
export interface Asking {
  /** Whose request it is: the turns go round between runs. */
  run: object;
  /** What finds out how many may be in flight; nothing if something else limits that. */
  deployment?: Concurrency;
  /** The most requests that may start in a minute; 0 means no limit. */
  requestsPerMinute: number;
  /** The most tokens in a minute; 0 means no limit. */
  tokensPerMinute: number;
  /** How many tokens it is thought to cost. */
  tokens: number;
}

/** How a request ended, as far as it says something about limits. */
export type Ending =
  /** It succeeded. */
  | 'answered'
  /** It failed for a reason that has nothing to do with limits. */
  | 'failed'
  /** Nobody knows: it was stopped, or the connection was lost. */
  | 'unknown'
  /** It was refused, and perhaps the server asked for a pause, in milliseconds. */
  | { refused: number; pause?: number };

/** The turn of a request, which is on its way. */
export interface Turn {
  /** Ends it. Only the first call counts. */
  end(ending: Ending): void;
  /** Says what it has cost. @param tokens that its response tells */
  cost(tokens: number): void;
}

/** A request that waits. */
interface Waiting {
  asking: Asking;
  start(turn: Turn): void;
}

/** The requests of one run to one deployment that wait, the first one first. */
interface Line {
  run: object;
  deployment?: Concurrency;
  waiting: Set<Waiting>;
}

/**
 * Who goes next of the requests that share a rate limit. A request takes its turn when it comes,
 * and not before, so one that gives up leaves nothing behind. The turns go round between runs, so
 * one request is not behind a run with thousands. A request that can't start yet, because its
 * deployment has as many in flight as it takes or because of a limit that its user has set, lets
 * those of others go first. One timer wakes the queue when the next request can start, and none
 * runs while nobody waits.
 */
export class Queue {
  /** How fast requests may follow each other, as refusals have taught. */
  readonly rate = new Rate();
  /** The limits that Baseten says it has. One that the user has set takes the place of its kind. */
  readonly known = new KnownLimits();
  private readonly requests = new KnownRate();
  private readonly tokens = new KnownRate();

  /** Lines in which somebody waits, in the order of their turns. */
  private readonly lines = new Set<Line>();
  private readonly linesOfRun = new Map<object, Map<Concurrency | undefined, Line>>();
  private underWay = 0;
  private wake?: { at: number; stop: AbortController };

  /** @param time the clock that requests wait by */
  constructor(private readonly time: Time) {}

  /** Whether somebody waits here, or is on their way. */
  get isBusy(): boolean {
    return this.lines.size > 0 || this.underWay > 0;
  }

  /**
   * Waits for a turn.
   * @param signal gives up
   * @returns the turn, which the caller must end
   * @throws the signal's reason
   */
  async turn(asking: Asking, signal?: AbortSignal): Promise<Turn> {
    signal?.throwIfAborted();
    const now = this.time.elapsed();
    if (this.lines.size === 0 && this.startsAt(asking, now) <= now) return this.start(asking, now);
    return await new Promise<Turn>((resolve, reject) => {
      const waiting: Waiting = { asking, start: resolve };
      if (signal) {
        const ignore = onAbort(signal, () => {
          this.leave(waiting);
          reject(signal.reason as Error);
        });
        waiting.start = (turn) => {
          ignore();
          resolve(turn);
        };
      }
      this.enter(waiting);
    });
  }

  private enter(waiting: Waiting): void {
    const { run, deployment } = waiting.asking;
    const lines = this.linesOfRun.get(run) ?? new Map<Concurrency | undefined, Line>();
    const line = lines.get(deployment) ?? { run, deployment, waiting: new Set() };
    this.linesOfRun.set(run, lines.set(deployment, line));
    line.waiting.add(waiting);
    this.lines.add(line);
    this.startDue();
  }

  private leave(waiting: Waiting): void {
    const { run, deployment } = waiting.asking;
    const line = this.linesOfRun.get(run)?.get(deployment);
    if (!line?.waiting.delete(waiting)) return;
    if (line.waiting.size === 0) this.close(line);
    this.startDue();
  }

  private close(line: Line): void {
    this.lines.delete(line);
    const lines = this.linesOfRun.get(line.run);
    lines?.delete(line.deployment);
    if (lines?.size === 0) this.linesOfRun.delete(line.run);
  }

  /** Starts all requests that can start, and sees to it that the next one starts in time. */
  private startDue(): void {
    const now = this.time.elapsed();
    let next = this.startNext(now);
    while (next <= now) next = this.startNext(now);
    this.wakeAt(next);
  }

  /** Starts one request. @returns its start; if none can start, when one will */
  private startNext(now: number): number {
    const free = this.lines.size === 0 ? Infinity : this.rate.freeAt(now);
    if (free > now) return free;
    let next = Infinity;
    // Who waits for many tokens would wait for ever if those who need few went first.
    let tokensFrom = now;
    for (const line of this.lines) {
      for (const first of line.waiting) {
        const own = this.startsAt(first.asking, now);
        const sharesTokens = first.asking.tokensPerMinute === 0;
        const startsAt = sharesTokens ? Math.max(own, tokensFrom) : own;
        if (sharesTokens && own === this.tokensFreeAt(first.asking, now)) tokensFrom = startsAt;
        if (startsAt <= now) {
          this.takeOut(first, line);
          first.start(this.start(first.asking, now));
          return now;
        }
        next = Math.min(next, startsAt);
        break;
      }
    }
    return next;
  }

  /** Takes a request out of its line, which goes behind the others. */
  private takeOut(waiting: Waiting, line: Line): void {
    line.waiting.delete(waiting);
    if (line.waiting.size === 0) return this.close(line);
    this.lines.delete(line);
    this.lines.add(line);
  }

  /** @returns when a request may start; `Infinity` if another one must end first */
  private startsAt(asking: Asking, now: number): number {
    if (asking.deployment?.hasRoom === false) return Infinity;
    return Math.max(
      this.rate.freeAt(now),
      this.knownFreeAt(asking, now),
      asking.deployment?.freeAt(now) ?? now,
      asking.requestsPerMinute > 0 ? this.requests.freeAt : now,
      asking.tokensPerMinute > 0 ? this.tokens.freeAt : now,
    );
  }

  /** @returns when a request may start by the limits that Baseten has told */
  private knownFreeAt(asking: Asking, now: number): number {
    return this.known.freeAt(now, asking.tokens, {
      requests: asking.requestsPerMinute > 0,
      tokens: asking.tokensPerMinute > 0,
    });
  }

  /** @returns when so many tokens are left of what Baseten has told */
  private tokensFreeAt({ tokens }: Asking, now: number): number {
    return this.known.freeAt(now, tokens, { requests: true, tokens: false });
  }

  private start(asking: Asking, now: number): Turn {
    const { deployment, requestsPerMinute, tokensPerMinute } = asking;
    const sent = deployment?.send(now) ?? { sentAt: now, position: 0 };
    const shareOf = (tokens: number) => (tokens * MINUTE_MS) / tokensPerMinute;
    this.underWay++;
    this.rate.sent(now);
    const tellCost = this.known.take(now, asking.tokens);
    if (requestsPerMinute > 0) this.requests.take(now, MINUTE_MS / requestsPerMinute);
    if (tokensPerMinute > 0) this.tokens.take(now, shareOf(asking.tokens));
    let hasEnded = false;
    return {
      end: (ending) => {
        if (!hasEnded) this.end(deployment, sent, ending);
        hasEnded = true;
      },
      cost: (tokens) => {
        tellCost(tokens);
        if (tokensPerMinute > 0) this.tokens.correct(shareOf(tokens - asking.tokens));
      },
    };
  }

  private end(deployment: Concurrency | undefined, sent: SentRequest, ending: Ending): void {
    const now = this.time.elapsed();
    this.underWay--;
    if (typeof ending === 'object') {
      this.learn(deployment, sent, ending, now);
    } else {
      if (ending === 'answered') deployment?.answered(now, sent);
      else deployment?.ended(now, sent);
      if (ending === 'unknown') this.rate.ended(sent.sentAt);
      else this.rate.answered(now, sent.sentAt);
    }
    this.startDue();
  }

  /**
   * Learns from a refusal. It means too many at once, unless as many went well before. What a
   * deployment can't take is no reason to hold up another one.
   */
  private learn(
    deployment: Concurrency | undefined,
    sent: SentRequest,
    { refused, pause = 0 }: { refused: number; pause?: number },
    now: number,
  ): void {
    const isLimit = refused === TOO_MANY_REQUESTS;
    if (isLimit) this.rate.pauseUntil(now + pause);
    if (isLimit && (!deployment || pause >= LONG_PAUSE_MS || deployment.hasTaken(sent))) {
      deployment?.ended(now, sent);
      deployment?.takeCutBack(now);
      this.rate.refused(now, sent.sentAt, this.time.random());
    } else {
      deployment?.refused(now, sent, !isLimit);
      this.rate.ended(sent.sentAt);
    }
  }

  private wakeAt(at: number): void {
    if (this.wake?.at === at) return;
    this.wake?.stop.abort();
    this.wake = undefined;
    if (at === Infinity) return;
    const wake = { at, stop: new AbortController() };
    this.wake = wake;
    // Timers run for a millisecond at least.
    const milliseconds = Math.max(at - this.time.elapsed(), 1);
    void this.time.wait(milliseconds, wake.stop.signal).then(() => {
      if (this.wake !== wake) return;
      this.wake = undefined;
      this.startDue();
    });
  }
}
