import { runItems, type ItemWork } from '../../../../nodes/shared/run/items';
import { fakeTime } from '../../../support/clock';

const context = (count: number, sendMessageToUI: (message: string) => void = () => undefined) =>
  ({
    sendMessageToUI,
    getInputData: () => Array.from({ length: count }, () => ({ json: {} })),
    continueOnFail: () => false,
    getNode: () => ({ name: 'Baseten' }),
  }) as never;

/** The work of an operation that handles items one by one and returns no items. */
const singly = (work: (itemIndex: number, signal: AbortSignal) => Promise<void>): ItemWork => ({
  async send([itemIndex = 0], signal) {
    await work(itemIndex, signal);
    return [[]];
  },
});

test('requests per minute start evenly spaced, whatever the concurrency', async () => {
  const time = fakeTime();
  const begin = time.now();
  const starts: number[] = [];
  await runItems({
    context: context(5),
    settings: { maxConcurrency: 1, requestsPerMinute: 120 },
    work: singly(async () => {
      starts.push(time.now() - begin);
    }),
    time,
  });
  expect(starts).toStrictEqual([0, 500, 1000, 1500, 2000]);
});

test('a slow start is not made up for by a burst later', async () => {
  const time = fakeTime();
  const begin = time.now();
  const starts: number[] = [];
  await runItems({
    context: context(4),
    settings: { maxConcurrency: 1, requestsPerMinute: 60 },
    work: singly(async (itemIndex) => {
      starts.push(time.now() - begin);
      if (itemIndex === 0) await time.wait(5000);
    }),
    time,
  });
  expect(starts).toStrictEqual([0, 5000, 6000, 7000]);
});

test('no more items are in flight than allowed', async () => {
  let inFlight = 0;
  let most = 0;
  await runItems({
    context: context(50),
    settings: { maxConcurrency: 7, requestsPerMinute: 0 },
    work: singly(async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
    }),
  });
  expect(most).toBe(7);
});

test('a failure aborts the other items in flight, and the first failure is thrown', async () => {
  const aborted: number[] = [];
  const run = runItems({
    context: context(10),
    settings: { maxConcurrency: 3, requestsPerMinute: 0 },
    work: singly(async (itemIndex, signal) => {
      if (itemIndex === 1) throw new Error('first');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted.push(itemIndex);
      throw new Error('aborted');
    }),
  });
  await expect(run).rejects.toMatchObject({ message: 'first', context: { itemIndex: 1 } });
  expect(aborted).toStrictEqual([0, 2]);
});

test('a long run reports each tenth of its progress, a short run nothing', async () => {
  for (const [count, expected] of [
    [49, []],
    [55, [6, 12, 18, 24, 30, 36, 42, 48, 54]],
  ] as const) {
    const shown: string[] = [];
    await runItems({
      context: context(count, (message) => shown.push(message)),
      settings: { maxConcurrency: 4, requestsPerMinute: 0 },
      work: singly(async () => undefined),
    });
    expect(shown).toStrictEqual(expected.map((done) => `${done} of ${count} items done`));
  }
});
