import { KnownRate, Rate } from '../../../../../nodes/shared/http/flow/rate';
import { Concurrency } from '../../../../../nodes/shared/http/flow/concurrency';
import { Queue } from '../../../../../nodes/shared/http/flow/queue';
import { sendAll } from '../../../../support/flow';
import { SimulatedDeployment, type RateLimit } from '../../../../support/simulatedDeployment';
import { Simulation } from '../../../../support/simulation';

/** Sends items to a deployment with a limit of requests a minute. */
async function underLimit(
  limit: RateLimit,
  { items = 400, milliseconds = 50, fixed = false, seed = 1 } = {},
) {
  const time = new Simulation(seed);
  const deployment = new SimulatedDeployment(time, { slots: 1000, milliseconds, limit });
  const level = fixed ? undefined : new Concurrency();
  const queue = new Queue(time);
  const result = await time.until(sendAll({ time, queue, deployment, items, level }));
  const least = (items / limit.perMinute) * 60_000;
  return { ...result, used: least / result.took, share: result.refused / result.sent };
}

/** Answers requests one after the other, as soon as they may start. @returns when each started */
function starts(rate: Rate, count: number, now: number): number[] {
  return Array.from({ length: count }, () => {
    now = Math.max(now, rate.freeAt(now));
    rate.sent(now);
    rate.answered(now, now);
    return now;
  });
}

describe('a lasting limit of 120 requests a minute', () => {
  const kinds = ['sliding', 'fixed', 'bucket'] as const;
  const cases = kinds.flatMap((kind) =>
    [true, false].flatMap((saysPause) =>
      [true, false].map((fixed) => [kind, saysPause, fixed] as const),
    ),
  );

  test.each(cases)(
    'is used well, with few refusals: %s, says the pause: %s, fixed number in flight: %s',
    async (kind, saysPause, fixed) => {
      let refused = 0;
      let sent = 0;
      for (const seed of [1, 2, 3, 4, 5]) {
        const run = await underLimit({ perMinute: 120, kind, saysPause }, { fixed, seed });
        expect(run.failed).toBe(0);
        expect(run.used).toBeGreaterThan(0.85);
        refused += run.refused;
        sent += run.sent;
      }
      expect(refused / sent).toBeLessThan(0.1);
    },
  );

  test.each(kinds)('is used well if a response takes 3 seconds: %s', async (kind) => {
    const run = await underLimit({ perMinute: 120, kind }, { milliseconds: 3000, fixed: true });
    expect(run.used).toBeGreaterThan(0.85);
    expect(run.share).toBeLessThan(0.1);
  });
});

test.each([true, false])(
  'a limit that lets no two requests through at once is used well, says the pause: %s',
  async (saysPause) => {
    for (const milliseconds of [50, 2000]) {
      const limit = { perMinute: 120, kind: 'bucket', burst: 1, saysPause } as const;
      const run = await underLimit(limit, { milliseconds });
      expect(run.failed).toBe(0);
      expect(run.used).toBeGreaterThan(0.85);
      expect(run.share).toBeLessThan(0.1);
    }
  },
);

test.each([600, 1200, 6000])(
  'a lasting limit of %i a minute is used well',
  async (perMinute) => {
    for (const kind of ['sliding', 'bucket'] as const) {
      const limit = { perMinute, kind };
      const run = await underLimit(limit, { items: perMinute * 3, milliseconds: 100 });
      expect(run.used).toBeGreaterThan(0.85);
      expect(run.share).toBeLessThan(0.1);
    }
  },
  // 36,000 requests are simulated, which takes a busy machine a while.
  60_000,
);

