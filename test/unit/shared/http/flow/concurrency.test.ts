import { Concurrency } from '../../../../../nodes/shared/http/flow/concurrency';
import { Queue } from '../../../../../nodes/shared/http/flow/queue';
import { sendAll, type SimulatedResult } from '../../../../support/flow';
import {
  SimulatedDeployment,
  type DeploymentSettings,
} from '../../../../support/simulatedDeployment';
import { Simulation } from '../../../../support/simulation';

/** A deployment, and what is known of it. */
function meet(settings: DeploymentSettings, seed = 1) {
  const time = new Simulation(seed);
  const deployment = new SimulatedDeployment(time, settings);
  const level = new Concurrency();
  const queue = new Queue(time);
  const run = async (items: number, onAnswer?: (answers: number) => void) =>
    await time.until(sendAll({ time, queue, deployment, items, level, onAnswer }));
  return { time, deployment, level, queue, run };
}

/** The time of a second run with the best fixed number in flight, in milliseconds. */
async function best(settings: DeploymentSettings, items: number, seed = 1): Promise<number> {
  let least = Infinity;
  for (const fixed of [1, 2, 4, 8, 16, 32, 64, 128, 256]) {
    const time = new Simulation(seed);
    const deployment = new SimulatedDeployment(time, settings);
    const run = async () =>
      await time.until(sendAll({ time, queue: new Queue(time), deployment, items, fixed }));
    await run();
    const { took, failed } = await run();
    if (failed === 0) least = Math.min(least, took);
  }
  return least;
}

/** What 9 of 10 requests waited at most in the deployment's queue, in milliseconds. */
function mostWaited({ waits }: SimulatedDeployment): number {
  const sorted = [...waits].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.9)] ?? 0;
}

const share = ({ refused, sent }: SimulatedResult) => refused / sent;

const WIDE = { slots: 64, milliseconds: 100 };

describe('a wide deployment', () => {
  test('is used three times as well as with 8 in flight on the first run', async () => {
    const { run } = meet(WIDE);
    const { took } = await run(600);
    expect(took).toBeLessThan((600 / 8) * 100 * 0.33);
  });

  test('is used as well as by the best fixed number on the second run', async () => {
    const { run } = meet(WIDE);
    await run(600);
    const { took } = await run(600);
    expect((await best(WIDE, 600)) / took).toBeGreaterThan(0.9);
  });

  test('whose times vary a lot is used at least 0.6 times as well on the second run', async () => {
    const settings = { ...WIDE, sigma: 0.8 };
    for (const seed of [1, 2, 3, 4, 5]) {
      const least = await best(settings, 600, seed);
      const { run } = meet(settings, seed);
      await run(600);
      expect(least / (await run(600)).took).toBeGreaterThan(0.6);
    }
  });

  test('never gets more than 256 at once', async () => {
    const { level, run } = meet({ slots: 5000, milliseconds: 500 });
    let highest = 0;
    await run(6000, () => (highest = Math.max(highest, level.level)));
    expect(highest).toBe(256);
  });
});

describe('a few items', () => {
  test.each([1, 8, 23])('%i of them are sent as with 8 in flight', async (items) => {
    const automatic = meet(WIDE);
    const { sentAt } = await automatic.run(items);
    const time = new Simulation();
    const deployment = new SimulatedDeployment(time, WIDE);
    const fixed = await time.until(
      sendAll({ time, queue: new Queue(time), deployment, items, fixed: 8 }),
    );
    expect(sentAt).toStrictEqual(fixed.sentAt);
  });
});

describe('a narrow deployment', () => {
  const settings = { slots: 4, milliseconds: 50 };

  test('is used fully, and nobody waits long in its queue', async () => {
    const { deployment, run } = meet(settings);
    const { took } = await run(200);
    expect((await best(settings, 200)) / took).toBeGreaterThan(0.9);
    expect(mostWaited(deployment)).toBeLessThanOrEqual(300);
  });

  test('that works on one at a time gets no fewer than 8, since nothing was refused', async () => {
    const { level, run } = meet({ slots: 1, milliseconds: 50, sigma: 0.8 });
    let lowest = Infinity;
    await run(2000, () => (lowest = Math.min(lowest, level.level)));
    expect(lowest).toBe(8);
    expect(level.level).toBeLessThan(33);
  });
});

test('the level settles near what a deployment works on, and does not drift away', async () => {
  const { level, run } = meet({ slots: 32, milliseconds: 100 });
  const levels: number[] = [];
  await run(10_000, () => levels.push(level.level));
  const settled = levels.slice(2000).sort((one, other) => one - other);
  expect(settled[Math.floor(settled.length / 2)]).toBeLessThanOrEqual(48);
  expect(settled.at(-1)).toBeLessThanOrEqual(96);
  expect(settled[0]).toBeGreaterThanOrEqual(21);
});

