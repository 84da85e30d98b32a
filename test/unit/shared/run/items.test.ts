import { runItems } from '../../../../nodes/shared/run/items';
import { fakeTime } from '../../../support/clock';

const context = (count: number, sendMessageToUI: (message: string) => void = () => undefined) =>
  ({
    sendMessageToUI,
    getInputData: () => Array.from({ length: count }, () => ({ json: {} })),
    continueOnFail: () => false,
    getNode: () => ({ name: 'Baseten' }),
  }) as never;

test('requests per minute start evenly spaced, whatever the concurrency', async () => {
  const time = fakeTime();
  const begin = time.now();
  const starts: number[] = [];
  await runItems(
    context(5),
    { maxConcurrency: 1, requestsPerMinute: 120 },
    async () => {
      starts.push(time.now() - begin);
      return [];
    },
    time,
  );
  expect(starts).toStrictEqual([0, 500, 1000, 1500, 2000]);
});

test('a slow start does not buy a burst later', async () => {
  const time = fakeTime();
  const begin = time.now();
  const starts: number[] = [];
  await runItems(
    context(4),
    { maxConcurrency: 1, requestsPerMinute: 60 },
    async (itemIndex) => {
      starts.push(time.now() - begin);
      if (itemIndex === 0) await time.wait(5000);
      return [];
    },
    time,
  );
  expect(starts).toStrictEqual([0, 5000, 6000, 7000]);
});

test('no more items are in flight than allowed', async () => {
  let inFlight = 0;
  let most = 0;
  await runItems(context(50), { maxConcurrency: 7, requestsPerMinute: 0 }, async () => {
    most = Math.max(most, ++inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    inFlight--;
    return [];
  });
  expect(most).toBe(7);
});

test('a failure aborts the other items in flight, and the first one is told', async () => {
  const aborted: number[] = [];
  const run = runItems(
    context(10),
    { maxConcurrency: 3, requestsPerMinute: 0 },
    async (itemIndex, signal) => {
      if (itemIndex === 1) throw new Error('first');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted.push(itemIndex);
      throw new Error('aborted');
    },
  );
  await expect(run).rejects.toMatchObject({ message: 'first', context: { itemIndex: 1 } });
  expect(aborted).toStrictEqual([0, 2]);
});

test('a long run tells each tenth of its progress, a short one nothing', async () => {
  for (const [count, expected] of [
    [49, []],
    [55, [6, 12, 18, 24, 30, 36, 42, 48, 54]],
  ] as const) {
    const told: string[] = [];
    await runItems(
      context(count, (message) => told.push(message)),
      { maxConcurrency: 4, requestsPerMinute: 0 },
      async () => [],
    );
    expect(told).toStrictEqual(expected.map((done) => `${done} of ${count} items done`));
  }
});