describe('after a refusal', () => {
  /** A rate that has answered for a while, 20 requests a second, and is then refused. */
  function refusedAt(now: number): Rate {
    const rate = new Rate();
    for (let at = 0; at < now; at += 50) {
      rate.sent(at);
      rate.answered(at, at);
    }
    rate.sent(now);
    rate.refused(now + 1, now, 0);
    return rate;
  }

  test('all make a pause, and one request goes ahead until it is answered', () => {
    const rate = refusedAt(10_000);
    const first = rate.freeAt(10_001);
    expect(first).toBeGreaterThan(10_001 + 40);
    rate.sent(first);
    expect(rate.freeAt(first + 10)).toBeGreaterThanOrEqual(first + 50);
    rate.answered(first + 20, first);
    expect(rate.freeAt(first + 20)).toBeLessThan(first + 60);
  });

  test('requests keep a distance that is no longer than that of the answers before', () => {
    const rate = refusedAt(10_000);
    const [first = 0, second = 0, third = 0] = starts(rate, 3, 10_001);
    expect(third - second).toBeGreaterThan(45);
    expect(third - first).toBeLessThan(120);
  });

  test('refusals of requests that were sent before it teach nothing new', () => {
    const [one, other] = [refusedAt(10_000), refusedAt(10_000)];
    for (let late = 0; late < 50; late++) one.refused(10_002, 9_990, 0);
    expect(starts(one, 5, 10_003)).toStrictEqual(starts(other, 5, 10_003));
  });

  test('eight hours later nothing is held up any more', () => {
    const rate = refusedAt(10_000);
    for (let more = 0; more < 10; more++) {
      const at = rate.freeAt(20_000);
      rate.sent(at);
      rate.refused(at + 1, at, 0);
    }
    const now = 10_000 + 8 * 3_600_000;
    const begun = starts(rate, 50, now);
    expect((begun.at(-1) ?? Infinity) - now).toBeLessThan(10_000);
  });

  test('every answer makes it faster, until nothing is held up', () => {
    const rate = refusedAt(10_000);
    const begun = starts(rate, 4000, 10_001);
    const distances = begun.slice(2).map((at, index) => at - (begun[index + 1] ?? 0));
    expect(distances[0]).toBeGreaterThan(45);
    expect(distances.at(-1)).toBeLessThan(5);
  });

  test('each further refusal without an answer doubles the pause, up to 12 seconds', () => {
    const rate = refusedAt(10_000);
    let now = 10_001;
    const pauses: number[] = [];
    for (let refusal = 0; refusal < 12; refusal++) {
      const at = rate.freeAt(now);
      pauses.push(at - now);
      rate.sent(at);
      now = at + 1;
      rate.refused(now, at, 1);
    }
    expect(Math.max(...pauses)).toBeCloseTo(12_000);
    for (let each = 2; each < pauses.length; each++)
      expect(pauses[each]).toBeGreaterThan((pauses[each - 1] ?? 0) - 1);
  });

  test('a burst of refusals alone does not make what comes after it crawl', () => {
    const rate = refusedAt(10_000);
    let now = 10_001;
    for (let refusal = 0; refusal < 240; refusal++) {
      const at = rate.freeAt(now);
      rate.sent(at);
      now = at + 1;
      rate.refused(now, at, 1);
    }
    const begun = starts(rate, 50, now);
    expect((begun.at(-1) ?? Infinity) - now).toBeLessThan(45_000);
  });

  test('a request that is stopped does not hold up the others behind it', () => {
    const rate = refusedAt(10_000);
    const first = rate.freeAt(10_001);
    rate.sent(first);
    rate.ended(first);
    expect(rate.freeAt(first + 1)).toBeLessThan(first + 60);
  });
});

test('a pause that was asked for holds, and a shorter one does not end it', () => {
  const rate = new Rate();
  rate.pauseUntil(8000);
  rate.pauseUntil(2000);
  expect(rate.freeAt(1000)).toBe(8000);
});

describe('a limit that the user has set', () => {
  test('lets requests start evenly spaced', () => {
    const known = new KnownRate();
    const begun = Array.from({ length: 4 }, () => {
      const now = Math.max(0, known.freeAt);
      known.take(now, 500);
      return now;
    });
    expect(begun).toStrictEqual([0, 500, 1000, 1500]);
  });

  test('does not make up for a slow start by a burst later', () => {
    const known = new KnownRate();
    known.take(0, 1000);
    known.take(5000, 1000);
    expect(known.freeAt).toBe(6000);
  });

  test('is corrected by what a request has cost in the end', () => {
    const known = new KnownRate();
    known.take(0, 1000);
    known.correct(500);
    expect(known.freeAt).toBe(1500);
    known.correct(-1200);
    expect(known.freeAt).toBe(300);
  });
});
