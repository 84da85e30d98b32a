import {
  createClient,
  type BasetenRequest,
  type SendOptions,
} from '../../../../nodes/shared/http/client';
import { toConnection } from '../../../../nodes/shared/connection/connection';
import { responseFailure } from '../../../../nodes/shared/errors/basetenError';
import { HttpState } from '../../../../nodes/shared/http/state';
import { fakeTime } from '../../../support/clock';
import { fakeHttp, WAYS, type FakeRequest } from '../../../support/fakeHttp';

type Chunk = string | Error | 'hang';
interface Step {
  status?: number;
  type?: string;
  chunks: Chunk[];
}

const REQUEST = {
  method: 'POST' as const,
  url: 'https://inference.baseten.co/v1/chat/completions',
  subject: 'Model API m',
};
const socketError = () => Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

async function read(body: Buffer | AsyncIterable<Uint8Array>): Promise<string> {
  if (Buffer.isBuffer(body)) throw new Error('The body is not a stream.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe.each(WAYS)('over %s', (way) => {
  /** A client whose streams get these responses, one after the other. */
  function clientMeeting(...steps: Step[]) {
    const sent: FakeRequest[] = [];
    let closed = 0;
    async function* bodyOf({ chunks }: Step, signal: AbortSignal): AsyncGenerator<Buffer> {
      try {
        for (const chunk of chunks) {
          if (chunk instanceof Error) throw chunk;
          if (chunk === 'hang') {
            signal.throwIfAborted();
            await new Promise((_, reject) =>
              signal.addEventListener('abort', () => reject(new Error('canceled'))),
            );
          }
          yield Buffer.from(chunk as string);
        }
      } finally {
        closed++;
      }
    }
    const { context, credential } = fakeHttp(way, async (request) => {
      const step = steps[sent.push(request) - 1] as Step;
      const headers = { 'Content-Type': step.type ?? 'text/event-stream' };
      return { status: step.status, headers, body: bodyOf(step, request.signal) };
    });
    const client = createClient(context, toConnection(credential), new HttpState(fakeTime()));
    const stream = async (options: Partial<SendOptions> = {}, more: Partial<BasetenRequest> = {}) =>
      await client.stream(
        { ...REQUEST, ...more },
        { timeout: 300, maxRetries: 3, ...options },
        ({ headers }) => (headers['content-type'] ?? '').startsWith('text/event-stream'),
      );
    return { stream, sent, closedCount: () => closed };
  }

  test('gives the head, and then each chunk when it arrives', async () => {
    const { stream, sent } = clientMeeting({ chunks: ['a', 'b'] });
    const { status, headers, body } = await stream();
    expect([status, headers['content-type']]).toStrictEqual([200, 'text/event-stream']);
    expect(await read(body)).toBe('ab');
    expect(sent[0]?.headers).toMatchObject({ Authorization: 'Bearer key-123' });
  });

  test('an empty body is not a failure', async () => {
    const { stream } = clientMeeting({ chunks: [] });
    expect(await read((await stream()).body)).toBe('');
  });

  test('repeats as long as the body has not begun: after a refusal, or a connection lost before the first byte', async () => {
    const { stream, sent } = clientMeeting(
      { status: 503, chunks: ['busy'] },
      { chunks: [socketError()] },
      { chunks: ['a'] },
    );
    expect(await read((await stream()).body)).toBe('a');
    expect(sent).toHaveLength(3);
  });

  test('never repeats once the body has begun: a lost connection is an error then', async () => {
    const { stream, sent } = clientMeeting({ chunks: ['a', socketError()] }, { chunks: ['b'] });
    const { body } = await stream();
    await expect(read(body)).rejects.toMatchObject({ kind: 'connection', code: 'ECONNRESET' });
    expect(sent).toHaveLength(1);
  });

  test('so many bytes as are to be held can be asked for again, and a shorter body comes whole', async () => {
    const steps = [{ chunks: ['ab', socketError()] }, { chunks: ['ab', 'c'] }];
    const held = clientMeeting(...steps);
    const { body } = await held.stream({}, { heldBytes: 4 });
    expect([body, held.sent.length]).toStrictEqual([Buffer.from('abc'), 2]);
    const longer = clientMeeting({ chunks: ['ab', 'cd', 'ef'] });
    expect(await read((await longer.stream({}, { heldBytes: 3 })).body)).toBe('abcdef');
    const late = clientMeeting({ chunks: ['ab', 'cd', socketError()] }, { chunks: ['ab'] });
    const cut = await late.stream({}, { heldBytes: 3 });
    await expect(read(cut.body)).rejects.toMatchObject({ kind: 'connection' });
    expect(late.sent).toHaveLength(1);
  });

  test('a body that begins with an error is that error, and is closed', async () => {
    const { stream, closedCount } = clientMeeting({ chunks: ['error', 'more'] });
    const failureIn = (bytes: Buffer) => responseFailure(bytes.toString(), 'Look at it.');
    await expect(stream({}, { failureIn })).rejects.toThrow(/^error$/);
    expect(closedCount()).toBe(1);
  });

  test('a refusal is reported in its own words, without the key', async () => {
    const { stream } = clientMeeting({ status: 400, chunks: ['{"error":', '"bad key-123"}'] });
    await expect(stream()).rejects.toMatchObject({ status: 400, detail: 'bad [API key]' });
  });

  test('the time limit holds until the last byte', async () => {
    const { stream } = clientMeeting({ chunks: ['a', 'hang'] });
    const { body } = await stream({ timeout: 0.01 });
    await expect(read(body)).rejects.toMatchObject({ kind: 'timeout' });
  });

  test('canceling ends a body that is being read', async () => {
    const stop = new AbortController();
    const { stream } = clientMeeting({ chunks: ['a', 'hang'] });
    const reading = read((await stream({ signal: stop.signal })).body);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a body whose reader stops early is closed', async () => {
    const { stream, closedCount } = clientMeeting({ chunks: ['a', 'b', 'hang'] });
    const chunks = ((await stream()).body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    await chunks.next();
    await chunks.return?.();
    expect(closedCount()).toBe(1);
  });

  test('a response that is not to be streamed is read whole, and the request is repeated if it breaks off', async () => {
    const json = 'application/json';
    const { stream, sent } = clientMeeting(
      { type: json, chunks: ['{"a"', socketError()] },
      { type: json, chunks: ['{"a":', '1}'] },
    );
    expect((await stream()).body.toString()).toBe('{"a":1}');
    expect(sent).toHaveLength(2);
  });
});
