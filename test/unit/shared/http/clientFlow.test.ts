import { createClient, type BasetenRequest } from '../../../../nodes/shared/http/client';
import { toConnection } from '../../../../nodes/shared/connection/connection';
import { NO_LIMITS, RunFlow } from '../../../../nodes/shared/http/flow/runFlow';
import { HttpState } from '../../../../nodes/shared/http/state';
import { fakeHttp, type FakeRequest, type FakeResponse } from '../../../support/fakeHttp';
import { Simulation } from '../../../support/simulation';

const HOST = 'https://model-abc.api.baseten.co';
const PREDICT = {
  method: 'POST' as const,
  url: `${HOST}/production/predict`,
  subject: 'model abc',
};
const STATUS = { method: 'GET' as const, url: `${HOST}/async_request/r1`, subject: 'a request' };
const SUBMIT = { ...PREDICT, url: `${HOST}/production/async_predict` };
const MANAGE = { ...STATUS, url: 'https://api.baseten.co/v1/models' };
const OPTIONS = { timeout: 300, maxRetries: 3 };

/** A network in simulated time: each request takes 50 ms and gets what `respond` says. */
function network(respond: (request: FakeRequest, sent: number) => FakeResponse) {
  const time = new Simulation();
  const state = new HttpState(time);
  const sent: Array<{ at: number; url: string; key: string }> = [];
  const { context } = fakeHttp('n8n', async (request) => {
    const key = request.headers.Authorization?.replace('Bearer ', '') ?? '';
    sent.push({ at: time.elapsed(), url: request.url, key });
    await time.wait(50, request.signal);
    request.signal.throwIfAborted();
    return respond(request, sent.length);
  });
  const clientOf = (apiKey = 'key') =>
    createClient(context, toConnection({ apiKey, connection: 'n8n' }), state);
  return { time, state, sent, clientOf };
}

const refused = (headers: Record<string, string> = {}, body = ''): FakeResponse => ({
  status: 429,
  headers,
  body,
});
const answered: FakeResponse = { status: 200, body: '{}' };

test('the 429 of one key does not hold up another key at the same host', async () => {
  const { time, sent, clientOf } = network((_request, count) =>
    count === 1 ? refused({ 'retry-after': '8' }) : answered,
  );
  const limited = clientOf('one').send(PREDICT, OPTIONS);
  await time.passTo(100);
  await time.until(clientOf('other').send(PREDICT, OPTIONS));
  expect(time.elapsed()).toBeLessThan(200);
  await time.until(limited);
  expect(sent.map(({ key }) => key)).toStrictEqual(['one', 'other', 'one']);
  expect(sent[2]?.at).toBeGreaterThanOrEqual(8000);
});

test('requests of a stopped execution keep no place in the queue of the next one', async () => {
  let isLimited = true;
  const { time, clientOf } = network(() => (isLimited ? refused() : answered));
  const client = clientOf();
  const stop = new AbortController();
  const flow = new RunFlow({ ...NO_LIMITS, maxConcurrency: 256 });
  const stopped = Array.from({ length: 1000 }, () =>
    client.send(PREDICT, { ...OPTIONS, signal: stop.signal, flow }).catch(() => undefined),
  );
  await time.passTo(3000);
  stop.abort(new Error('stopped'));
  isLimited = false;
  await time.until(Promise.all(stopped));
  const begun = time.elapsed();
  await time.until(clientOf().send(PREDICT, OPTIONS));
  expect(time.elapsed() - begun).toBeLessThan(13_000);
});

test('looks at the status do not starve behind predictions that are limited', async () => {
  const { time, clientOf } = network(({ url }) =>
    url.endsWith('predict') ? refused({ 'retry-after': '60' }) : answered,
  );
  const stop = new AbortController();
  const predictions = Array.from({ length: 500 }, () =>
    clientOf()
      .send(PREDICT, { ...OPTIONS, signal: stop.signal })
      .catch(() => undefined),
  );
  await time.passTo(1000);
  const begun = time.elapsed();
  await time.until(
    Promise.all(
      Array.from({ length: 2400 }, () =>
        clientOf().send(STATUS, {
          timeout: 10,
          maxRetries: 0,
          signal: AbortSignal.timeout(60_000),
        }),
      ),
    ),
  );
  expect(time.elapsed() - begun).toBeLessThan(1000);
  stop.abort();
  await time.until(Promise.all(predictions));
});

test('one request of another execution is not behind a batch that keeps its distance', async () => {
  let isLimited = true;
  const { time, clientOf } = network(() => (isLimited ? refused() : answered));
  const flow = new RunFlow({ ...NO_LIMITS, maxConcurrency: 100 });
  const batch = Array.from({ length: 100 }, () =>
    clientOf()
      .send(PREDICT, { ...OPTIONS, maxRetries: 20, flow })
      .catch(() => undefined),
  );
  await time.passTo(5000);
  isLimited = false;
  await time.until(clientOf().send(PREDICT, OPTIONS));
  const alone = time.elapsed();
  await time.until(Promise.all(batch));
  expect(time.elapsed()).toBeGreaterThan(alone + 5000);
});

test('time makes it faster again: eight hours after a burst of 429 fifty items are quick', async () => {
  let isLimited = true;
  const { time, clientOf } = network(() => (isLimited ? refused() : answered));
  const client = clientOf();
  const burst = Array.from({ length: 50 }, () =>
    client.send(PREDICT, OPTIONS).catch(() => undefined),
  );
  await time.until(Promise.all(burst));
  isLimited = false;
  await time.passTo(8 * 3_600_000);
  const begun = time.elapsed();
  await time.until(Promise.all(Array.from({ length: 50 }, () => client.send(PREDICT, OPTIONS))));
  expect(time.elapsed() - begun).toBeLessThan(2000);
});

