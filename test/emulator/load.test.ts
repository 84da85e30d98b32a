import { type CapacityChange, MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestEmulator } from './support/testEmulator';
import { eventually, gate } from './support/waiting';

afterEach(stopAll);

const ID = 'loaded01';
const PREDICT = `/model-${ID}/production/predict`;
const WORK_MS = 100;

/** A model whose requests take 100 ms, unless the capacity says something else. */
async function startLoaded(capacity: CapacityChange): Promise<TestEmulator> {
  const local = await startTestEmulator();
  const serviceTime = { medianMs: WORK_MS, sigma: 0 };
  const all = { serviceTime, ...capacity };
  local.emulator.addModel({ id: ID, name: 'Loaded', capacity: all, handler: echoed });
  return local;
}

const echoed = () => ({ body: 'done' });

const production = ({ emulator }: TestEmulator) =>
  emulator.owner('model', ID).deployments.find((one) => one.options.environment === 'production')!;

/** Sends requests and waits until all of them are in flight. */
async function sendAll(local: TestEmulator, count: number) {
  const { load } = production(local);
  const inFlight = load.working + load.queued + count;
  const statuses: number[] = [];
  const sent = Array.from({ length: count }, async () => {
    // Those that a test leaves unanswered are cut when it ends.
    const status = await local.post(PREDICT, {}).then(
      (response) => response.status,
      () => 0,
    );
    statuses.push(status);
    return status;
  });
  await eventually(() => {
    const now = production(local).load;
    return now.working + now.queued === inFlight;
  });
  return { statuses, all: Promise.all(sent) };
}

test('a replica works on as many requests as its concurrency target, and the others wait', async () => {
  const local = await startLoaded({ concurrencyTarget: 2 });
  const { statuses, all } = await sendAll(local, 5);
  expect(production(local).load).toEqual({ working: 2, queued: 3, refused: 0 });
  for (const answered of [2, 4, 5]) {
    await local.clock.advance(WORK_MS);
    await eventually(() => statuses.length === answered);
  }
  expect(await all).toEqual([200, 200, 200, 200, 200]);
  expect(production(local).load).toEqual({ working: 0, queued: 0, refused: 0 });
});

test('requests are worked on in the order in which they came', async () => {
  const local = await startLoaded({ concurrencyTarget: 1 });
  for (let sent = 0; sent < 3; sent++) {
    await sendAll(local, 1);
    await local.clock.advance(10);
  }
  await local.clock.advance(3 * WORK_MS);
  const { requests } = local.emulator;
  await eventually(() => requests.every(({ endedAt }) => endedAt !== undefined));
  const [first] = requests;
  const times = (at: 'receivedAt' | 'begunAt' | 'endedAt') =>
    requests.map((request) => request[at]! - first!.receivedAt);
  expect(times('receivedAt')).toEqual([0, 10, 20]);
  expect(times('begunAt')).toEqual([0, 100, 200]);
  expect(times('endedAt')).toEqual([100, 200, 300]);
});

test('a request whose caller goes away while it waits leaves the queue', async () => {
  const local = await startLoaded({ concurrencyTarget: 1 });
  const { all } = await sendAll(local, 1);
  const caller = new AbortController();
  const gone = fetch(local.emulator.url + PREDICT, {
    method: 'POST',
    headers: { authorization: `Bearer ${local.emulator.apiKey}`, 'content-type': 'text/plain' },
    body: 'x',
    signal: caller.signal,
  });
  await eventually(() => production(local).load.queued === 1);
  caller.abort();
  await expect(gone).rejects.toThrow();
  await eventually(() => production(local).load.queued === 0);
  await local.clock.advance(WORK_MS);
  expect(await all).toEqual([200]);
  expect(production(local).load.working).toBe(0);
});

test('a caller that goes away while it is worked on gives its place to the next one', async () => {
  const local = await startLoaded({ concurrencyTarget: 1 });
  const caller = new AbortController();
  const gone = fetch(local.emulator.url + PREDICT, {
    method: 'POST',
    headers: { authorization: `Bearer ${local.emulator.apiKey}`, 'content-type': 'text/plain' },
    body: 'x',
    signal: caller.signal,
  });
  await eventually(() => production(local).load.working === 1);
  const { all } = await sendAll(local, 1);
  caller.abort();
  await expect(gone).rejects.toThrow();
  await eventually(() => production(local).load.queued === 0);
  await local.clock.advance(WORK_MS);
  expect(await all).toEqual([200]);
});

