import { createClient, type SendOptions } from '../../../../nodes/shared/http/client';
import { toConnection } from '../../../../nodes/shared/connection/connection';
import type { BasetenError } from '../../../../nodes/shared/errors/basetenError';
import { hedgeOf } from '../../../../nodes/shared/http/hedge';
import { HttpState } from '../../../../nodes/shared/http/state';
import { fakeTime } from '../../../support/clock';
import { fakeHttp, WAYS, type FakeRequest } from '../../../support/fakeHttp';

type Step =
  { status: number; headers?: Record<string, string>; body?: string } | { code: string } | 'hang';

const REQUEST = {
  method: 'POST' as const,
  url: 'https://model-abc.api.baseten.co/production/predict',
  subject: 'model abc',
};
const OK: Step = { status: 200, body: '{"ok":true}' };

const untilAborted = async (signal: AbortSignal) =>
  await new Promise<never>((_, reject) => {
    if (signal.aborted) reject(new Error('canceled'));
    signal.addEventListener('abort', () => reject(new Error('canceled')));
  });

describe.each(WAYS)('over %s', (way) => {
  /** A client whose requests get these responses, one after the other; the last one is repeated. */
  function clientMeeting(steps: Step[], random = 0) {
    const sent: FakeRequest[] = [];
    const time = fakeTime(random);
    const { context, credential } = fakeHttp(way, async (request) => {
      const step = steps[Math.min(sent.push(request), steps.length) - 1] as Step;
      if (step === 'hang') return await untilAborted(request.signal);
      if ('code' in step) throw Object.assign(new Error('socket'), { cause: { code: step.code } });
      return step;
    });
    const client = createClient(context, toConnection(credential), new HttpState(time));
    const send = async (options: Partial<SendOptions> = {}) =>
      await client.send(REQUEST, { timeout: 300, maxRetries: 3, ...options });
    const failure = async (options: Partial<SendOptions> = {}): Promise<BasetenError> =>
      await send(options).then(
        () => Promise.reject(new Error('no failure')),
        (error: BasetenError) => error,
      );
    return { client, send, failure, sent, time };
  }

  test.each([429, 500, 502, 503, 504])('repeats after status %i', async (status) => {
    const { send, sent } = clientMeeting([{ status }, OK]);
    expect((await send()).body.toString()).toBe('{"ok":true}');
    expect(sent).toHaveLength(2);
  });

  test.each([400, 401, 402, 403, 404, 413, 422, 418, 501, 300, 307])(
    'never repeats after status %i',
    async (status) => {
      const { failure, sent } = clientMeeting([{ status }, OK]);
      expect((await failure()).status).toBe(status);
      expect(sent).toHaveLength(1);
    },
  );

  test('the key for the management API goes with requests for it alone', async () => {
    const sent: string[] = [];
    const { context, credential } = fakeHttp(way, async ({ headers }) => {
      sent.push(String(headers.Authorization));
      return OK as { status: number };
    });
    const connection = toConnection({ ...credential, managementApiKey: 'manage-456' });
    const client = createClient(context, connection, new HttpState(fakeTime()));
    const options = { timeout: 300, maxRetries: 0 };
    await client.send(REQUEST, options);
    await client.send({ ...REQUEST, key: 'management' }, options);
    expect(sent).toStrictEqual(['Bearer key-123', 'Bearer manage-456']);
  });

  test('repeats after a lost connection, and reports the code in the end', async () => {
    const { failure, sent } = clientMeeting([{ code: 'ECONNRESET' }]);
    const error = await failure({ maxRetries: 2 });
    expect(sent).toHaveLength(3);
    expect(error).toMatchObject({
      kind: 'connection',
      code: 'ECONNRESET',
      message: 'The connection to model-abc.api.baseten.co failed while calling model abc',
    });
  });

  test('backs off exponentially, with up to half of it as jitter', async () => {
    const slow = clientMeeting([{ status: 503 }], 1);
    await slow.failure({ maxRetries: 8 });
    expect(slow.time.waits).toStrictEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    const quick = clientMeeting([{ status: 503 }], 0);
    await quick.failure({ maxRetries: 2 });
    expect(quick.time.waits).toStrictEqual([250, 500]);
  });

  test('waits as long as Retry-After asks, in seconds or until a date', async () => {
    const seconds = clientMeeting([{ status: 429, headers: { 'Retry-After': '7' } }, OK]);
    await seconds.send();
    expect(seconds.time.waits).toStrictEqual([7000]);
    const date = clientMeeting([
      { status: 429, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' } },
      OK,
    ]);
    await date.send();
    expect(date.time.waits).toStrictEqual([9000]);
  });

  test('does not wait for a pause of over two minutes, but fails at once', async () => {
    const { failure, sent } = clientMeeting([
      { status: 429, headers: { 'retry-after': '600' } },
      OK,
    ]);
    expect((await failure()).status).toBe(429);
    expect(sent).toHaveLength(1);
  });

  test('the time limit is an error of its own and is not repeated', async () => {
    const { failure, sent } = clientMeeting(['hang']);
    const error = await failure({ timeout: 0.01 });
    expect(error).toMatchObject({
      kind: 'timeout',
      message: 'No complete response from model abc within 0.01 seconds',
    });
    expect(sent).toHaveLength(1);
  });

  test('canceling ends a request in flight', async () => {
    const stop = new AbortController();
    const { send } = clientMeeting(['hang']);
    const sending = send({ signal: stop.signal });
    stop.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('canceling ends the wait before a repeat, and nothing more is sent', async () => {
    const stop = new AbortController();
    const { send, sent, time } = clientMeeting([{ status: 503 }]);
    time.wait = async () => stop.abort();
    await expect(send({ signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(sent).toHaveLength(1);
  });

  test('a response that repeats the key is shown without it', async () => {
    const { failure } = clientMeeting([
      { status: 400, body: '{"error":"bad header Bearer key-123"}' },
    ]);
    expect((await failure()).detail).toBe('bad header Bearer [API key]');
  });

  test('a response too large for memory is an error of its own, and the request is not repeated', async () => {
    const piece = new Uint8Array(10_000_001);
    async function* large() {
      for (let count = 0; count < 20; count++) yield piece;
    }
    let sent = 0;
    const { context, credential } = fakeHttp(way, async () => ({
      status: ++sent && 200,
      body: large(),
    }));
    const client = createClient(context, toConnection(credential), new HttpState(fakeTime()));
    await expect(client.send(REQUEST, { timeout: 300, maxRetries: 3 })).rejects.toMatchObject({
      kind: 'response',
      message: 'The response of model abc is larger than 100 MB, too large for text or JSON',
    });
    expect(sent).toBe(1);
  });

  test('of a response that is a failure, only the start is read', async () => {
    let pieces = 0;
    async function* endless() {
      for (;;) {
        pieces++;
        yield Buffer.from('x'.repeat(10_000));
      }
    }
    const { context, credential } = fakeHttp(way, async () => ({ status: 400, body: endless() }));
    const client = createClient(context, toConnection(credential), new HttpState(fakeTime()));
    await expect(client.send(REQUEST, { timeout: 300, maxRetries: 3 })).rejects.toMatchObject({
      status: 400,
    });
    expect(pieces).toBeLessThan(12);
  });

  test('a rate limit delays every request to the host, not only the one that met it', async () => {
    const { client, sent, time } = clientMeeting([
      { status: 429, headers: { 'retry-after': '7' } },
      OK,
    ]);
    await expect(client.send(REQUEST, { timeout: 300, maxRetries: 0 })).rejects.toMatchObject({
      status: 429,
    });
    expect(time.waits).toStrictEqual([]);
    const other = { ...REQUEST, url: 'https://model-other.api.baseten.co/production/predict' };
    await client.send(other, { timeout: 300, maxRetries: 0 });
    expect(time.waits).toStrictEqual([]);
    await client.send(REQUEST, { timeout: 300, maxRetries: 0 });
    expect(time.waits).toStrictEqual([7000]);
    expect(sent).toHaveLength(3);
  });

  test('a slow request gets a second copy; if that responds first, the first one is aborted', async () => {
    const { send, sent, time } = clientMeeting(['hang', OK]);
    const hedge = hedgeOf(200, 10);
    expect((await send({ hedge })).body.toString()).toBe('{"ok":true}');
    expect(time.waits).toStrictEqual([200]);
    expect(sent.map(({ signal }) => signal.aborted)).toStrictEqual([true, false]);
    expect(hedge.budget.left).toBe(0);
  });

  test('canceling ends both copies', async () => {
    const stop = new AbortController();
    const { send, sent } = clientMeeting(['hang']);
    const sending = send({ signal: stop.signal, hedge: hedgeOf(200, 10) });
    setImmediate(() => stop.abort());
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    expect(sent.map(({ signal }) => signal.aborted)).toStrictEqual([true, true]);
  });

  test('every request has the key, and no redirect is followed with it', async () => {
    const { send, sent } = clientMeeting([OK]);
    await send();
    expect(sent[0]?.headers).toMatchObject({
      Authorization: 'Bearer key-123',
      'User-Agent': expect.stringMatching(/^n8n-nodes-baseten\//),
    });
    expect(sent[0]?.settings).toMatchObject(
      way === 'n8n' ? { disableFollowRedirect: true } : { redirect: 'manual' },
    );
  });
});
