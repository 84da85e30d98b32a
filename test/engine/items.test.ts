import { json } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ json: { n } }));
const fast = { maxRetries: 0 };

/** A model that responds to later items first, and refuses the numbers in `bad`. */
function addModel(bad: number[] = []): void {
  emulator().addModel({
    kind: 'model',
    id: 'order001',
    name: 'Order',
    handler: async (call) => {
      const { n } = call.json() as { n: number };
      await call.clock.sleep((20 - n) % 20);
      return bad.includes(n)
        ? json({ error: `refused ${n}`, received: call.headers.authorization }, 422)
        : json({ n });
    },
  });
}
const order = (more: object = {}) => ({
  ...echo(),
  modelId: byId('order001'),
  inputMode: 'item',
  ...more,
});

test('200 items of 100 ms at 16 in flight keep their order and pairing', async () => {
  emulator().resetCounters();
  const items = Array.from({ length: 200 }, (_, n) => ({ json: { n, delay_ms: 100 } }));
  const result = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ inputMode: 'item', options: { maxConcurrency: 16 } }),
    items,
  });
  expect(result.items.map(({ json: { n }, pairedItem }) => [n, pairedItem])).toStrictEqual(
    items.map(({ json: { n } }) => [n, { item: n }]),
  );
  expect(emulator().peakInFlight).toBe(16);
});

test('keeps input order when later items finish first', async () => {
  addModel();
  const { items } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: order(),
    items: numbered(20),
  });
  expect(items.map(({ json: { n } }) => n)).toStrictEqual(numbered(20).map(({ json: { n } }) => n));
});

test('without continue-on-fail, the first error ends the run and names its item', async () => {
  addModel([3]);
  const { error, items } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: order({ options: { maxConcurrency: 1 } }),
    items: numbered(20),
  });
  expect(items).toHaveLength(0);
  expect(error?.message).toBe('Model order001 refused the input');
  expect(error?.httpCode).toBe('422');
  expect(error?.description).toContain('refused 3');
  expect(error?.context?.itemIndex).toBe(3);
  const predictions = emulator().requests.filter(({ path }) => path.endsWith('/predict'));
  expect(predictions).toHaveLength(4);
});

test('with continue-on-fail, a bad item becomes an error item, others are sent', async () => {
  addModel([3]);
  const { items, error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: order(),
    items: numbered(5),
    onError: 'continueRegularOutput',
  });
  expect(error).toBeUndefined();
  expect(items.map(({ json: { n } }) => n)).toStrictEqual([0, 1, 2, undefined, 4]);
  expect(items[3]).toMatchObject({
    json: {
      error: 'Model order001 refused the input',
      details: { itemIndex: 3, status: 422, answer: 'refused 3' },
    },
    pairedItem: { item: 3 },
  });
});

test('with an error output, a bad item goes there with its input and the error', async () => {
  addModel([1]);
  const { items, errorItems } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: order(),
    items: numbered(3),
    onError: 'continueErrorOutput',
  });
  expect(items.map(({ json: { n } }) => n)).toStrictEqual([0, 2]);
  expect(errorItems).toMatchObject([
    { json: { n: 1, details: { status: 422 } }, pairedItem: { item: 1 } },
  ]);
});

test('an item with bad input becomes an error item, too', async () => {
  const { items } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ inputMode: 'json', input: '={{ $json.n === 1 ? "{" : "{}" }}' }),
    items: numbered(3),
    onError: 'continueRegularOutput',
  });
  expect(items[1]?.json.error).toMatch(/^Input is not valid JSON/);
  expect(emulator().requests).toHaveLength(2);
});

test('if all items fail, none goes to the output for successes', async () => {
  const { items, errorItems } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ inputMode: 'item', options: { maxConcurrency: 257 } }),
    items: numbered(3),
    onError: 'continueErrorOutput',
  });
  expect(items).toHaveLength(0);
  expect(errorItems).toMatchObject(
    numbered(3).map(({ json: { n } }) => ({ json: { n, error: "Max Concurrency can't be 257" } })),
  );
});

test('stopping the execution aborts the requests in flight, and no more are sent', async () => {
  let reached: () => void = () => {};
  const inFlight = new Promise<void>((resolve) => (reached = resolve));
  let aborted = 0;
  emulator().addModel({
    kind: 'model',
    id: 'endless1',
    name: 'Endless',
    handler: async (call) => {
      if (emulator().inFlight === 4) reached();
      await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()));
      aborted++;
      return json({});
    },
  });
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ modelId: byId('endless1'), options: { maxConcurrency: 4 } }),
    items: numbered(20),
    onStarted: (cancel) => void inFlight.then(cancel),
  });
  while (aborted < 4) await new Promise((resolve) => setImmediate(resolve));
  expect(emulator().requests).toHaveLength(4);
});

test('the key is not in an item or an error, even if the model repeats it', async () => {
  addModel([0]);
  emulator().faults.add({ kind: 'status', status: 500, body: `you sent ${emulator().apiKey}` });
  const failed = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: order({ options: fast }),
    items: numbered(1),
  });
  const continued = await runBaseten({
    credential: credentialFor(emulator(), { webhookSecret: 'whsec_secret' }),
    parameters: order({ options: fast }),
    items: numbered(2),
    onError: 'continueRegularOutput',
  });
  for (const { run, error } of [failed, continued]) {
    const seen = JSON.stringify(run) + JSON.stringify(error ?? {}) + String(error?.stack);
    expect(seen).not.toContain(emulator().apiKey);
    expect(seen).not.toContain('whsec_secret');
  }
});
