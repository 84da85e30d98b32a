import { type Handler, CHAIN_IDS, MODEL_IDS, json } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestEmulator } from './support/testEmulator';
import { gate } from './support/waiting';

afterEach(stopAll);

const HOUR = 3_600_000;

/**
 * Adds a model `gated001` that works on one request at a time and responds when the gate of that
 * name opens.
 */
function addGatedModel({ emulator }: TestEmulator) {
  const order: string[] = [];
  const gates = new Map<string, ReturnType<typeof gate>>();
  const gateOf = (name: string) => gates.get(name) ?? gates.set(name, gate()).get(name)!;
  const handler: Handler = async (call) => {
    const { name } = call.json() as { name: string };
    order.push(name);
    await gateOf(name).opened;
    return json({ name });
  };
  emulator.addModel({ id: 'gated001', name: 'Gated', handler, asyncConcurrency: 1 });
  return { order, open: (name: string) => gateOf(name).open() };
}

const SUBMIT = '/model-gated001/production/async_predict';
const QUEUE = '/model-gated001/production/async_queue_status';

const submit = async (
  { post }: TestEmulator,
  name: string,
  more: object = {},
  path = SUBMIT,
): Promise<string> => (await post(path, { model_input: { name }, ...more })).json.request_id;

const statusOf = async ({ get }: TestEmulator, id: string, host = '/model-gated001') =>
  (await get(`${host}/async_request/${id}`)).json;

describe('an async request', () => {
  test('is queued, then in progress, then succeeded', async () => {
    const local = await startTestEmulator();
    const { open } = addGatedModel(local);
    const [first, second] = [await submit(local, 'a'), await submit(local, 'b')];
    expect((await statusOf(local, first)).status).toBe('IN_PROGRESS');
    expect((await statusOf(local, second)).status).toBe('QUEUED');
    open('a');
    open('b');
    await local.clock.flush();
    expect(await statusOf(local, second)).toMatchObject({
      request_id: second,
      model_id: 'gated001',
      deployment_id: 'gatedpr',
      status: 'SUCCEEDED',
      webhook_status: 'NO_WEBHOOK_PROVIDED',
      errors: [],
    });
  });

  test("gets 404 on another model's host", async () => {
    const local = await startTestEmulator();
    addGatedModel(local);
    const id = await submit(local, 'a');
    expect((await local.get(`/model-${MODEL_IDS.echo}/async_request/${id}`)).status).toBe(404);
  });

  test('of a chain has chain_id', async () => {
    const local = await startTestEmulator();
    const host = `/chain-${CHAIN_IDS.echo}`;
    const id = await submit(local, 'a', {}, `${host}/production/async_run_remote`);
    await local.clock.flush();
    const status = await statusOf(local, id, host);
    expect(status).toMatchObject({ chain_id: CHAIN_IDS.echo, status: 'SUCCEEDED' });
    expect(status).not.toHaveProperty('model_id');
  });

  test('keeps its status for an hour after its end', async () => {
    const local = await startTestEmulator();
    const { open } = addGatedModel(local);
    open('a');
    const id = await submit(local, 'a');
    await local.clock.advance(HOUR - 1);
    expect((await local.get(`/model-gated001/async_request/${id}`)).status).toBe(200);
    await local.clock.advance(1);
    expect((await local.get(`/model-gated001/async_request/${id}`)).status).toBe(404);
  });
});

describe('the queue', () => {
  test('serves priority 0 first, and first come first served within a priority', async () => {
    const local = await startTestEmulator();
    const { order, open } = addGatedModel(local);
    await submit(local, 'running');
    const line = [
      ['low', 2],
      ['mid', 1],
      ['high1', 0],
      ['mid2', 1],
      ['high2', undefined],
    ] as const;
    for (const [name, priority] of line) await submit(local, name, { priority });
    for (const name of ['running', 'high1', 'high2', 'mid', 'mid2', 'low']) open(name);
    await local.clock.flush();
    expect(order).toEqual(['running', 'high1', 'high2', 'mid', 'mid2', 'low']);
  });

  test('counts what is queued and what is in progress', async () => {
    const local = await startTestEmulator();
    addGatedModel(local);
    for (const name of ['a', 'b', 'c']) await submit(local, name);
    expect((await local.get(QUEUE)).json).toEqual({
      model_id: 'gated001',
      deployment_id: 'gatedpr',
      num_queued_requests: 2,
      num_in_progress_requests: 1,
    });
  });

  test('is separate for each deployment', async () => {
    const local = await startTestEmulator();
    addGatedModel(local);
    await submit(local, 'a');
    await submit(local, 'b', {}, '/model-gated001/environments/staging/async_predict');
    const { json } = await local.get(QUEUE);
    expect(json).toMatchObject({ num_queued_requests: 0, num_in_progress_requests: 1 });
  });

  test('expires a request after its time in the queue', async () => {
    const local = await startTestEmulator();
    addGatedModel(local);
    await submit(local, 'a');
    const short = await submit(local, 'b', { max_time_in_queue_seconds: 10 });
    const usual = await submit(local, 'c');
    await local.clock.advance(9_999);
    expect((await statusOf(local, short)).status).toBe('QUEUED');
    await local.clock.advance(1);
    expect((await statusOf(local, short)).status).toBe('EXPIRED');
    expect((await statusOf(local, usual)).status).toBe('QUEUED');
    await local.clock.advance(590_000);
    expect((await statusOf(local, usual)).status).toBe('EXPIRED');
  });
});

