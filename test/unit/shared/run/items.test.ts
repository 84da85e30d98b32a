import { runItems, type ItemWork } from '../../../../nodes/shared/run/items';

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

test('no more items are in flight than allowed', async () => {
  let inFlight = 0;
  let most = 0;
  await runItems({
    context: context(50),
    flow: { places: 7 },
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
    flow: { places: 3 },
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
      flow: { places: 4 },
      work: singly(async () => undefined),
    });
    expect(shown).toStrictEqual(expected.map((done) => `${done} of ${count} items done`));
  }
});
