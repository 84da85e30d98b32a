import { createPace, type Pace } from '../../../../nodes/shared/http/pace';
import { HttpState } from '../../../../nodes/shared/http/state';
import { fakeTime } from '../../../support/clock';

/** Asks for turns one after the other. @returns milliseconds after which each turn came */
async function starts(count: number, pace: Pace, time: ReturnType<typeof fakeTime>) {
  const begun = time.now();
  const at: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    await pace.turn();
    at.push(time.now() - begun);
  }
  return at;
}

test('requests to a host without a limit do not wait', async () => {
  const time = fakeTime();
  expect(await starts(3, createPace(time), time)).toStrictEqual([0, 0, 0]);
});

test('after a limit nothing starts during its pause, then requests start at a distance', async () => {
  const time = fakeTime();
  const pace = createPace(time);
  pace.slowDown(time.now(), 1000);
  expect(await starts(4, pace, time)).toStrictEqual([1000, 1050, 1100, 1150]);
});

test('requests that were in flight together count as one refusal; a later one doubles the distance', async () => {
  const time = fakeTime();
  const pace = createPace(time);
  const begun = time.now();
  await time.wait(10);
  for (let refused = 0; refused < 8; refused++) pace.slowDown(begun, 0);
  expect(await starts(3, pace, time)).toStrictEqual([0, 50, 100]);
  pace.slowDown(time.now(), 1000);
  expect(await starts(3, pace, time)).toStrictEqual([1000, 1100, 1200]);
});

test('responses shorten the distance again, until the limit is forgotten', async () => {
  const time = fakeTime();
  const pace = createPace(time);
  pace.slowDown(time.now(), 0);
  const distances: number[] = [];
  for (let response = 0; response < 100; response++) {
    const [first = 0, second = 0] = await starts(2, pace, time);
    distances.push(second - first);
    pace.speedUp();
  }
  expect(distances[0]).toBe(50);
  expect(distances[99]).toBe(0);
  expect([...distances].sort((a, b) => b - a)).toStrictEqual(distances);
});

test('a limit that is met while others wait holds for them, too', async () => {
  const time = fakeTime();
  const pace = createPace(time);
  pace.slowDown(time.now(), 1000);
  const { wait } = time;
  let isFirst = true;
  time.wait = async (milliseconds) => {
    await wait(milliseconds);
    if (isFirst) pace.slowDown(time.now(), 5000);
    isFirst = false;
  };
  expect(await starts(1, pace, time)).toStrictEqual([6000]);
});

test('requests that wait when a new limit is met get new places in the queue', async () => {
  let now = 0;
  let waiting: Array<{ until: number; resolve: () => void }> = [];
  const wait = (ms: number) =>
    new Promise<void>((resolve) => waiting.push({ until: now + ms, resolve }));
  const pace = createPace({ ...fakeTime(), elapsed: () => now, wait });
  const begun: number[] = [];
  pace.slowDown(now, 1000);
  const turns = Array.from({ length: 4 }, async () => {
    await pace.turn();
    begun.push(now);
  });
  now = 10;
  pace.slowDown(now, 1500);
  while (begun.length < turns.length) {
    now = Math.min(...waiting.map(({ until }) => until));
    const due = waiting.filter(({ until }) => until <= now);
    waiting = waiting.filter(({ until }) => until > now);
    for (const { resolve } of due) resolve();
    await new Promise(setImmediate);
  }
  expect(begun).toStrictEqual([1510, 1610, 1710, 1810]);
});

test('a longer pause that a request in flight meets holds for those who wait, too', async () => {
  const time = fakeTime();
  const pace = createPace(time);
  const begun = time.now();
  await time.wait(10);
  pace.slowDown(begun, 1000);
  const { wait } = time;
  let isFirst = true;
  time.wait = async (milliseconds) => {
    await wait(milliseconds);
    if (isFirst) pace.slowDown(begun, 60_000);
    isFirst = false;
  };
  expect(await starts(1, pace, time)).toStrictEqual([61_000]);
});

test('each host has its own limit, and all requests to a host share it', () => {
  const time = fakeTime();
  const state = new HttpState(time);
  expect(state.paceOf('a')).toBe(state.paceOf('a'));
  expect(state.paceOf('a')).not.toBe(state.paceOf('b'));
});