describe('cancel', () => {
  test('takes a queued request out', async () => {
    const local = await startTestEmulator();
    const { order, open } = addGatedModel(local);
    await submit(local, 'a');
    const id = await submit(local, 'b', { webhook_endpoint: 'https://example.com/hook' });
    const { status, json } = await local.send('DELETE', `/model-gated001/async_request/${id}`);
    expect([status, json]).toMatchObject([200, { request_id: id, canceled: true }]);
    open('a');
    await local.clock.flush();
    expect(order).toEqual(['a']);
    expect(await statusOf(local, id)).toMatchObject({
      status: 'CANCELED',
      webhook_status: 'CANCELED',
    });
    expect(local.emulator.deliveries).toEqual([]);
  });

  test('does not stop a running request and says why', async () => {
    const local = await startTestEmulator();
    addGatedModel(local);
    const id = await submit(local, 'a');
    const { status, json } = await local.send('DELETE', `/model-gated001/async_request/${id}`);
    expect([status, json.canceled]).toEqual([200, false]);
    expect(json.message).toContain('IN_PROGRESS');
  });
});

describe('inference retries', () => {
  const FLAKY = `/model-${MODEL_IDS.flaky}`;
  const run = async (local: TestEmulator, input: object, retry?: object) => {
    const body = { model_input: input, inference_retry_config: retry };
    return (await local.post(`${FLAKY}/production/async_predict`, body)).json.request_id as string;
  };

  test('wait 1 s and 2 s by default, and succeed at the third attempt', async () => {
    const local = await startTestEmulator();
    const id = await run(local, { fail_times: 2 });
    await local.clock.advance(2_999);
    expect((await statusOf(local, id, FLAKY)).status).toBe('IN_PROGRESS');
    await local.clock.advance(1);
    expect((await statusOf(local, id, FLAKY)).status).toBe('SUCCEEDED');
  });

  test('end with an error after max_attempts', async () => {
    const local = await startTestEmulator();
    const id = await run(local, { fail_times: 9 }, { max_attempts: 2, initial_delay_ms: 0 });
    await local.clock.advance(0);
    const { status, errors } = await statusOf(local, id, FLAKY);
    expect([status, errors[0].code]).toEqual(['FAILED', 'MODEL_PREDICT_ERROR']);
    expect(errors[0].message).toContain('failure 2 of 9');
  });

  test('never wait longer than max_delay_ms', async () => {
    const local = await startTestEmulator();
    const retry = { max_attempts: 4, initial_delay_ms: 1000, max_delay_ms: 1500 };
    const id = await run(local, { fail_times: 3, status: 503 }, retry);
    await local.clock.advance(1000 + 1500 + 1500);
    expect((await statusOf(local, id, FLAKY)).status).toBe('SUCCEEDED');
  });

  test.each([400, 404, 422, 429, 501])('do not follow a %d', async (status) => {
    const local = await startTestEmulator();
    const id = await run(local, { fail_times: 1, status });
    await local.clock.flush();
    expect((await statusOf(local, id, FLAKY)).status).toBe('FAILED');
  });
});

describe('submission', () => {
  const PATH = `/model-${MODEL_IDS.echo}/production/async_predict`;

  test.each([
    ['no model_input', {}],
    ['a model_input that is not an object', { model_input: 'x' }],
    ['a priority out of range', { model_input: {}, priority: 3 }],
    ['a priority that is not an integer', { model_input: {}, priority: 0.5 }],
    ['too short a time in the queue', { model_input: {}, max_time_in_queue_seconds: 9 }],
    ['too long a time in the queue', { model_input: {}, max_time_in_queue_seconds: 259_201 }],
    ['too many attempts', { model_input: {}, inference_retry_config: { max_attempts: 11 } }],
    [
      'a delay out of range',
      { model_input: {}, inference_retry_config: { initial_delay_ms: 10_001 } },
    ],
    ['a webhook over http', { model_input: {}, webhook_endpoint: 'http://example.com/x' }],
    ['a webhook that is not a URL', { model_input: {}, webhook_endpoint: 'nope' }],
  ])('refuses %s with 400', async (_what, body) => {
    const { post } = await startTestEmulator();
    const { status, json } = await post(PATH, body);
    expect([status, json.error_code]).toEqual([400, 'client_error']);
  });

  test.each([
    ['https://example.com/x'],
    ['http://localhost:1/x'],
    ['http://127.0.0.1:1/x'],
    ['http://[::1]:1/x'],
  ])('accepts the webhook %s', async (url) => {
    const local = await startTestEmulator();
    addGatedModel(local);
    const { status } = await local.post(SUBMIT, {
      model_input: { name: 'a' },
      webhook_endpoint: url,
    });
    expect(status).toBe(201);
  });

  test('allows unknown fields', async () => {
    const { post } = await startTestEmulator();
    expect((await post(PATH, { model_input: {}, something: 1 })).status).toBe(201);
  });

  test('refuses more than 256 KiB with 413, naming both sizes', async () => {
    const { post } = await startTestEmulator();
    const around = JSON.stringify({ model_input: { text: '' } }).length;
    const bodyOf = (size: number) =>
      JSON.stringify({ model_input: { text: 'x'.repeat(size - around) } });
    const { status, json } = await post(PATH, bodyOf(262_145));
    expect([status, json.error_code]).toEqual([413, 'payload_too_large']);
    expect(json.error).toMatch(/262145 bytes.*262144 bytes/);
    expect((await post(PATH, bodyOf(262_144))).status).toBe(201);
  });

  test('gets 404 if a development deployment is scaled to zero', async () => {
    const { post } = await startTestEmulator();
    const path = `/model-${MODEL_IDS.sleeper}/development/async_predict`;
    const { status, json } = await post(path, { model_input: {} });
    expect([status, json.error_code]).toEqual([404, 'model_not_ready']);
  });

  test('gets 503 while the async service is not set up', async () => {
    const { post } = await startTestEmulator({ asyncEnabled: false });
    expect((await post(PATH, { model_input: {} })).status).toBe(503);
  });
});
