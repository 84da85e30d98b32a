import { MODEL_IDS } from '../../emulator';
import { type Bench, bench, eventually, receiver, stopAll } from './support/testEmulator';

afterEach(stopAll);

const SLEEPER = `/model-${MODEL_IDS.sleeper}`;
const WAKE_MS = 5_000;
const IDLE_MS = 60_000;

const sleeperBench = () => bench({ wakeMs: WAKE_MS, scaleDownDelayMs: IDLE_MS });

async function stateOf({ get }: Bench, environment = 'production'): Promise<[string, number]> {
  const { json } = await get(
    `/management/v1/models/${MODEL_IDS.sleeper}/environments/${environment}`,
  );
  return [json.current_deployment.status, json.current_deployment.active_replica_count];
}

test('wake answers 202 at once and the deployment is up some time later', async () => {
  const one = await sleeperBench();
  expect(await stateOf(one)).toEqual(['SCALED_TO_ZERO', 0]);
  expect((await one.post(`${SLEEPER}/production/wake`)).status).toBe(202);
  expect(await stateOf(one)).toEqual(['WAKING_UP', 0]);
  await one.clock.advance(WAKE_MS);
  expect(await stateOf(one)).toEqual(['ACTIVE', 1]);
});

test('waking one environment leaves the others asleep', async () => {
  const one = await sleeperBench();
  await one.post(`${SLEEPER}/production/wake`);
  expect(await stateOf(one, 'staging')).toEqual(['SCALED_TO_ZERO', 0]);
});

test('a request that meets a deployment at zero is held until a replica is up', async () => {
  const one = await sleeperBench();
  const answer = one.post(`${SLEEPER}/production/predict`, {});
  await eventually(() => one.clock.pending > 1);
  expect(await stateOf(one)).toEqual(['WAKING_UP', 0]);
  await one.clock.advance(WAKE_MS);
  expect((await answer).json).toMatchObject({ awake: true });
});

test('a development deployment at zero answers 404 until it is woken', async () => {
  const one = await sleeperBench();
  const path = `${SLEEPER}/development/predict`;
  expect((await one.post(path, {})).status).toBe(404);
  await one.post(`${SLEEPER}/development/wake`);
  await one.clock.advance(WAKE_MS);
  expect((await one.post(path, {})).status).toBe(200);
});

test('a deployment goes back to zero after a time without requests', async () => {
  const one = await sleeperBench();
  await one.post(`${SLEEPER}/production/wake`);
  await one.clock.advance(WAKE_MS + IDLE_MS - 1);
  expect((await one.post(`${SLEEPER}/production/predict`, {})).status).toBe(200);
  await one.clock.advance(IDLE_MS - 1);
  expect(await stateOf(one)).toEqual(['ACTIVE', 1]);
  await one.clock.advance(1);
  expect(await stateOf(one)).toEqual(['SCALED_TO_ZERO', 0]);
});

test('a deployment with a minimum replica stays up', async () => {
  const one = await sleeperBench();
  await one.post(`/model-${MODEL_IDS.echo}/production/predict`, {});
  await one.clock.advance(10 * IDLE_MS);
  const { json } = await one.get(`/management/v1/models/${MODEL_IDS.echo}/environments/production`);
  expect(json.current_deployment.status).toBe('ACTIVE');
});

test('an async request wakes the deployment and runs once it is up', async () => {
  const [one, hook] = [await sleeperBench(), await receiver()];
  const body = { model_input: {}, webhook_endpoint: hook.url };
  const id = (await one.post(`${SLEEPER}/production/async_predict`, body)).json.request_id;
  expect((await one.get(`${SLEEPER}/async_request/${id}`)).json.status).toBe('QUEUED');
  await one.clock.advance(WAKE_MS);
  expect((await one.get(`${SLEEPER}/async_request/${id}`)).json.status).toBe('SUCCEEDED');
  expect(hook.received).toHaveLength(1);
});