test('a limit that lasts does not make it slower and slower: 180 items in little over 180 s', async () => {
  const taken: number[] = [];
  const { time, clientOf } = network(() => {
    const now = time.elapsed();
    if (taken.filter((at) => at > now - 60_000).length >= 60) return refused();
    taken.push(now);
    return answered;
  });
  const client = clientOf();
  const flow = new RunFlow({ ...NO_LIMITS, maxConcurrency: 8 });
  let next = 0;
  const taker = async () => {
    while (next++ < 180) await client.send(PREDICT, { ...OPTIONS, maxRetries: 20, flow });
  };
  await time.until(Promise.all(Array.from({ length: 8 }, taker)));
  expect(taken).toHaveLength(180);
  expect(time.elapsed()).toBeLessThan(180_000 / 0.85);
});

test.each([
  ['Retry-After in seconds', refused({ 'retry-after': '8' })],
  [
    'Retry-After as a date',
    refused({
      'retry-after': 'Thu, 01 Jan 1970 00:00:08 GMT',
      date: 'Thu, 01 Jan 1970 00:00:00 GMT',
    }),
  ],
  ['retry_after in a JSON body', refused({}, '{"error":"too fast","retry_after":8}')],
])('a pause that is asked for counts alike: %s', async (_, refusal) => {
  const { time, sent, clientOf } = network((_request, count) => (count === 1 ? refusal : answered));
  await time.until(clientOf().send(MANAGE, OPTIONS));
  expect(sent).toHaveLength(2);
  expect(sent[1]?.at).toBeGreaterThanOrEqual(8050);
  expect(sent[1]?.at).toBeLessThan(8100);
});

test('what Baseten limits apart is held up apart', async () => {
  const { time, clientOf } = network(({ url }) =>
    url.endsWith('/predict') ? refused({ 'retry-after': '60' }) : answered,
  );
  const limited = clientOf().send(PREDICT, { ...OPTIONS, maxRetries: 0 });
  await expect(time.until(limited)).rejects.toMatchObject({ status: 429 });
  const begun = time.elapsed();
  for (const request of [STATUS, SUBMIT, MANAGE])
    await time.until(clientOf().send(request, OPTIONS));
  expect(time.elapsed() - begun).toBeLessThan(200);
  const again = clientOf().send({ ...PREDICT, subject: 'held up' }, { ...OPTIONS, maxRetries: 0 });
  await expect(time.until(again)).rejects.toMatchObject({ status: 429 });
  expect(time.elapsed()).toBeGreaterThan(60_000);
});

test('each Model API has a limit of its own', async () => {
  const of = (model: string): BasetenRequest => ({
    ...PREDICT,
    url: 'https://inference.baseten.co/v1/chat/completions',
    model,
  });
  const { time, clientOf } = network((_request, count) =>
    count === 1 ? refused({ 'retry-after': '60' }) : answered,
  );
  const limited = clientOf().send(of('a/b'), OPTIONS);
  await time.passTo(100);
  await time.until(clientOf().send(of('c/d'), OPTIONS));
  expect(time.elapsed()).toBeLessThan(200);
  await time.until(limited);
});

describe('streamed responses', () => {
  const pieces = async function* () {
    yield Buffer.from('a');
    yield Buffer.from('b');
  };
  const broken = async function* () {
    yield Buffer.from('a');
    throw Object.assign(new Error('socket'), { code: 'ECONNRESET' });
  };

  test.each<[string, () => AsyncGenerator<Uint8Array>, boolean]>([
    ['are read to their end', pieces, true],
    ['break off', broken, true],
    ['are not wanted after their start', pieces, false],
  ])('leave their places: they %s', async (_, body, isWhole) => {
    const { time, clientOf } = network(() => ({ status: 200, body: body() }));
    const flow = new RunFlow(NO_LIMITS);
    const read = async () => {
      const response = await clientOf().stream(PREDICT, { ...OPTIONS, flow }, () => true);
      try {
        for await (const chunk of response.body as AsyncIterable<Uint8Array>)
          if (chunk.length > 0 && !isWhole) break;
      } catch {
        // It broke off.
      }
    };
    for (let each = 0; each < 30; each++) await time.until(read());
    expect(time.elapsed()).toBeLessThan(30 * 60);
  });

  test('that nobody reads leave their places with the run', async () => {
    const { time, clientOf } = network(() => ({ status: 200, body: pieces() }));
    const stop = new AbortController();
    const open = async (signal?: AbortSignal) =>
      await clientOf().stream(
        PREDICT,
        { ...OPTIONS, flow: new RunFlow(NO_LIMITS), signal },
        () => true,
      );
    for (let each = 0; each < 8; each++) await time.until(open(stop.signal));
    stop.abort();
    await time.until(open());
    expect(time.elapsed()).toBeLessThan(9 * 60);
  });
});

test('a run knows how often it was refused, and how fast it went on', async () => {
  const { time, clientOf } = network((_request, count) => (count <= 2 ? refused() : answered));
  const flow = new RunFlow({ ...NO_LIMITS, maxConcurrency: 1 });
  expect(flow.slowdown).toBeUndefined();
  for (let each = 0; each < 5; each++)
    await time.until(clientOf().send(PREDICT, { ...OPTIONS, flow }));
  expect(flow.slowdown).toMatchObject({ refusals: 2 });
  expect(flow.slowdown?.perMinute).toBeGreaterThan(60);
});
