import { MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';
import { eventually } from './support/waiting';

afterEach(stopAll);

const PREDICT = `/model-${MODEL_IDS.echo}/production/predict`;

test('a status and its headers are returned as often as asked', async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, times: 2 });
  const responses = [await post(PREDICT, {}), await post(PREDICT, {}), await post(PREDICT, {})];
  expect(responses.map(({ status }) => status)).toEqual([429, 429, 200]);
  expect(responses[0]!.headers.get('retry-after')).toBe('7');
  expect(responses[0]!.json.error_code).toBe('rate_limited');
});

test('a fault hits only requests that match, after those that it lets pass', async () => {
  const { emulator, get, post } = await startTestEmulator();
  const match = { method: 'POST', path: /predict$/, modelId: MODEL_IDS.echo };
  emulator.faults.add({ kind: 'status', match, after: 1, times: 'always' });
  const other = `/model-${MODEL_IDS.sentiment}/production/predict`;
  expect((await post(other, { text: 'x' })).status).toBe(200);
  expect((await get('/inference/v1/models')).status).toBe(200);
  expect((await post(PREDICT, {})).status).toBe(200);
  expect((await post(PREDICT, {})).status).toBe(500);
  emulator.faults.clear();
  expect((await post(PREDICT, {})).status).toBe(200);
});

test("the html fault returns a gateway's HTML page", async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'html' });
  const { status, headers, text } = await post(PREDICT, {});
  expect([status, headers.get('content-type')]).toEqual([502, 'text/html']);
  expect(text).toContain('<html>');
});

test('invalid JSON is announced as JSON', async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'invalidJson' });
  await expect(post(PREDICT, {})).rejects.toThrow(/JSON/);
});

test('a delay waits on the clock', async () => {
  const { emulator, clock, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'delay', ms: 5_000 });
  const response = post(PREDICT, {});
  await eventually(() => clock.pending === 1);
  expect(emulator.inFlight).toBe(1);
  await clock.advance(5_000);
  expect((await response).status).toBe(200);
});

test('a reset comes before the model is called', async () => {
  const { emulator, post } = await startTestEmulator();
  let asked = 0;
  const handler = () => ({ body: `${asked++}` });
  emulator.addModel({ id: 'counter1', name: 'Counter', handler });
  emulator.faults.add({ kind: 'reset' });
  await expect(post('/model-counter1/production/predict', {})).rejects.toThrow();
  expect(asked).toBe(0);
  expect(emulator.requests[0]!.status).toBeUndefined();
});

test('a lost response comes after the model was called', async () => {
  const { emulator, post } = await startTestEmulator();
  let asked = 0;
  const handler = () => ({ body: `${asked++}` });
  emulator.addModel({ id: 'counter1', name: 'Counter', handler });
  emulator.faults.add({ kind: 'lost' });
  await expect(post('/model-counter1/production/predict', {})).rejects.toThrow();
  expect(asked).toBe(1);
});

test.each([
  ['a response', PREDICT],
  ['a stream', `/model-${MODEL_IDS.echo}/production/sync/stream`],
])('%s that is truncated begins and then breaks off', async (_what, path) => {
  const { emulator } = await startTestEmulator();
  emulator.faults.add({ kind: 'truncate' });
  const isPost = path === PREDICT;
  const response = await fetch(emulator.url + path, {
    method: isPost ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
    body: isPost ? '{"some": "text"}' : undefined,
  });
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test('a hanging request ends with the emulator', async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'hang' });
  const response = post(PREDICT, {});
  response.catch(() => undefined);
  await eventually(() => emulator.inFlight === 1);
  await emulator.close();
  await expect(response).rejects.toThrow();
});

test('an unknown kind is refused', async () => {
  const { emulator, post } = await startTestEmulator();
  expect(() => emulator.faults.add({ kind: 'nope' as never })).toThrow(/Unknown fault kind/);
  expect((await post('/__emulator/faults', { kind: 'nope' })).status).toBe(400);
});

test("the emulator's own routes are never hit", async () => {
  const { emulator, send, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'status', times: 'always' });
  expect((await post(PREDICT, {})).status).toBe(500);
  expect((await send('DELETE', '/__emulator/faults')).status).toBe(204);
  expect((await post(PREDICT, {})).status).toBe(200);
});

test('another process can add and clear faults without a key', async () => {
  const { send, post } = await startTestEmulator();
  const noKey = { authorization: '' };
  const fault = {
    kind: 'status',
    status: 503,
    times: 'always',
    match: { pathPattern: 'predict$' },
  };
  expect((await send('POST', '/__emulator/faults', fault, noKey)).status).toBe(201);
  expect((await post(PREDICT, {})).status).toBe(503);
  expect((await send('DELETE', '/__emulator/faults', undefined, noKey)).status).toBe(204);
  expect((await post(PREDICT, {})).status).toBe(200);
});
