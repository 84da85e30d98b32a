import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

import { toConnection } from '../../../../nodes/shared/connection/connection';
import { createClient } from '../../../../nodes/shared/http/client';
import { HttpState } from '../../../../nodes/shared/http/state';
import { sendOverWire } from '../../../../nodes/shared/http/transport';
import { fakeTime } from '../../../support/clock';
import { fullPort, type FullPort } from '../../../support/fullPort';

type Method = 'GET' | 'POST';
/** Seconds: less than `fetch` waits for a connection. */
const TIMEOUT = 10;

let full: FullPort;
const closing: Array<() => void> = [];
beforeAll(async () => {
  full = await fullPort();
});
afterAll(() => full.close());
afterEach(() => closing.splice(0).forEach((close) => close()));

async function serve(respond: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push(`${request.method} ${body}`);
      respond(request, response);
    });
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

/**
 * The way out as in a new process, and n8n's client that responds as given.
 * @param limits when each time limit ends, in the order in which they are asked for; none ends by
 * itself
 */
function freshProcess(n8n: (signal: AbortSignal) => Promise<string> = async () => 'n8n') {
  const time = fakeTime();
  const limits: Array<{ milliseconds: number; end: () => void }> = [];
  time.limit = (milliseconds) => {
    const stop = new AbortController();
    const end = () => stop.abort(new DOMException('Time is over', 'TimeoutError'));
    limits.push({ milliseconds, end });
    return stop.signal;
  };
  time.after = (milliseconds, end) => {
    limits.push({ milliseconds, end });
    return () => undefined;
  };
  const state = new HttpState(time);
  const overN8n: string[] = [];
  const httpRequest = async (request: { url: string; abortSignal: AbortSignal }) => {
    overN8n.push(request.url);
    const body = await n8n(request.abortSignal);
    return { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(body)]) };
  };
  const context = { helpers: { httpRequest } } as never;
  const connection = toConnection({ apiKey: 'k' });
  const send = async (url: string, method: Method, body?: Buffer) => {
    const signal = new AbortController().signal;
    const request = { method, url, headers: {}, body, signal };
    const response = await sendOverWire({ context, connection, request, timeout: TIMEOUT, state });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return { send, limits, overN8n, time, client: createClient(context, connection, state) };
}

/** Lets everything go on that does not wait for the network. */
const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};
const never = async (signal: AbortSignal) =>
  await new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('canceled'))),
  );

