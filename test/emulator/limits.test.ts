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
