import { realTime } from '../../../nodes/shared/time';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('hundreds may wait on one signal, which ends every wait without a warning', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  const stop = new AbortController();
  const waits = Array.from({ length: 300 }, async () => await realTime.wait(500, stop.signal));
  stop.abort();
  await Promise.all(waits);
  await realTime.wait(500, stop.signal);
  await new Promise(setImmediate);
  process.off('warning', note);
  expect(warnings).toStrictEqual([]);
});

test('waits that were given up leave at most one timer behind', async () => {
  const before = timers();
  for (let each = 0; each < 2000; each++) {
    const stop = new AbortController();
    const waiting = realTime.wait(600_000, stop.signal);
    stop.abort();
    await waiting;
  }
  expect(timers()).toBeLessThanOrEqual(before + 1);
});

test('each wait ends at its own time, whatever the order in which they began', async () => {
  const ended: string[] = [];
  const begun = performance.now();
  const note = async (name: string, milliseconds: number) => {
    await realTime.wait(milliseconds);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(milliseconds - 1);
    ended.push(name);
  };
  await Promise.all([note('last', 40), note('first', 2), note('middle', 20), note('none', 0)]);
  expect(ended).toStrictEqual(['none', 'first', 'middle', 'last']);
});

test('a wait that is longer than Node’s longest timer does not end at once', async () => {
  const stop = new AbortController();
  let isOver = false;
  const waiting = realTime.wait(2 ** 31 + 5, stop.signal).then(() => (isOver = true));
  await realTime.wait(5);
  expect(isOver).toBe(false);
  stop.abort();
  await waiting;
});

test('waits and time limits do not follow the machine’s clock when it is set back', async () => {
  const begun = realTime.elapsed();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
  await realTime.wait(2);
  expect(realTime.elapsed()).toBeGreaterThan(begun);
  clock.mockRestore();
});

test('a fraction of a millisecond, a negative time and NaN are taken', async () => {
  for (const milliseconds of [0.3456, -1, Number.NaN]) await realTime.wait(milliseconds);
});

test('waits that are due at once, since the machine was busy, end in their order', async () => {
  const ended: number[] = [];
  const waiting = [30, 10, 20].map(async (milliseconds) => {
    await realTime.wait(milliseconds);
    ended.push(milliseconds);
  });
  const begun = performance.now();
  while (performance.now() < begun + 40);
  await Promise.all(waiting);
  expect(ended).toStrictEqual([10, 20, 30]);
});

test.each([2009.9999999999998, 12_345.6, 0.5, -1, 2 ** 31, 3e12])(
  'a limit of %p ms is taken, and does not end at once unless it is short',
  async (milliseconds) => {
    const limit = realTime.limit(milliseconds);
    await realTime.wait(5);
    expect(limit.aborted).toBe(milliseconds < 5);
  },
);

test('what is waited for does not depend on a clock that somebody can set', () => {
  const [before, elapsed, after] = [performance.now(), realTime.elapsed(), performance.now()];
  expect(elapsed).toBeGreaterThanOrEqual(before);
  expect(elapsed).toBeLessThanOrEqual(after);
});