describe.each(['GET', 'POST'] as const)('a %s with a timeout of 10 s', (method) => {
  const body = method === 'POST' ? Buffer.from('hello') : undefined;

  test('reaches a host that drops packets through n8n’s client after half of it', async () => {
    const { send, limits, overN8n } = freshProcess();
    const sending = send(`http://${full.host}/`, method, body);
    await turns();
    expect(overN8n).toHaveLength(0);
    expect(limits.map(({ milliseconds }) => milliseconds)).toStrictEqual([5000]);
    limits[0]?.end();
    expect(await sending).toBe('n8n');
  });

  test('goes to such a host through n8n’s client at once for the next minute', async () => {
    const { send, limits, overN8n } = freshProcess();
    const sending = send(`http://${full.host}/`, method, body);
    await turns();
    limits[0]?.end();
    await sending;
    expect(await send(`http://${full.host}/`, method, body)).toBe('n8n');
    expect(overN8n).toHaveLength(2);
    expect(limits).toHaveLength(1);
  });

  test('arrives as it is over fetch', async () => {
    const { url, seen } = await serve((_, response) => response.end('fetch'));
    const { send } = freshProcess();
    expect(await send(url, method, body)).toBe('fetch');
    expect(seen).toStrictEqual([`${method} ${body ? 'hello' : ''}`]);
  });

  test('waits for a host that was reached before, however slow it is', async () => {
    const waiting: ServerResponse[] = [];
    const { url } = await serve((_, response) => {
      if (waiting.push(response) === 1) response.end('fetch');
    });
    const { send, limits, overN8n } = freshProcess();
    await send(url, method, body);
    const sending = send(url, method, body);
    while (waiting.length < 2) await new Promise(setImmediate);
    limits.forEach(({ end }) => end());
    await turns();
    waiting[1]?.end('slow');
    expect(await sending).toBe('slow');
    expect(overN8n).toHaveLength(0);
  });

  test('that n8n’s client did not finish in time is late, and not sent again', async () => {
    const { client, limits, overN8n } = freshProcess(never);
    const url = `http://${full.host}/`;
    const content = body && { content: body, contentType: 'text/plain' };
    const sending = client.send(
      { method, url, subject: 'model abc', body: content },
      { timeout: TIMEOUT, maxRetries: 2 },
    );
    await turns();
    limits[1]?.end();
    await turns();
    limits[0]?.end();
    await expect(sending).rejects.toMatchObject({ kind: 'timeout' });
    expect(overN8n).toHaveLength(1);
  });

  test('that n8n’s client could not connect either is sent again', async () => {
    let count = 0;
    const { client, limits } = freshProcess(async () => {
      if (count++ > 0) return 'n8n';
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
    });
    const content = body && { content: body, contentType: 'text/plain' };
    const sending = client.send(
      { method, url: `http://${full.host}/`, subject: 'model abc', body: content },
      { timeout: TIMEOUT, maxRetries: 2 },
    );
    // Each limit for connecting ends as soon as it was asked for.
    const ending = setInterval(
      () => limits.filter(({ milliseconds }) => milliseconds === 5000).forEach(({ end }) => end()),
      5,
    );
    closing.push(() => clearInterval(ending));
    expect((await sending).body.toString()).toBe('n8n');
  });
});

test('a POST whose connection is open is not sent again, however slow the response is', async () => {
  const waiting: ServerResponse[] = [];
  const { url, seen } = await serve((_, response) => waiting.push(response));
  const { send, limits, overN8n } = freshProcess();
  const sending = send(url, 'POST', Buffer.from('hello'));
  while (waiting.length < 1) await new Promise(setImmediate);
  limits[0]?.end();
  await turns();
  waiting[0]?.end('slow');
  expect(await sending).toBe('slow');
  expect([seen, overN8n]).toStrictEqual([['POST hello'], []]);
});

test('a POST without a body tells, too, whether its connection is open', async () => {
  const waiting: ServerResponse[] = [];
  const { url } = await serve((_, response) => waiting.push(response));
  const { send, limits, overN8n } = freshProcess();
  const sending = send(url, 'POST');
  while (waiting.length < 1) await new Promise(setImmediate);
  limits[0]?.end();
  await turns();
  waiting[0]?.end('slow');
  expect(await sending).toBe('slow');
  expect(overN8n).toHaveLength(0);
});

test('a slow GET gets the first response of the two ways', async () => {
  const waiting: ServerResponse[] = [];
  const { url } = await serve((_, response) => waiting.push(response));
  const slow = freshProcess(never);
  const sending = slow.send(url, 'GET');
  while (waiting.length < 1) await new Promise(setImmediate);
  slow.limits[0]?.end();
  while (slow.overN8n.length < 1) await new Promise(setImmediate);
  waiting[0]?.end('fetch');
  expect(await sending).toBe('fetch');
});

test('a body whose length nobody knows is noticed as well', async () => {
  const waiting: ServerResponse[] = [];
  const { url, seen } = await serve((_, response) => waiting.push(response));
  const { limits, overN8n, client } = freshProcess();
  const content = { open: async () => Readable.from([Buffer.from('he'), Buffer.from('llo')]) };
  const sending = client.send(
    { method: 'POST', url, subject: 'model abc', body: { content, contentType: 'text/plain' } },
    { timeout: TIMEOUT, maxRetries: 0 },
  );
  while (waiting.length < 1) await new Promise(setImmediate);
  limits[1]?.end();
  await turns();
  waiting[0]?.end('slow');
  expect((await sending).body.toString()).toBe('slow');
  expect([seen, overN8n]).toStrictEqual([['POST hello'], []]);
});
