import { MODEL_IDS, startEmulator } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';
import { eventually } from './support/waiting';

afterEach(stopAll);

const PREDICT = `/model-${MODEL_IDS.echo}/production/predict`;

test('records a request and the status of its response', async () => {
  const { emulator, clock, post } = await startTestEmulator();
  await post(`${PREDICT}?a=1&b=x%20y`, '{ "a" : 1 }', { 'x-extra': 'yes' });
  await eventually(() => emulator.requests[0]?.status !== undefined);
  const record = emulator.requests[0]!;
  expect(record).toMatchObject({
    method: 'POST',
    path: PREDICT,
    query: { a: '1', b: 'x y' },
    status: 200,
  });
  expect(record.headers['x-extra']).toBe('yes');
  expect(record.rawBody.toString()).toBe('{ "a" : 1 }');
  expect(record.json()).toEqual({ a: 1 });
  expect(record.receivedAt).toBe(clock.now());
  emulator.clearRequests();
  expect(emulator.requests).toEqual([]);
});

test('keeps only the latest requests', async () => {
  const { emulator, post } = await startTestEmulator({ maxRecordedRequests: 2 });
  for (const count of [1, 2, 3]) await post(PREDICT, { count });
  expect(emulator.requests.map((record) => record.json())).toEqual([{ count: 2 }, { count: 3 }]);
});

test('counts requests in flight, the most at once, and connections', async () => {
  const { emulator, clock, post } = await startTestEmulator();
  const responses = [1, 2, 3].map(() => post(PREDICT, { delay_ms: 100 }));
  await eventually(() => emulator.inFlight === 3 && clock.pending >= 3);
  await clock.advance(100);
  await Promise.all(responses);
  await eventually(() => emulator.inFlight === 0);
  expect([emulator.peakInFlight, emulator.connections]).toEqual([3, 3]);
  emulator.resetCounters();
  expect([emulator.peakInFlight, emulator.connections]).toEqual([0, 0]);
});

test('another process can read and clear it', async () => {
  const { send, get, post } = await startTestEmulator();
  await post(PREDICT, { a: 1 });
  const { requests, connections } = (await get('/__emulator/requests')).json;
  expect(requests).toMatchObject([{ method: 'POST', path: PREDICT, status: 200, body: '{"a":1}' }]);
  expect(connections).toBeGreaterThan(0);
  await send('DELETE', '/__emulator/requests');
  expect((await get('/__emulator/requests')).json.requests).toEqual([]);
});

test('another process can close idle connections', async () => {
  const { emulator, send, post } = await startTestEmulator();
  await post(PREDICT, { a: 1 });
  await eventually(() => emulator.inFlight === 0);
  await send('DELETE', '/__emulator/connections');
  emulator.resetCounters();
  await post(PREDICT, { a: 2 });
  expect(emulator.connections).toBeGreaterThan(0);
});

test('a closed emulator leaves its port free and can be closed again', async () => {
  const first = await startEmulator();
  await first.close();
  await first.close();
  const second = await startEmulator({ port: Number(new URL(first.url).port) });
  expect(second.url).toBe(first.url);
  await second.close();
});