test('a streamed response keeps its place until its last byte', async () => {
  const local = await startTestEmulator({ tokenMs: 10 });
  const capacity = { concurrencyTarget: 1 };
  for (const one of local.emulator.owner('model', MODEL_IDS.llm).deployments) one.change(capacity);
  const model = local.emulator.owner('model', MODEL_IDS.llm).deployments[0]!;
  const body = {
    model: 'baseten',
    stream: true,
    messages: [{ role: 'user', content: 'Hello there' }],
  };
  const path = `/model-${MODEL_IDS.llm}/production/sync/v1/chat/completions`;
  const response = local.post(path, body);
  await eventually(() => local.clock.pending > 0);
  await local.clock.advance(10);
  expect(model.load.working).toBe(1);
  for (let step = 0; step < 100 && model.load.working > 0; step++) await local.clock.advance(10);
  expect((await response).text).toContain('[DONE]');
  await eventually(() => model.load.working === 0);
});

test('lognormal times have the median and the spread that were asked for, in each run', async () => {
  const sample = async () => {
    const local = await startLoaded({ serviceTime: { medianMs: 200, sigma: 0.8 } });
    const { statuses } = await sendAll(local, 200);
    const answeredAfter = async (ms: number) => {
      await local.clock.advance(ms);
      await eventually(() => production(local).load.working + statuses.length === 200);
      return statuses.length;
    };
    return [await answeredAfter(100), await answeredAfter(100)];
  };
  const [quick, half] = await sample();
  // A fifth takes less than half of the median; 200 times may be off by some.
  expect(quick! / 200).toBeGreaterThan(0.1);
  expect(quick! / 200).toBeLessThan(0.28);
  expect(half! / 200).toBeGreaterThan(0.4);
  expect(half! / 200).toBeLessThan(0.6);
  expect(await sample()).toEqual([quick, half]);
});

test('the load of a window brings replicas, and each takes its time to start', async () => {
  const capacity = {
    concurrencyTarget: 1,
    maxReplica: 4,
    autoscalingWindowMs: 6_000,
    wakeMs: 2_000,
    serviceTime: { medianMs: 60_000, sigma: 0 },
  };
  const local = await startLoaded(capacity);
  await sendAll(local, 10);
  // A second of ten requests in a window of six: 1.7 in flight, and 0.7 on each replica.
  await local.clock.advance(1_000);
  expect(production(local).activeReplicas).toBe(1);
  await local.clock.advance(2_000);
  expect(production(local).activeReplicas).toBe(3);
  await local.clock.advance(1_000);
  expect(production(local).activeReplicas).toBe(4);
  expect(production(local).load).toEqual({ working: 4, queued: 6, refused: 0 });
  await local.clock.advance(60_000);
  expect(production(local).activeReplicas).toBe(4);
});

test('replicas go away by halves after a time of low load', async () => {
  const capacity = {
    concurrencyTarget: 1,
    maxReplica: 4,
    autoscalingWindowMs: 600,
    wakeMs: 0,
    scaleDownDelayMs: 30_000,
    serviceTime: { medianMs: 1_000, sigma: 0 },
  };
  const local = await startLoaded(capacity);
  const { all } = await sendAll(local, 10);
  await local.clock.advance(10_000);
  expect(await all).toHaveLength(10);
  expect(production(local).activeReplicas).toBe(4);
  await local.clock.advance(19_000);
  expect(production(local).activeReplicas).toBe(4);
  await local.clock.advance(5_000);
  expect(production(local).activeReplicas).toBe(2);
  await local.clock.advance(31_000);
  expect(production(local).activeReplicas).toBe(1);
  await local.clock.advance(300_000);
  expect(production(local).activeReplicas).toBe(1);
  // Nothing watches a deployment that rests.
  expect(local.clock.pending).toBe(0);
});

test('requests above a number in flight are refused, async ones are not', async () => {
  const refusal = { status: 503, retryAfter: 7, pauseIn: 'header' } as const;
  const local = await startLoaded({ concurrencyTarget: 1, maxInFlight: 2, refusal });
  const { all } = await sendAll(local, 2);
  const refused = await local.post(PREDICT, {});
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7']);
  expect(refused.json).toMatchObject({ error_code: 'model_unavailable' });
  expect(production(local).load.refused).toBe(1);
  const submitted = await local.post(PREDICT.replace('predict', 'async_predict'), {
    model_input: {},
  });
  expect(submitted.status).toBe(201);
  await local.clock.advance(3 * WORK_MS);
  expect(await all).toEqual([200, 200]);
  const id = submitted.json.request_id;
  const { json } = await local.get(`/model-${ID}/async_request/${id}`);
  expect(json.status).toBe('SUCCEEDED');
});

