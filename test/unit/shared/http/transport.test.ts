import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

import { toConnection } from '../../../../nodes/shared/connection/connection';
import type * as clientModule from '../../../../nodes/shared/http/client';
import type * as transport from '../../../../nodes/shared/http/transport';
import { HttpState } from '../../../../nodes/shared/http/state';
import type { WireRequest } from '../../../../nodes/shared/http/wire';
import { fakeTime } from '../../../support/clock';

type Sending = Partial<WireRequest> & { timeout?: number; connection?: string };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  jest.resetModules();
});

/** A server on loopback, with a count of the connections to it. */
async function serve(respond: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    request.resume().once('end', () => respond(request, response));
  });
  servers.push(server);
  let connections = 0;
  server.on('connection', () => connections++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connections: () => connections,
  };
}

/** The module as in a new process. n8n's client in it responds with "n8n". */
function freshTransport(more: object = {}) {
  const { sendOverWire } = jest.requireActual<typeof transport>(
    '../../../../nodes/shared/http/transport',
  );
  const seen: string[] = [];
  const time = fakeTime();
  const state = new HttpState(time);
  const limits: unknown[] = [];
  const httpRequest = async ({ url, timeout }: { url: string; timeout?: number }) => {
    seen.push(url);
    limits.push(timeout);
    return { statusCode: 200, headers: {}, body: Readable.from([Buffer.from('n8n')]) };
  };
  const send = async (
    url: string,
    { timeout = 300, connection = 'auto', ...wire }: Sending = {},
  ) => {
    const request = {
      method: 'POST' as const,
      url,
      headers: {},
      signal: new AbortController().signal,
      ...wire,
    };
    const context = { helpers: Object.assign(more, { httpRequest, ...more }) } as never;
    const response = await sendOverWire({
      context,
      connection: toConnection({ apiKey: 'k', connection }),
      request,
      timeout,
      state,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return { send, seen, limits, time };
}

/** A port on loopback at which nothing listens. */
async function closedPort(): Promise<string> {
  const { server, url } = await serve(() => undefined);
  server.close();
  await once(server, 'close');
  return url;
}

test('fetch sends a request by default, n8n’s client if the credential or a long timeout asks for it', async () => {
  const { url } = await serve((_, response) => response.end('fetch'));
  const { send } = freshTransport();
  expect(await send(url)).toBe('fetch');
  expect(await send(url, { timeout: 301 })).toBe('n8n');
  expect(await send(url, { connection: 'n8n' })).toBe('n8n');
});

test('n8n’s client gets no limit of its own, which would end requests after 300 seconds', async () => {
  const { send, limits } = freshTransport();
  await send('https://model-abc.api.baseten.co/', { timeout: 900 });
  expect(limits).toStrictEqual([0]);
});

/** A filter as n8n gives it: the same for each mode if there is no policy. */
const passing = { validateConnectionHost: () => ({ ok: true }) };
const refusing = { validateConnectionHost: () => ({ ok: false }) };
const filterOf = (forMode: (mode?: string) => object) => {
  const asked: unknown[] = [];
  const getSecureEgressFilter = (mode?: string) => {
    asked.push(mode);
    return forMode(mode);
  };
  return { asked, helpers: { getSecureEgressFilter } };
};

test.each([
  ['refuses link-local addresses', (mode?: string) => (mode === 'unsafe' ? passing : refusing)],
  [
    'allows link-local addresses and refuses others',
    (mode?: string) => (mode === 'unsafe' ? passing : { ...passing }),
  ],
  ['is that of an n8n without modes', () => refusing],
])('with an egress policy that %s everything goes through n8n’s client', async (_, forMode) => {
  const { url } = await serve((__, response) => response.end('fetch'));
  const { asked, helpers } = filterOf(forMode);
  const limited = freshTransport(helpers);
  expect([await limited.send(url), await limited.send(url)]).toStrictEqual(['n8n', 'n8n']);
  expect(asked).toStrictEqual([undefined, 'unsafe']);
});

test('without an egress policy fetch is used, and n8n is asked once', async () => {
  const { url } = await serve((_, response) => response.end('fetch'));
  const { asked, helpers } = filterOf(() => passing);
  const free = freshTransport(helpers);
  expect([await free.send(url), await free.send(url)]).toStrictEqual(['fetch', 'fetch']);
  expect(asked).toStrictEqual([undefined, 'unsafe']);
});

test('a context that can’t tell of a policy does not hide it from the others', async () => {
  const { url } = await serve((_, response) => response.end('fetch'));
  const { helpers } = filterOf((mode) => (mode === 'unsafe' ? passing : { ...passing }));
  const more: { getSecureEgressFilter?: unknown } = {};
  const { send } = freshTransport(more);
  expect(await send(url)).toBe('fetch');
  more.getSecureEgressFilter = helpers.getSecureEgressFilter;
  expect(await send(url)).toBe('n8n');
  delete more.getSecureEgressFilter;
  expect(await send(url)).toBe('n8n');
});

test('a host that fetch can’t connect to is reached through n8n’s client, for a minute without trying fetch', async () => {
  const url = await closedPort();
  const { send, seen, time } = freshTransport();
  const tried = jest.spyOn(globalThis, 'fetch');
  expect([await send(url), await send(url)]).toStrictEqual(['n8n', 'n8n']);
  expect(tried).toHaveBeenCalledTimes(1);
  await time.wait(60_000);
  await send(url);
  expect(tried).toHaveBeenCalledTimes(2);
  expect(seen).toHaveLength(3);
  tried.mockRestore();
});

test('if n8n’s client fails as well, nothing is remembered', async () => {
  const url = await closedPort();
  const refused = async () => await Promise.reject(new Error('refused too'));
  const { send } = freshTransport({ httpRequest: refused });
  const tried = jest.spyOn(globalThis, 'fetch');
  await expect(send(url)).rejects.toThrow('refused too');
  await expect(send(url)).rejects.toThrow('refused too');
  expect(tried).toHaveBeenCalledTimes(2);
  tried.mockRestore();
});

const cutInResponse = (response: ServerResponse) =>
  void response.writeHead(200, { 'content-length': '9' }).write('a', () => response.destroy());

test.each([
  ['before the response', (response: ServerResponse) => void response.destroy()],
  ['within the response', cutInResponse],
])('a request whose connection is cut %s is not sent again in the other way', async (_, cut) => {
  const { url } = await serve((__, response) => cut(response));
  const { send, seen } = freshTransport();
  await expect(send(url)).rejects.toThrow();
  expect(seen).toHaveLength(0);
});

test('connections that the server closes while they are idle cause no errors', async () => {
  const { server, url } = await serve((_, response) => response.end('ok'));
  const { createClient } = jest.requireActual<typeof clientModule>(
    '../../../../nodes/shared/http/client',
  );
  const client = createClient(
    { helpers: {} } as never,
    toConnection({ apiKey: 'k' }),
    new HttpState(fakeTime()),
  );
  for (let round = 0; round < 20; round++) {
    const request = {
      method: 'POST' as const,
      url,
      body: { content: Buffer.from('{}'), contentType: 'application/json' },
      subject: 'model abc',
    };
    expect((await client.send(request, { timeout: 10, maxRetries: 3 })).status).toBe(200);
    // The client notices some closings before its next request, and some only with it.
    server.closeIdleConnections();
    for (let turn = 0; turn < round % 4; turn++) await new Promise(setImmediate);
  }
});

test('redirects are not followed', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/elsewhere' });
    response.end('first');
  });
  expect(await freshTransport().send(url)).toBe('first');
});