describe('replicas that come and go', () => {
  test('the level follows when they double, within 5 seconds of work', async () => {
    const { time, deployment, level, run } = meet({ slots: 16, milliseconds: 100 });
    let doubledAt = Infinity;
    let followedAt = Infinity;
    await run(4000, (answers) => {
      if (answers === 1000) {
        deployment.resize(32);
        doubledAt = time.elapsed();
      }
      if (answers > 1000 && level.level >= 30) followedAt = Math.min(followedAt, time.elapsed());
    });
    expect(followedAt - doubledAt).toBeLessThan(5000);
  });

  test('the level comes down when most of them go', async () => {
    const { deployment, level, run } = meet({ slots: 64, milliseconds: 100 });
    await run(3000);
    expect(level.level).toBeGreaterThanOrEqual(60);
    deployment.resize(8);
    await run(4000);
    expect(level.level).toBeLessThanOrEqual(24);
  });

  test('the level comes down within 8 seconds of work when half of them go', async () => {
    const { time, deployment, level, run } = meet({ slots: 32, milliseconds: 100 });
    await run(3000);
    expect(level.level).toBeGreaterThanOrEqual(30);
    deployment.resize(16);
    const goneAt = time.elapsed();
    let downAt = Infinity;
    await run(3000, () => {
      if (level.level <= 24) downAt = Math.min(downAt, time.elapsed());
    });
    expect(downAt - goneAt).toBeLessThan(8000);
  });
});

describe('a deployment that refuses what it can not begin', () => {
  test.each([
    [8, 50],
    [4, 50],
    [2, 50],
    [32, 100],
    [64, 100],
  ])('above %i: everything is answered, with few refusals', async (slots, milliseconds) => {
    const { run } = meet({ slots, milliseconds, refuses: true });
    const first = await run(300);
    const second = await run(300);
    expect([first.failed, second.failed]).toStrictEqual([0, 0]);
    expect(share(first)).toBeLessThan(0.15);
    expect(share(second)).toBeLessThan(0.15);
  });

  test.each([
    [8, 50],
    [32, 100],
  ])('above %i is used 0.8 times as well as by the best number', async (slots, milliseconds) => {
    const settings = { slots, milliseconds, refuses: true };
    const { run } = meet(settings);
    await run(300);
    expect((await best(settings, 2000)) / (await run(2000)).took).toBeGreaterThan(0.8);
  });

  test('is not asked for the refused level again within 30 seconds', async () => {
    const { time, deployment, level, run } = meet({ slots: 20, milliseconds: 50, refuses: true });
    let refusedAt: number | undefined;
    let highest = 0;
    await run(12_000, () => {
      if (deployment.refusals > 0) refusedAt ??= time.elapsed();
      const since = time.elapsed() - (refusedAt ?? Infinity);
      if (since > 0 && since < 25_000) highest = Math.max(highest, level.level);
    });
    expect(highest).toBeLessThanOrEqual(28);
  });
});

describe('a refusal', () => {
  const sent = (level: Concurrency, count: number, now = 0) =>
    Array.from({ length: count }, () => level.send(now));

  test('cuts the level once, however many were in flight with it', () => {
    const level = new Concurrency();
    level.level = 40;
    const requests = sent(level, 40);
    for (const each of requests.slice(0, 30)) level.refused(10, each);
    expect(level.level).toBe(20);
  });

  test('leaves as many as were not refused', () => {
    const level = new Concurrency();
    level.level = 16;
    const requests = sent(level, 16);
    for (const each of requests.slice(0, 5)) level.refused(10, each);
    expect(level.level).toBe(11);
  });

  test('below 8 the level goes back up one by one, as far as nothing is refused', () => {
    const level = new Concurrency();
    for (const each of sent(level, 8)) level.refused(0, each);
    expect(level.level).toBe(4);
    for (let now = 40_000; level.level < 8; now += 100) {
      const before = level.level;
      for (const each of sent(level, before, now)) level.answered(now + 50, each);
      expect(level.level - before).toBeLessThanOrEqual(1);
    }
    expect(level.level).toBe(8);
  });

  test('a cut that had another reason is taken back', () => {
    const level = new Concurrency();
    for (const each of sent(level, 8)) level.refused(0, each);
    level.takeCutBack(10);
    expect(level.level).toBe(8);
  });
});
