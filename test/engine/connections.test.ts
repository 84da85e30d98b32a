import { json } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const numbered = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({ json: { n, ...more } }));

beforeEach(() => emulator().resetCounters());

test('300 predictions at 8 in flight share 8 connections', async () => {
  const { items } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ inputMode: 'item', options: { maxConcurrency: 8 } }),
    items: numbered(300, { delay_ms: 5 }),
  });
  expect(items).toHaveLength(300);
  expect(emulator().peakInFlight).toBeGreaterThan(4);
  expect(emulator().connections).toBeLessThanOrEqual(8);
});

test('requests go through n8n’s own client if the credential says so', async () => {
  const { items } = await runBaseten({
    credential: credentialFor(emulator(), { connection: 'n8n' }),
    parameters: echo({ inputMode: 'item' }),
    items: numbered(20),
  });
  expect(items).toHaveLength(20);
  // That client opens a new connection for every request.
  expect(emulator().connections).toBe(20);
});

test('requests with a longer timeout than fetch has go through n8n’s own client', async () => {
  const { items } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ inputMode: 'item', options: { timeout: 301 } }),
    items: numbered(5),
  });
  expect(items).toHaveLength(5);
  expect(emulator().connections).toBe(5);
});

test('one in ten slow predictions is sent twice, and the first response counts', async () => {
  let stuck = 0;
  let cut = 0;
  emulator().addModel({
    kind: 'model',
    id: 'tail0001',
    name: 'Tail',
    handler: async (call) => {
      const { n } = call.json() as { n: number };
      if (n % 10 === 3 && stuck++ === 0) {
        await new Promise<void>((resolve) =>
          call.signal.addEventListener('abort', () => resolve()),
        );
        cut++;
      }
      return json({ n });
    },
  });
  const { items, error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({
      modelId: byId('tail0001'),
      inputMode: 'item',
      options: { hedgeAfter: 100 },
    }),
    items: numbered(10),
  });
  expect(error).toBeUndefined();
  expect(items.map(({ json: { n } }) => n)).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(emulator().requests).toHaveLength(11);
  expect(stuck).toBe(2);
  // The server notices the abort a moment later.
  while (cut === 0) await new Promise(setImmediate);
});

test('a rate limit slows the items down, and all of them are sent in the end', async () => {
  emulator().faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '0.5' } });
  const { items, error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ inputMode: 'item', options: { maxConcurrency: 4, maxRetries: 1 } }),
    items: numbered(40, { delay_ms: 20 }),
  });
  expect(error).toBeUndefined();
  expect(items).toHaveLength(40);
  expect(emulator().requests).toHaveLength(41);
  const [first = 0, ...later] = emulator().requests.map(({ receivedAt }) => receivedAt);
  // Three were in flight with the refused one. No other request came before its pause was over.
  expect(later.filter((at) => at < first + 500)).toHaveLength(3);
});
