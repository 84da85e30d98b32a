import { type Handler, CHAIN_IDS, MODEL_IDS, json } from '../../emulator';
import { type Bench, bench, gate, stopAll } from './support/testEmulator';

afterEach(stopAll);

const HOUR = 3_600_000;

/** Adds a model `gated001` that works on one request at a time and answers when its gate opens. */
function addGatedModel({ emulator }: Bench) {
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
  { post }: Bench,
  name: string,
  more: object = {},
  path = SUBMIT,
): Promise<string> => (await post(path, { model_input: { name }, ...more })).json.request_id;

const statusOf = async ({ get }: Bench, id: string, host = '/model-gated001') =>
  (await get(`${host}/async_request/${id}`)).json;

describe('an async request', () => {
  test('goes from queued through in progress to succeeded', async () => {
    const one = await bench();
    const { open } = addGatedModel(one);
    const [first, second] = [await submit(one, 'a'), await submit(one, 'b')];
    expect((await statusOf(one, first)).status).toBe('IN_PROGRESS');
    expect((await statusOf(one, second)).status).toBe('QUEUED');
    open('a');
    open('b');
    await one.clock.flush();
    expect(await statusOf(one, second)).toMatchObject({
      request_id: second,
      model_id: 'gated001',
      deployment_id: 'gatedpr',
      status: 'SUCCEEDED',
      webhook_status: 'NO_WEBHOOK_PROVIDED',
      errors: [],
    });
  });

  test("is refused on another model's host with 404", async () => {
    const one = await bench();
    addGatedModel(one);
    const id = await submit(one, 'a');
    expect((await one.get(`/model-${MODEL_IDS.echo}/async_request/${id}`)).status).toBe(404);
  });

  test('of a chain carries chain_id', async () => {
    const one = await bench();
    const host = `/chain-${CHAIN_IDS.echo}`;
    const id = await submit(one, 'a', {}, `${host}/production/async_run_remote`);
    await one.clock.flush();
    const status = await statusOf(one, id, host);
    expect(status).toMatchObject({ chain_id: CHAIN_IDS.echo, status: 'SUCCEEDED' });
    expect(status).not.toHaveProperty('model_id');
  });

  test('can be asked for until an hour after its end', async () => {
    const one = await bench();
    const { open } = addGatedModel(one);
    open('a');
    const id = await submit(one, 'a');
    await one.clock.advance(HOUR - 1);
    expect((await one.get(`/model-gated001/async_request/${id}`)).status).toBe(200);
    await one.clock.advance(1);
    expect((await one.get(`/model-gated001/async_request/${id}`)).status).toBe(404);
  });
});

describe('the queue', () => {
  test('serves priority 0 first, and first come first served within a priority', async () => {
    const one = await bench();
    const { order, open } = addGatedModel(one);
    await submit(one, 'running');
    const line = [
      ['low', 2],
      ['mid', 1],
      ['high1', 0],
      ['mid2', 1],
      ['high2', undefined],
    ] as const;
    for (const [name, priority] of line) await submit(one, name, { priority });
    for (const name of ['running', 'high1', 'high2', 'mid', 'mid2', 'low']) open(name);
    await one.clock.flush();
    expect(order).toEqual(['running', 'high1', 'high2', 'mid', 'mid2', 'low']);
  });

  test('counts what is queued and what is in progress', async () => {
    const one = await bench();
    addGatedModel(one);
    for (const name of ['a', 'b', 'c']) await submit(one, name);
    expect((await one.get(QUEUE)).json).toEqual({
      model_id: 'gated001',
      deployment_id: 'gatedpr',
      num_queued_requests: 2,
      num_in_progress_requests: 1,
    });
  });

  test('is one for each deployment', async () => {
    const one = await bench();
    addGatedModel(one);
    await submit(one, 'a');
    await submit(one, 'b', {}, '/model-gated001/environments/staging/async_predict');
    const { json } = await one.get(QUEUE);
    expect(json).toMatchObject({ num_queued_requests: 0, num_in_progress_requests: 1 });
  });

  test('expires a request after its time in the queue', async () => {
    const one = await bench();
    addGatedModel(one);
    await submit(one, 'a');
    const short = await submit(one, 'b', { max_time_in_queue_seconds: 10 });
    const usual = await submit(one, 'c');
    await one.clock.advance(9_999);
    expect((await statusOf(one, short)).status).toBe('QUEUED');
    await one.clock.advance(1);
    expect((await statusOf(one, short)).status).toBe('EXPIRED');
    expect((await statusOf(one, usual)).status).toBe('QUEUED');
    await one.clock.advance(590_000);
    expect((await statusOf(one, usual)).status).toBe('EXPIRED');
  });
});

