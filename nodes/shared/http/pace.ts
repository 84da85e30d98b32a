// Decisions: docs/decisions.md, "A rate limit slows down its whole host".

import type { Time } from '../time';

/**
 * How fast requests to one host may follow each other. All share it, so that a limit slows all
 * down.
 */
export interface Pace {
  /** Waits until a request may start. It returns at once if the host has not set a limit. */
  turn(signal?: AbortSignal): Promise<void>;
  /**
   * The host refused a request for its rate limit.
   * @param begun when that request was sent, in milliseconds of the clock's `elapsed`
   * @param pause milliseconds in which nothing more is sent
   */
  slowDown(begun: number, pause: number): void;
  /** The host took a request, so the next ones may follow a little faster. */
  speedUp(): void;
}

/** Milliseconds between two starts after a first refusal; each further one doubles it. */
const FIRST_DISTANCE_MS = 50;
const LONGEST_DISTANCE_MS = 5_000;
/** The part of the distance that is left after each success. */
const EASING = 0.95;
/** Below this distance a limit is forgotten. */
const SHORTEST_DISTANCE_MS = 1;

/**
 * Makes the pace of a host, which is at full speed.
 * @param time the clock that requests wait by
 */
export function createPace(time: Time): Pace {
  let distance = 0;
  /** When the next request may start. */
  let free = 0;
  let pausedUntil = 0;
  let limitedAt = -Infinity;

  return {
    async turn(signal) {
      while (distance > 0 || free > time.elapsed()) {
        const now = time.elapsed();
        const start = Math.max(now, free);
        free = start + distance;
        if (start === now) return;
        const limit = limitedAt;
        await time.wait(start - now, signal);
        // A limit that the host set meanwhile holds for a request that waits, too.
        if (signal?.aborted || (limit === limitedAt && time.elapsed() >= pausedUntil)) return;
      }
    },
    slowDown(begun, pause) {
      const now = time.elapsed();
      pausedUntil = Math.max(pausedUntil, now + pause);
      // A request that was in flight when the host set its limit says nothing new about it.
      if (begun < limitedAt) {
        free = Math.max(free, pausedUntil);
        return;
      }
      // Requests that wait will queue again, so their places are free.
      free = pausedUntil;
      limitedAt = now;
      distance = Math.min(Math.max(distance * 2, FIRST_DISTANCE_MS), LONGEST_DISTANCE_MS);
    },
    speedUp() {
      distance *= EASING;
      if (distance < SHORTEST_DISTANCE_MS) distance = 0;
    },
  };
}
