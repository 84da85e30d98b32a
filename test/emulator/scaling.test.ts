import { MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestEmulator } from './support/testEmulator';
import { eventually } from './support/waiting';
import { startReceiver } from './support/webhookReceiver';

afterEach(stopAll);

const SLEEPER = `/model-${MODEL_IDS.sleeper}`;
const WAKE_MS = 5_000;
const IDLE_MS = 60_000;

const startWithSleeper = () => startTestEmulator({ wakeMs: WAKE_MS, scaleDownDelayMs: IDLE_MS });

async function stateOf(
  { get }: TestEmulator,
  environment = 'production',
): Promise<[string, number]> {
  const { json } = await get(
    `/management/v1/models/${MODEL_IDS.sleeper}/environments/${environment}`,
  );
  return [json.current_deployment.status, json.current_deployment.active_replica_count];
}

test('wake returns 202 at once, and the deployment is up some time later', async () => {
  const local = await startWithSleeper();
  expect(await stateOf(local)).toEqual(['SCALED_TO_ZERO', 0]);
  expect((await local.post(`${SLEEPER}/production/wake`)).status).toBe(202);
  expect(await stateOf(local)).toEqual(['WAKING_UP', 0]);
  await local.clock.advance(WAKE_MS);
  expect(await stateOf(local)).toEqual(['ACTIVE', 1]);
});

test('waking one environment leaves the others asleep', async () => {
  const local = await startWithSleeper();
  await local.post(`${SLEEPER}/production/wake`);
  expect(await stateOf(local, 'staging')).toEqual(['SCALED_TO_ZERO', 0]);
});

test('a request to a deployment at zero is held until a replica is up', async () => {
  const local = await startWithSleeper();
  const response = local.post(`${SLEEPER}/production/predict`, {});
  await eventually(() => local.clock.pending > 1);
  expect(await stateOf(local)).toEqual(['WAKING_UP', 0]);
  await local.clock.advance(WAKE_MS);
  expect((await response).json).toMatchObject({ awake: true });
});

test('a development deployment at zero returns 404 until it is woken', async () => {
  const local = await startWithSleeper();
  const path = `${SLEEPER}/development/predict`;
  expect((await local.post(path, {})).status).toBe(404);
  await local.post(`${SLEEPER}/development/wake`);
  await local.clock.advance(WAKE_MS);
  expect((await local.post(path, {})).status).toBe(200);
});

test('a deployment goes back to zero after a time without requests', async () => {
  const local = await startWithSleeper();
  await local.post(`${SLEEPER}/production/wake`);
  await local.clock.advance(WAKE_MS + IDLE_MS - 1);
  expect((await local.post(`${SLEEPER}/production/predict`, {})).status).toBe(200);
  await local.clock.advance(IDLE_MS - 1);
  expect(await stateOf(local)).toEqual(['ACTIVE', 1]);
  await local.clock.advance(1);
  expect(await stateOf(local)).toEqual(['SCALED_TO_ZERO', 0]);
});

test('a deployment with a minimum replica stays up', async () => {
  const local = await startWithSleeper();
  await local.post(`/model-${MODEL_IDS.echo}/production/predict`, {});
  await local.clock.advance(10 * IDLE_MS);
  const { json } = await local.get(
    `/management/v1/models/${MODEL_IDS.echo}/environments/production`,
  );
  expect(json.current_deployment.status).toBe('ACTIVE');
});

test('an async request wakes the deployment and runs once it is up', async () => {
  const [local, hook] = [await startWithSleeper(), await startReceiver()];
  const body = { model_input: {}, webhook_endpoint: hook.url };
  const id = (await local.post(`${SLEEPER}/production/async_predict`, body)).json.request_id;
  expect((await local.get(`${SLEEPER}/async_request/${id}`)).json.status).toBe('QUEUED');
  await local.clock.advance(WAKE_MS);
  expect((await local.get(`${SLEEPER}/async_request/${id}`)).json.status).toBe('SUCCEEDED');
  expect(hook.received).toHaveLength(1);
});