describe('cancel', () => {
  test('takes a queued request out', async () => {
    const one = await bench();
    const { order, open } = addGatedModel(one);
    await submit(one, 'a');
    const id = await submit(one, 'b', { webhook_endpoint: 'https://example.com/hook' });
    const { status, json } = await one.send('DELETE', `/model-gated001/async_request/${id}`);
    expect([status, json]).toMatchObject([200, { request_id: id, canceled: true }]);
    open('a');
    await one.clock.flush();
    expect(order).toEqual(['a']);
    expect(await statusOf(one, id)).toMatchObject({
      status: 'CANCELED',
      webhook_status: 'CANCELED',
    });
    expect(one.emulator.deliveries).toEqual([]);
  });

  test('leaves a running request alone and says why', async () => {
    const one = await bench();
    addGatedModel(one);
    const id = await submit(one, 'a');
    const { status, json } = await one.send('DELETE', `/model-gated001/async_request/${id}`);
    expect([status, json.canceled]).toEqual([200, false]);
    expect(json.message).toContain('IN_PROGRESS');
  });
});

describe('inference retries', () => {
  const FLAKY = `/model-${MODEL_IDS.flaky}`;
  const run = async (one: Bench, input: object, retry?: object) => {
    const body = { model_input: input, inference_retry_config: retry };
    return (await one.post(`${FLAKY}/production/async_predict`, body)).json.request_id as string;
  };

  test('wait 1 s and 2 s by default, and succeed with the third attempt', async () => {
    const one = await bench();
    const id = await run(one, { fail_times: 2 });
    await one.clock.advance(2_999);
    expect((await statusOf(one, id, FLAKY)).status).toBe('IN_PROGRESS');
    await one.clock.advance(1);
    expect((await statusOf(one, id, FLAKY)).status).toBe('SUCCEEDED');
  });

  test('stop at max_attempts with an error', async () => {
    const one = await bench();
    const id = await run(one, { fail_times: 9 }, { max_attempts: 2, initial_delay_ms: 0 });
    await one.clock.advance(0);
    const { status, errors } = await statusOf(one, id, FLAKY);
    expect([status, errors[0].code]).toEqual(['FAILED', 'MODEL_PREDICT_ERROR']);
    expect(errors[0].message).toContain('failure 2 of 9');
  });

  test('never wait longer than max_delay_ms', async () => {
    const one = await bench();
    const retry = { max_attempts: 4, initial_delay_ms: 1000, max_delay_ms: 1500 };
    const id = await run(one, { fail_times: 3, status: 503 }, retry);
    await one.clock.advance(1000 + 1500 + 1500);
    expect((await statusOf(one, id, FLAKY)).status).toBe('SUCCEEDED');
  });

  test.each([400, 404, 422, 429, 501])('do not follow %d', async (status) => {
    const one = await bench();
    const id = await run(one, { fail_times: 1, status });
    await one.clock.flush();
    expect((await statusOf(one, id, FLAKY)).status).toBe('FAILED');
  });
});

describe('submission', () => {
  const PATH = `/model-${MODEL_IDS.echo}/production/async_predict`;

  test.each([
    ['no model_input', {}],
    ['a model_input that is no object', { model_input: 'x' }],
    ['a priority out of range', { model_input: {}, priority: 3 }],
    ['a priority that is no integer', { model_input: {}, priority: 0.5 }],
    ['too short a time in the queue', { model_input: {}, max_time_in_queue_seconds: 9 }],
    ['too long a time in the queue', { model_input: {}, max_time_in_queue_seconds: 259_201 }],
    ['too many attempts', { model_input: {}, inference_retry_config: { max_attempts: 11 } }],
    [
      'a delay out of range',
      { model_input: {}, inference_retry_config: { initial_delay_ms: 10_001 } },
    ],
    ['a webhook over http', { model_input: {}, webhook_endpoint: 'http://example.com/x' }],
    ['a webhook that is no URL', { model_input: {}, webhook_endpoint: 'nope' }],
  ])('refuses %s with 400', async (_what, body) => {
    const { post } = await bench();
    const { status, json } = await post(PATH, body);
    expect([status, json.error_code]).toEqual([400, 'client_error']);
  });

  test.each([
    ['https://example.com/x'],
    ['http://localhost:1/x'],
    ['http://127.0.0.1:1/x'],
    ['http://[::1]:1/x'],
  ])('accepts the webhook %s', async (url) => {
    const one = await bench();
    addGatedModel(one);
    const { status } = await one.post(SUBMIT, {
      model_input: { name: 'a' },
      webhook_endpoint: url,
    });
    expect(status).toBe(201);
  });

  test('lets fields it does not know through', async () => {
    const { post } = await bench();
    expect((await post(PATH, { model_input: {}, something: 1 })).status).toBe(201);
  });

  test('refuses more than 256 KiB with 413, naming both sizes', async () => {
    const { post } = await bench();
    const around = JSON.stringify({ model_input: { text: '' } }).length;
    const bodyOf = (size: number) =>
      JSON.stringify({ model_input: { text: 'x'.repeat(size - around) } });
    const { status, json } = await post(PATH, bodyOf(262_145));
    expect([status, json.error_code]).toEqual([413, 'payload_too_large']);
    expect(json.error).toMatch(/262145 bytes.*262144 bytes/);
    expect((await post(PATH, bodyOf(262_144))).status).toBe(201);
  });

  test('gets 503 while the async service is not set up', async () => {
    const { post } = await bench({ asyncEnabled: false });
    expect((await post(PATH, { model_input: {} })).status).toBe(503);
  });
});
