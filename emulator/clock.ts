/**
 * The emulator's only source of time. Everything that waits (queues, model time, backoff, scale to zero, rate
 * limit windows, retention) waits on a clock, so that a test can move hours in no time.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits `ms` milliseconds; rejects with the signal's reason as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Tells the clock of work that runs outside it (a webhook's HTTP exchange), for a clock that has to wait
   * for it.
   */
  track?<T>(work: Promise<T>): Promise<T>;
}

/** The machine's clock. A pending sleep keeps no process alive longer than the server itself does. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      // setTimeout fires at once beyond 2^31-1 ms; 24 days are long enough for an emulator.
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

export interface ManualClock extends Clock {
  /**
   * Moves time on by `ms` milliseconds, waking sleepers in the order of their deadlines and letting what they
   * set off (microtasks, I/O callbacks, tracked work) happen before the next one wakes.
   */
  advance(ms: number): Promise<void>;
  /** Lets everything that can happen without time passing happen. */
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
 * Tracked work that never ends (a receiver that never answers) may hold time still for this long, in real ms.
 */
const TRACKED_WORK_PATIENCE_MS = 250;
const FLUSH_TURNS = 12;

/** A clock that stands still until told to move. `start` is in milliseconds since the epoch. */
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
