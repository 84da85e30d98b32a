import { MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';

afterEach(stopAll);

const ECHO = `/model-${MODEL_IDS.echo}`;
const QUEUE = `${ECHO}/production/async_queue_status`;

test('status, cancel and queue status share a limit of 20 calls per second', async () => {
  const { clock, get, post, send } = await startTestEmulator();
  const { json } = await post(`${ECHO}/production/async_predict`, { model_input: {} });
  const path = `${ECHO}/async_request/${json.request_id}`;
  for (let call = 0; call < 18; call++) expect((await get(path)).status).toBe(200);
  expect((await send('DELETE', path)).status).toBe(200);
  expect((await get(QUEUE)).status).toBe(200);
  const refused = await get(path);
  expect([refused.status, refused.json.error_code]).toEqual([429, 'rate_limited']);
  expect(refused.headers.get('retry-after')).toBe('1');
  await clock.advance(1_000);
  expect((await get(path)).status).toBe(200);
});

test('submissions have a limit per minute', async () => {
  const { clock, post } = await startTestEmulator({ limits: { submitsPerMinute: 3 } });
  const submit = () => post(`${ECHO}/production/async_predict`, { model_input: {} });
  for (let call = 0; call < 3; call++) expect((await submit()).status).toBe(201);
  await clock.advance(20_000);
  const refused = await submit();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '40']);
  await clock.advance(40_000);
  expect((await submit()).status).toBe(201);
});

test('predict has no limit', async () => {
  const { post } = await startTestEmulator();
  for (let call = 0; call < 50; call++) {
    expect((await post(`${ECHO}/production/predict`, {})).status).toBe(200);
  }
});

const PREDICT = `${ECHO}/production/predict`;
const statusesOf = async (send: () => Promise<{ status: number }>, count: number) => {
  const statuses: number[] = [];
  for (let call = 0; call < count; call++) statuses.push((await send()).status);
  return statuses;
};

test('a limit of requests a minute counts each key on its own', async () => {
  const { emulator, clock, post } = await startTestEmulator({ requestLimits: [{ perMinute: 2 }] });
  const other = { authorization: `Bearer ${emulator.inferenceOnlyKey}` };
  expect(await statusesOf(() => post(PREDICT, {}), 3)).toEqual([200, 200, 429]);
  expect(await statusesOf(() => post(PREDICT, {}, other), 3)).toEqual([200, 200, 429]);
  await clock.advance(20_000);
  expect((await post(PREDICT, {})).headers.get('retry-after')).toBe('40');
  await clock.advance(40_000);
  expect(await statusesOf(() => post(PREDICT, {}), 1)).toEqual([200]);
});

test('a limit can hold for one key, a path, or a Model API', async () => {
  const { emulator, get, post } = await startTestEmulator({
    requestLimits: [
      { perMinute: 1, match: { path: '/management/' }, pauseIn: 'body' },
      { perMinute: 1, key: 'emulator-inference-only-key', match: { modelId: MODEL_IDS.echo } },
      { perMinute: 1, model: 'emulator/chat', match: { method: 'POST' } },
    ],
  });
  expect(await statusesOf(() => get('/management/v1/models'), 2)).toEqual([200, 429]);
  expect((await get('/management/v1/models')).json).toMatchObject({
    error_code: 'rate_limited',
    retry_after: 60,
  });
  const other = { authorization: `Bearer ${emulator.inferenceOnlyKey}` };
  expect(await statusesOf(() => post(PREDICT, {}), 2)).toEqual([200, 200]);
  expect(await statusesOf(() => post(PREDICT, {}, other), 2)).toEqual([200, 429]);
  const chat = (model: string) => () =>
    post('/inference/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] });
  expect(await statusesOf(chat('emulator/chat'), 2)).toEqual([200, 429]);
  expect(await statusesOf(chat('emulator/reasoner'), 2)).toEqual([200, 200]);
});

test('with a burst, requests are let through at even distances', async () => {
  const { clock, post } = await startTestEmulator({
    requestLimits: [{ perMinute: 120, burst: 2 }],
  });
  expect(await statusesOf(() => post(PREDICT, {}), 3)).toEqual([200, 200, 429]);
  await clock.advance(499);
  expect(await statusesOf(() => post(PREDICT, {}), 1)).toEqual([429]);
  await clock.advance(1);
  expect(await statusesOf(() => post(PREDICT, {}), 2)).toEqual([200, 429]);
  await clock.advance(60_000);
  expect(await statusesOf(() => post(PREDICT, {}), 3)).toEqual([200, 200, 429]);
});

test('another process can set the limits and take them away', async () => {
  const { send, post } = await startTestEmulator();
  const set = (limits: object[]) => send('PUT', '/__emulator/limits', limits);
  expect((await set([{ perMinute: 1, match: { pathPattern: 'predict$' } }])).status).toBe(204);
  expect(await statusesOf(() => post(PREDICT, {}), 2)).toEqual([200, 429]);
  await set([]);
  expect(await statusesOf(() => post(PREDICT, {}), 2)).toEqual([200, 200]);
});

test('a refused key does not count against a limit', async () => {
  const { post } = await startTestEmulator({ requestLimits: [{ perMinute: 1 }] });
  const unknown = { authorization: 'Bearer unknown' };
  expect(await statusesOf(() => post(PREDICT, {}, unknown), 2)).toEqual([401, 401]);
  expect(await statusesOf(() => post(PREDICT, {}), 2)).toEqual([200, 429]);
});
