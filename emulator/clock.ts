/**
 * The emulator's only source of time. Everything that takes time (queues, models, retries, scaling
 * to zero, rate limits, retention) waits on a clock, so that hours pass at once in a test.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits `ms` milliseconds. Rejects with the signal's reason as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Tells the clock of work that takes real time (a webhook's HTTP exchange). Returns the same
   * work. Absent on a clock that need not know.
   */
  track?<T>(work: Promise<T>): Promise<T>;
}

/** The machine's clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      // setTimeout fires at once if it is given more than 2^31-1 ms, which is 24 days.
      const timer = setTimeout(finish, Math.min(ms, 2 ** 31 - 1));
      function finish() {
        signal?.removeEventListener('abort', stop);
        resolve();
      }
      function stop() {
        clearTimeout(timer);
        reject(signal?.reason);
      }
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

/** A clock that a test moves. */
export interface ManualClock extends Clock {
  /**
   * Moves time on by `ms` milliseconds. Sleepers wake in the order of their deadlines. What one
   * sets off (microtasks, I/O callbacks, tracked work) happens before the next one wakes.
   */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time to pass. */
  flush(): Promise<void>;
  /** How many sleepers are waiting. */
  readonly pending: number;
}

interface Sleeper {
  due: number;
  sequence: number;
  wake: () => void;
}

/**
 * How long tracked work may hold the clock, in real ms. Some work never ends, like a POST to a
 * receiver that never responds.
 */
const TRACKED_WORK_PATIENCE_MS = 250;
/** Turns of the event loop in one flush: enough for what a sleeper sets off. */
const FLUSH_TURNS = 12;

/** A clock that stands still until it is moved. `start` is in milliseconds since the epoch. */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  let sequence = 0;
  const sleepers = new Set<Sleeper>();
  const tracked = new Set<Promise<unknown>>();

  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  async function flush() {
    await turns(FLUSH_TURNS);
    const giveUpAt = Date.now() + TRACKED_WORK_PATIENCE_MS;
    while (tracked.size > 0 && Date.now() < giveUpAt) {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise(
        (resolve) => (timer = setTimeout(resolve, giveUpAt - Date.now())),
      );
      await Promise.race([...tracked, patience]);
      clearTimeout(timer);
      await turns(FLUSH_TURNS);
    }
  }

  function earliest(until: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.due > until) continue;
      const isEarlier = !first || sleeper.due < first.due;
      if (isEarlier || (sleeper.due === first?.due && sleeper.sequence < first.sequence))
        first = sleeper;
    }
    return first;
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { due: now + Math.max(0, ms), sequence: sequence++, wake };
        function wake() {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
          resolve();
        }
        function stop() {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        }
        signal?.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      }),
    track: (work) => {
      const settled: Promise<unknown> = work.then(
        () => tracked.delete(settled),
        () => tracked.delete(settled),
      );
      tracked.add(settled);
      return work;
    },
    async advance(ms) {
      const until = now + ms;
      await flush();
      for (let next = earliest(until); next; next = earliest(until)) {
        now = Math.max(now, next.due);
        next.wake();
        await flush();
      }
      now = until;
    },
    flush,
    get pending() {
      return sleepers.size;
    },
  };
}
