import type { IHttpRequestOptions } from 'n8n-workflow';

import { createClient, gather, type SendOptions } from '../../../nodes/shared/client';
import { toConnection } from '../../../nodes/shared/connection';
import { fakeTime } from '../fakeTime';

type Chunk = string | Error | 'hang';
interface Step {
  status?: number;
  chunks: Chunk[];
}

const REQUEST = {
  method: 'POST' as const,
  url: 'https://inference.baseten.co/v1/chat/completions',
  subject: 'Model API m',
};
const socketError = () => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

/** A client whose streams meet these answers, one after the other. */
function clientMeeting(...steps: Step[]) {
  const sent: IHttpRequestOptions[] = [];
  let closed = 0;
  async function* bodyOf({ chunks }: Step, { abortSignal }: IHttpRequestOptions): AsyncGenerator<Buffer> {
    try {
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        if (chunk === 'hang') {
          const signal = abortSignal as AbortSignal;
          signal.throwIfAborted();
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('canceled'))));
        }
        yield Buffer.from(chunk as string);
      }
    } finally {
      closed++;
    }
  }
  const httpRequest = async (options: IHttpRequestOptions) => {
    const step = steps[sent.push(options) - 1] as Step;
    const headers = { 'Content-Type': 'text/event-stream' };
    return { statusCode: step.status ?? 200, headers, body: bodyOf(step, options) };
  };
  const client = createClient({ helpers: { httpRequest } } as never, toConnection({ apiKey: 'key-123' }), fakeTime());
  const stream = async (options: Partial<SendOptions> = {}) =>
    await client.stream(REQUEST, { timeout: 300, maxRetries: 3, ...options });
  return { stream, sent, closedCount: () => closed };
}

test('gives the head and then the chunks as they come', async () => {
  const { stream, sent } = clientMeeting({ chunks: ['a', 'b'] });
  const { status, headers, body } = await stream();
  expect([status, headers['content-type']]).toStrictEqual([200, 'text/event-stream']);
  expect((await gather(body)).toString()).toBe('ab');
  expect(sent[0]).toMatchObject({
    encoding: 'stream',
    disableFollowRedirect: true,
    headers: { Authorization: 'Bearer key-123' },
  });
});

test('an empty body is no failure', async () => {
  const { stream } = clientMeeting({ chunks: [] });
  expect(await gather((await stream()).body)).toHaveLength(0);
});

test('repeats until the body has begun: after a refusal, and a connection lost before the first byte', async () => {
  const { stream, sent } = clientMeeting(
    { status: 503, chunks: ['busy'] },
    { chunks: [socketError()] },
    { chunks: ['a'] },
  );
  expect((await gather((await stream()).body)).toString()).toBe('a');
  expect(sent).toHaveLength(3);
});

test('never repeats once the body has begun: what breaks then is an error', async () => {
  const { stream, sent } = clientMeeting({ chunks: ['a', socketError()] }, { chunks: ['b'] });
  const { body } = await stream();
  await expect(gather(body)).rejects.toMatchObject({ kind: 'connection', code: 'ECONNRESET' });
  expect(sent).toHaveLength(1);
});

test('a refusal is told in its own words, without the key', async () => {
  const { stream } = clientMeeting({ status: 400, chunks: ['{"error":', '"bad key-123"}'] });
  await expect(stream()).rejects.toMatchObject({ status: 400, detail: 'bad [API key]' });
});

test('the limit of time counts until the last byte', async () => {
  const { stream } = clientMeeting({ chunks: ['a', 'hang'] });
  const { body } = await stream({ timeout: 0.01 });
  await expect(gather(body)).rejects.toMatchObject({ kind: 'timeout' });
});

test('cancelling ends a body that is coming', async () => {
  const stop = new AbortController();
  const { stream } = clientMeeting({ chunks: ['a', 'hang'] });
  const reading = gather((await stream({ signal: stop.signal })).body);
  stop.abort();
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
});

test('a body that is left before its end is closed', async () => {
  const { stream, closedCount } = clientMeeting({ chunks: ['a', 'b', 'hang'] });
  const chunks = (await stream()).body[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.return?.();
  expect(closedCount()).toBe(1);
});
