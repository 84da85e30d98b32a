import type { Time } from '../../nodes/shared/time';

/**
 * A clock that jumps to the end of every wait. Its limits are real ones.
 * @param random what its `random` always gives
 * @returns the clock, with how long each wait was, in milliseconds
 */
export function fakeTime(random = 0): Time & { waits: number[] } {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    elapsed: () => now,
    random: () => random,
    limit: (milliseconds) => AbortSignal.timeout(Math.ceil(milliseconds)),
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds).unref();
      return () => clearTimeout(timer);
    },
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
}
