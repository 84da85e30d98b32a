import { inspect } from 'node:util';

import { createClient, type SendOptions } from '../../../../nodes/shared/http/client';
import { toConnection } from '../../../../nodes/shared/connection/connection';
import type { BasetenError } from '../../../../nodes/shared/errors/basetenError';
import { HttpState } from '../../../../nodes/shared/http/state';
import { fakeTime } from '../../../support/clock';
import { fakeHttp, WAYS, type FakeRequest, type FakeResponse } from '../../../support/fakeHttp';

const REQUEST = {
  method: 'POST' as const,
  url: 'https://model-abc.api.baseten.co/production/predict',
  subject: 'model abc',
};

/** A body that sends a piece and then fails. */
async function* failing(error: object = { code: 'ECONNRESET' }) {
  yield Buffer.from('{"error":"no');
  throw Object.assign(new Error('aborted'), error);
}

/** A body that sends a piece and then nothing, until its request is aborted. */
async function* stalling(signal: AbortSignal) {
  yield Buffer.from('{"error":"no');
  await new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('stop'))),
  );
}

describe.each(WAYS)('over %s', (way) => {
  /** A client all of whose requests get a response like this. */
  function clientMeeting(respond: (request: FakeRequest) => FakeResponse) {
    const sent: FakeRequest[] = [];
    const time = fakeTime();
    const limits: number[] = [];
    // Only the limit for the reading of a failure ends at once.
    time.limit = (milliseconds) =>
      limits.push(milliseconds) && milliseconds === 3000
        ? AbortSignal.timeout(1)
        : AbortSignal.timeout(60_000);
    time.after = (milliseconds) => {
      limits.push(milliseconds);
      return () => undefined;
    };
    const { context, credential } = fakeHttp(way, async (request) => {
      sent.push(request);
      return respond(request);
    });
    const client = createClient(context, toConnection(credential), new HttpState(time));
    const failure = async (more: object = {}, options: Partial<SendOptions> = {}) =>
      await client.send({ ...REQUEST, ...more }, { timeout: 300, maxRetries: 2, ...options }).then(
        () => Promise.reject(new Error('no failure')),
        (error: BasetenError) => error,
      );
    return { client, failure, sent, limits, time };
  }

  test('a request that never had a connection says so, also if its time is over', async () => {
    const { client, time } = clientMeeting(() => {
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
    });
    time.after = (_, callback) => {
      callback();
      return () => undefined;
    };
    const sending = client.send(REQUEST, { timeout: 300, maxRetries: 0 });
    await expect(sending).rejects.toMatchObject({ kind: 'connection', code: 'ECONNREFUSED' });
  });

  test.each([401, 422, 307])('status %i counts although its body is cut', async (status) => {
    const { failure, sent } = clientMeeting(() => ({ status, body: failing() }));
    expect(await failure()).toMatchObject({ kind: 'http', status, detail: '{"error":"no' });
    expect(sent).toHaveLength(1);
  });

  test.each([{ code: 'Z_DATA_ERROR' }, { code: 'HPE_INVALID_CHUNK_SIZE' }, {}])(
    'status 401 counts whatever is wrong with its body: %j',
    async (error) => {
      const { failure, sent } = clientMeeting(() => ({ status: 401, body: failing(error) }));
      expect((await failure()).status).toBe(401);
      expect(sent).toHaveLength(1);
    },
  );

  test('status 503 is repeated although its body is cut', async () => {
    const { failure, sent } = clientMeeting(() => ({ status: 503, body: failing() }));
    expect((await failure()).status).toBe(503);
    expect(sent).toHaveLength(3);
  });

  test('a body of a failure that stalls is waited for three seconds, then closed', async () => {
    const { failure, sent } = clientMeeting(({ signal }) => ({
      status: 422,
      body: stalling(signal),
    }));
    expect(await failure()).toMatchObject({ status: 422, detail: '{"error":"no' });
    expect(sent.map(({ signal }) => signal.aborted)).toStrictEqual([true]);
  });

  test('an execution that is stopped while a failure is read was stopped, and did not fail', async () => {
    const stop = new AbortController();
    const { failure } = clientMeeting(({ signal }) => {
      setImmediate(() => stop.abort());
      return { status: 401, body: stalling(signal) };
    });
    const error = await failure({}, { signal: stop.signal });
    expect(error.name).toBe('AbortError');
  });

  test.each([201, 202])(
    'a submission is not sent again after status %i was seen',
    async (status) => {
      const { failure, sent } = clientMeeting(() => ({ status, body: failing() }));
      expect(await failure({ startsWork: true })).toMatchObject({
        message: 'Model abc took the request, but the response with its request ID was lost',
        isPassing: undefined,
      });
      expect(sent).toHaveLength(1);
    },
  );

  test('a submission that was refused for a while is sent again', async () => {
    const { failure, sent } = clientMeeting(() => ({ status: 503, body: failing() }));
    expect((await failure({ startsWork: true })).status).toBe(503);
    expect(sent).toHaveLength(3);
  });

  test('a prediction whose response was cut is sent again', async () => {
    const { failure, sent } = clientMeeting(() => ({ body: failing() }));
    expect((await failure()).code).toBe('ECONNRESET');
    expect(sent).toHaveLength(3);
  });

  test('a response tells how often its request was sent', async () => {
    let count = 0;
    const { client } = clientMeeting(() => ({ status: count++ ? 200 : 503 }));
    const options = { timeout: 300, maxRetries: 2 };
    expect((await client.send(REQUEST, options)).attempts).toBe(2);
    expect((await client.send(REQUEST, options)).attempts).toBe(1);
  });

  test.each([
    Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' }),
    Object.assign(new Error('invalid character'), { code: 'ERR_INVALID_CHAR' }),
    Object.assign(new Error('blocked'), { description: 'Ask your administrator.' }),
    new TypeError('not supported'),
  ])('what is not about the network keeps its words, and is not repeated: %s', async (error) => {
    const { failure, sent } = clientMeeting(() => {
      throw error;
    });
    const { message, description } = (await failure()) as Error & { description?: string };
    expect({ message, description }).toStrictEqual({
      message: error.message,
      description: 'description' in error ? error.description : undefined,
    });
    expect(sent).toHaveLength(1);
  });

  test('an error that repeats what was sent does not show the key, whoever sends', async () => {
    const { failure } = clientMeeting(() => {
      throw new TypeError('Headers.append: "Bearer key-123" is an invalid header value.');
    });
    const error = await failure();
    expect(inspect(error, { depth: 9 })).not.toContain('key-123');
    expect(error.message).toContain('Bearer [API key]');
  });

  test.each([2.01, 12.3456, 1, 3600])('a timeout of %p s is taken', async (timeout) => {
    const { client, limits } = clientMeeting(() => ({ body: '{}' }));
    await client.send(REQUEST, { timeout, maxRetries: 0 });
    expect(limits[0]).toBeCloseTo(timeout * 1000);
  });
});