test('the pause stands where it is asked for', async () => {
  const local = await startLoaded({ concurrencyTarget: 1, maxInFlight: 1 });
  await sendAll(local, 1);
  const refusedWith = async (pauseIn: 'header' | 'date' | 'body' | 'none') => {
    production(local).change({ refusal: { retryAfter: 8, pauseIn } });
    const { headers, json } = await local.post(PREDICT, {});
    return { header: headers.get('retry-after'), body: json.retry_after };
  };
  expect(await refusedWith('header')).toEqual({ header: '8', body: undefined });
  const date = new Date(local.clock.now() + 8_000).toUTCString();
  expect(await refusedWith('date')).toEqual({ header: date, body: undefined });
  expect(await refusedWith('body')).toEqual({ header: null, body: 8 });
  expect(await refusedWith('none')).toEqual({ header: null, body: undefined });
});

test('a change of the replicas holds while requests wait', async () => {
  const local = await startLoaded({ concurrencyTarget: 2, wakeMs: 500 });
  const serviceTime = { medianMs: 10_000, sigma: 0 };
  production(local).change({ serviceTime });
  await sendAll(local, 8);
  production(local).change({ minReplica: 3, maxReplica: 3 });
  expect(production(local).load.working).toBe(2);
  await local.clock.advance(500);
  expect(production(local).load).toMatchObject({ working: 6, queued: 2 });
  production(local).change({ concurrencyTarget: 4 });
  expect(production(local).load).toMatchObject({ working: 8, queued: 0 });
});

test('another process can add a model, change what it takes and see its load', async () => {
  const local = await startTestEmulator();
  const added = await local.send('PUT', '/__emulator/models/added001', {
    capacity: { concurrencyTarget: 2, serviceTime: { medianMs: 50, sigma: 0 } },
  });
  expect(added.status).toBe(201);
  const answers = [1, 2, 3].map((n) => local.post('/model-added001/production/predict', { n }));
  const loaded = async () => {
    const { json } = await local.get('/__emulator/models/added001');
    return json.deployments.find(
      (one: { environment: string }) => one.environment === 'production',
    );
  };
  await eventually(() => local.emulator.inFlight === 3);
  expect(await loaded()).toMatchObject({ replicas: 1, working: 2, queued: 1, status: 'ACTIVE' });
  const path = '/__emulator/models/added001';
  await local.send('PATCH', path, { concurrencyTarget: null });
  expect(await loaded()).toMatchObject({ working: 3, queued: 0 });
  await local.clock.advance(50);
  expect((await Promise.all(answers)).map(({ json }) => json.n)).toEqual([1, 2, 3]);
});

test.each([
  ['PUT', 'models/added001', { capacity: { concurrencyTarget: 0 } }, 'concurrencyTarget'],
  ['PUT', 'models/added001', { replicas: 2 }, 'replicas'],
  ['PUT', 'models/a-b', {}, 'letters and digits'],
  ['PATCH', `models/${MODEL_IDS.echo}`, { refusal: { status: 500 } }, 'refusal'],
  ['PUT', 'limits', [{ burst: 2 }], 'perMinute'],
  ['PUT', 'limits', [{ perMinute: 2, match: { pathPattern: '(' } }], 'regular expression'],
])('%s %s says what is wrong with %j', async (method, path, body, words) => {
  const { send } = await startTestEmulator();
  const { status, text } = await send(method, `/__emulator/${path}`, body);
  expect([status, text]).toEqual([400, expect.stringContaining(words)]);
});

test('a model that nobody has limited works on everything at once', async () => {
  const { emulator, clock, post } = await startTestEmulator();
  const { opened, open } = gate();
  emulator.addModel({
    id: ID,
    name: 'Open',
    handler: async () => {
      await opened;
      return { body: 'done' };
    },
  });
  const answers = Array.from({ length: 40 }, () => post(PREDICT, {}));
  const { deployments } = emulator.owner('model', ID);
  await eventually(() => deployments[0]!.load.working === 40);
  open();
  await Promise.all(answers);
  expect(clock.pending).toBeLessThanOrEqual(1);
});
