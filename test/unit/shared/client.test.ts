import type { IHttpRequestOptions } from 'n8n-workflow';

import { createClient, type SendOptions } from '../../../nodes/shared/client';
import { toConnection } from '../../../nodes/shared/connection';
import type { BasetenError } from '../../../nodes/shared/errors';
import { fakeTime } from '../fakeTime';

type Step = { status: number; headers?: Record<string, string>; body?: string } | { code: string } | 'hang';

const REQUEST = { method: 'POST' as const, url: 'https://model-abc.api.baseten.co/production/predict', subject: 'model abc' };
const OK: Step = { status: 200, body: '{"ok":true}' };

/** A client whose requests meet these answers, one after the other; the last one stays. */
function clientMeeting(steps: Step[], random = 0) {
  const sent: IHttpRequestOptions[] = [];
  const time = fakeTime(random);
  const httpRequest = async (options: IHttpRequestOptions) => {
    const step = steps[Math.min(sent.push(options), steps.length) - 1] as Step;
    if (step === 'hang') {
      return await new Promise((_, reject) =>
        options.abortSignal?.addEventListener?.('abort', () => reject(new Error('canceled'))),
      );
    }
    if ('code' in step) throw Object.assign(new Error('socket'), { cause: { code: step.code } });
    return { statusCode: step.status, headers: step.headers ?? {}, body: Buffer.from(step.body ?? '') };
  };
  const client = createClient({ helpers: { httpRequest } } as never, toConnection({ apiKey: 'key-123' }), time);
  const send = async (options: Partial<SendOptions> = {}) =>
    await client.send(REQUEST, { timeout: 300, maxRetries: 3, ...options });
  const failure = async (options: Partial<SendOptions> = {}): Promise<BasetenError> =>
    await send(options).then(
      () => Promise.reject(new Error('no failure')),
      (error: BasetenError) => error,
    );
  return { send, failure, sent, time };
}

test.each([429, 500, 502, 503, 504])('repeats after status %i', async (status) => {
  const { send, sent } = clientMeeting([{ status }, OK]);
  expect((await send()).body.toString()).toBe('{"ok":true}');
  expect(sent).toHaveLength(2);
});

test.each([400, 401, 402, 403, 404, 413, 422, 418, 501, 307])('never repeats after status %i', async (status) => {
  const { failure, sent } = clientMeeting([{ status }, OK]);
  expect((await failure()).status).toBe(status);
  expect(sent).toHaveLength(1);
});

test('repeats after a lost connection and tells the code in the end', async () => {
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
  const date = clientMeeting([{ status: 429, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' } }, OK]);
  await date.send();
  expect(date.time.waits).toStrictEqual([9000]);
});

test('does not come back before time: a pause of over two minutes is told, not waited for', async () => {
  const { failure, sent } = clientMeeting([{ status: 429, headers: { 'retry-after': '600' } }, OK]);
  expect((await failure()).status).toBe(429);
  expect(sent).toHaveLength(1);
});

test('the limit of time is an error of its own and is not repeated', async () => {
  const { failure, sent } = clientMeeting(['hang']);
  const error = await failure({ timeout: 0.01 });
  expect(error).toMatchObject({ kind: 'timeout', message: 'No complete answer from model abc within 0.01 seconds' });
  expect(sent).toHaveLength(1);
});

test('cancelling ends a request in flight', async () => {
  const stop = new AbortController();
  const { send } = clientMeeting(['hang']);
  const sending = send({ signal: stop.signal });
  stop.abort();
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
});

test('cancelling ends the wait before a repeat, and nothing more is sent', async () => {
  const stop = new AbortController();
  const { send, sent, time } = clientMeeting([{ status: 503 }]);
  time.wait = async () => stop.abort();
  await expect(send({ signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  expect(sent).toHaveLength(1);
});

test('an answer that repeats the key loses it', async () => {
  const { failure } = clientMeeting([{ status: 400, body: '{"error":"bad header Bearer key-123"}' }]);
  expect((await failure()).detail).toBe('bad header Bearer [API key]');
});