test('a body that is read while it is sent is opened for each way that is tried', async () => {
  const url = await closedPort();
  let opened = 0;
  const body = {
    length: 5,
    open: async () => {
      opened++;
      return Readable.from([Buffer.from('he'), Buffer.from('llo')]);
    },
  };
  const { send } = freshTransport();
  expect(await send(url, { body })).toBe('n8n');
  expect(opened).toBe(2);
});

test('a body that is read while it is sent arrives with its length', async () => {
  let received: [string | undefined, string] = [undefined, ''];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received = [request.headers['content-length'], Buffer.concat(chunks).toString()];
      response.end('ok');
    });
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const body = {
    length: 5,
    open: async () => Readable.from([Buffer.from('he'), Buffer.from('llo')]),
  };
  const headers = { 'Content-Length': '5' };
  await freshTransport().send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    body,
    headers,
  });
  expect(received).toStrictEqual(['5', 'hello']);
});

test('what may have run is not sent again if the response began with “100 Continue”', async () => {
  let calls = 0;
  const { url } = await serve((_, response) => {
    calls++;
    response.writeContinue();
    response.end('late');
  });
  const post = freshTransport();
  await expect(post.send(url)).rejects.toThrow();
  expect([calls, post.seen]).toStrictEqual([1, []]);
  // A request that only reads may go out on the other way.
  const get = freshTransport();
  expect(await get.send(url, { method: 'GET' })).toBe('n8n');
  // The host does it each time, so `fetch` is not tried any more.
  expect(await get.send(url)).toBe('n8n');
  expect(calls).toBe(2);
});