describe('what fetch makes an error of', () => {
  const clientOver = (cause: unknown) => {
    let sent = 0;
    const { context, credential } = fakeHttp('fetch', async () => {
      sent++;
      throw new TypeError('fetch failed', { cause });
    });
    const state = new HttpState(fakeTime());
    const client = createClient(context, toConnection(credential), state);
    const failure = async (more: object = {}) =>
      await client.send({ ...REQUEST, ...more }, { timeout: 300, maxRetries: 2 }).then(
        () => Promise.reject(new Error('no failure')),
        (error: BasetenError) => error,
      );
    return { failure, sent: () => sent };
  };

  test.each([
    ['without words', '', 407],
    ['with words', 'proxy authentication required', 407],
    ['after a body that was read while it was sent', 'expected non-null body source', 401],
  ])('a status that is withheld %s keeps its meaning', async (_, words, status) => {
    const { failure, sent } = clientOver(new Error(words));
    expect(await failure()).toMatchObject({ kind: 'http', status });
    expect(sent()).toBe(1);
  });

  test('an error with a code and without words is not taken for a status', async () => {
    const { failure, sent } = clientOver(Object.assign(new Error(''), { code: 'ECONNRESET' }));
    expect(await failure()).toMatchObject({ kind: 'connection', code: 'ECONNRESET' });
    expect(sent()).toBe(3);
  });

  test('a status below 100 is not HTTP', async () => {
    const { failure, sent } = clientOver(
      Object.assign(new Error('false == true'), { code: 'ERR_ASSERTION' }),
    );
    expect((await failure()).message).toMatch(/is not HTTP$/);
    expect(sent()).toBe(1);
  });

  test('words of fetch about the request are shown, and it is not repeated', async () => {
    const { failure, sent } = clientOver(new Error('unknown scheme'));
    expect((await failure()).message).toBe('unknown scheme');
    expect(sent()).toBe(1);
  });

  test('a 100 that was not asked for is no reason to send a POST again', async () => {
    const cause = Object.assign(new Error('bad response'), { code: 'UND_ERR_SOCKET' });
    const { failure, sent } = clientOver(cause);
    expect(await failure()).toMatchObject({ kind: 'connection', code: 'UNASKED_CONTINUE' });
    expect(sent()).toBe(1);
  });
});
