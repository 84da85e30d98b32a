import { MODEL_IDS } from '../../emulator';
import { bench, eventually, stopAll } from './support/testEmulator';

afterEach(stopAll);

const PREDICT = `/model-${MODEL_IDS.echo}/production/predict`;

test('a status with its headers is answered as often as asked', async () => {
  const { emulator, post } = await bench();
  emulator.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, times: 2 });
  const answers = [await post(PREDICT, {}), await post(PREDICT, {}), await post(PREDICT, {})];
  expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
  expect(answers[0]!.headers.get('retry-after')).toBe('7');
  expect(answers[0]!.json.error_code).toBe('rate_limited');
});

test('a fault hits only what it matches, after those that it lets pass', async () => {
  const { emulator, get, post } = await bench();
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

test("a gateway's page is HTML", async () => {
  const { emulator, post } = await bench();
  emulator.faults.add({ kind: 'html' });
  const { status, headers, text } = await post(PREDICT, {});
  expect([status, headers.get('content-type')]).toEqual([502, 'text/html']);
  expect(text).toContain('<html>');
});

test('invalid JSON says that it is JSON', async () => {
  const { emulator, post } = await bench();
  emulator.faults.add({ kind: 'invalidJson' });
  await expect(post(PREDICT, {})).rejects.toThrow(/JSON/);
});

test('a delay waits on the clock', async () => {
  const { emulator, clock, post } = await bench();
  emulator.faults.add({ kind: 'delay', ms: 5_000 });
  const answer = post(PREDICT, {});
  await eventually(() => clock.pending === 1);
  expect(emulator.inFlight).toBe(1);
  await clock.advance(5_000);
  expect((await answer).status).toBe(200);
});

test('a reset connection gives no answer and never reaches the model', async () => {
  const { emulator, post } = await bench();
  let asked = 0;
  const handler = () => ({ body: `${asked++}` });
  emulator.addModel({ id: 'counter1', name: 'Counter', handler });
  emulator.faults.add({ kind: 'reset' });
  await expect(post('/model-counter1/production/predict', {})).rejects.toThrow();
  expect(asked).toBe(0);
  expect(emulator.requests[0]!.status).toBeUndefined();
});

test('a lost answer reaches the model', async () => {
  const { emulator, post } = await bench();
  let asked = 0;
  const handler = () => ({ body: `${asked++}` });
  emulator.addModel({ id: 'counter1', name: 'Counter', handler });
  emulator.faults.add({ kind: 'lost' });
  await expect(post('/model-counter1/production/predict', {})).rejects.toThrow();
  expect(asked).toBe(1);
});

test.each([
  ['an answer', PREDICT],
  ['a stream', `/model-${MODEL_IDS.echo}/production/sync/stream`],
])('%s that is truncated starts and breaks off', async (_what, path) => {
  const { emulator } = await bench();
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
  const { emulator, post } = await bench();
  emulator.faults.add({ kind: 'hang' });
  const answer = post(PREDICT, {});
  answer.catch(() => undefined);
  await eventually(() => emulator.inFlight === 1);
  await emulator.close();
  await expect(answer).rejects.toThrow();
});

test('an unknown kind is refused', async () => {
  const { emulator, post } = await bench();
  expect(() => emulator.faults.add({ kind: 'nope' as never })).toThrow(/Unknown fault kind/);
  expect((await post('/__emulator/faults', { kind: 'nope' })).status).toBe(400);
});

test('another process can add and clear faults without a key', async () => {
  const { send, post } = await bench();
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
