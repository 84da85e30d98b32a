import type { Time } from '../time';

/** What all requests to one host share, so that a rate limit slows them down together. */
export interface Pace {
  /** Waits until a request may start; returns at once while the host has set no limit. */
  turn(signal?: AbortSignal): Promise<void>;
  /**
   * The host refused a request for its rate limit.
   * @param begun when that request was sent, in milliseconds since 1970
   * @param pause milliseconds in which nothing more is sent
   */
  slowDown(begun: number, pause: number): void;
  /** The host answered: the next requests may come a little faster. */
  speedUp(): void;
}

/** Milliseconds between two starts after a first refusal; each further one doubles it. */
const FIRST_DISTANCE_MS = 50;
const LONGEST_DISTANCE_MS = 5_000;
/** What an answer leaves of the distance. */
const EASING = 0.95;
/** Below this distance a limit is forgotten. */
const SHORTEST_DISTANCE_MS = 1;

const paces = new WeakMap<Time, Map<string, Pace>>();

/** @returns the pace of a host, the same for every caller in this process */
export function paceOf(host: string, time: Time): Pace {
  const hosts = paces.get(time) ?? new Map<string, Pace>();
  paces.set(time, hosts);
  const pace = hosts.get(host) ?? createPace(time);
  hosts.set(host, pace);
  return pace;
}

function createPace(time: Time): Pace {
  let distance = 0;
  /** When the next request may start. */
  let free = 0;
  let pausedUntil = 0;
  let limitedAt = -Infinity;

  return {
    async turn(signal) {
      while (distance > 0 || free > time.now()) {
        const now = time.now();
        const start = Math.max(now, free);
        free = start + distance;
        if (start === now) return;
        const limit = limitedAt;
        await time.wait(start - now, signal);
        // A limit that was told meanwhile holds for those who wait, too.
        if (signal?.aborted || (limit === limitedAt && time.now() >= pausedUntil)) return;
      }
    },
    slowDown(begun, pause) {
      const now = time.now();
      pausedUntil = Math.max(pausedUntil, now + pause);
      // What was in flight when the limit was told says nothing new about it.
      if (begun < limitedAt) {
        free = Math.max(free, pausedUntil);
        return;
      }
      // Those who wait queue anew, so the places they had are free.
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
