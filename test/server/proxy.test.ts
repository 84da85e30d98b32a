import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { type Proxy, startProxy } from '../../host/proxy/proxy';
import { eventually } from '../support/eventually';

/** Refused posts in a minute after which the configuration refuses what the source sends. */
const MOST_REFUSED = 100;
const STRANGER = new Agent({ localAddress: '127.0.0.66' });
const BASETEN = new Agent({ localAddress: '127.0.0.1' });

let server: Server;
let proxy: Proxy;
/** The addresses of callers that came through, as n8n sees them. */
let callers: string[];
let isReady: boolean;
let checks: number;

/** What is posted to the proxy. */
interface Post {
  from?: Agent;
  /** With what n8n answers. */
  status?: number;
  headers?: Record<string, string>;
  path?: string;
}

/** Posts something to a webhook. Returns the status that comes back. */
async function post({
  from = BASETEN,
  status = 200,
  headers,
  path = '/webhook/results/webhook',
}: Post = {}): Promise<number> {
  const { statusCode, body } = await request(proxy.url + path, {
    method: 'POST',
    headers: { 'x-status': String(status), 'x-baseten-signature': 'v1=0', ...headers },
    body: '{}',
    dispatcher: from,
  });
  await body.dump();
  return statusCode;
}

/** Starts a server in n8n's place, so that each status can be had at will, and the proxy. */
async function open(withLimit: boolean): Promise<void> {
  callers = [];
  isReady = true;
  checks = 0;
  server = createServer((message, response) => {
    if (message.url === '/healthz/readiness') {
      checks++;
      response.statusCode = isReady ? 200 : 503;
      response.end();
      return;
    }
    callers.push(String(message.headers['x-forwarded-for']).split(',')[0] ?? '');
    response.statusCode = Number(message.headers['x-status']);
    message.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startProxy({ main: (server.address() as AddressInfo).port, withLimit });
  await eventually('a way through', async () => (await post()) === 200);
  callers.length = 0;
}

async function close(): Promise<void> {
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

afterAll(async () => {
  await Promise.all([STRANGER.close(), BASETEN.close()]);
});

describe.each([
  { what: 'Caddy alone', withLimit: false },
  { what: 'Caddy with HAProxy', withLimit: true },
])('$what', ({ withLimit }) => {
  beforeAll(async () => await open(withLimit), 60_000);
  afterAll(close);

  test('passes nothing on while n8n is not ready, and then what waits', async () => {
    const checkedTwice = async () => {
      const before = checks;
      await eventually('a look at the readiness', () => checks >= before + 2);
    };
    isReady = false;
    await checkedTwice();
    const paths = ['/webhook/results/webhook', '/webhook-waiting/7/baseten', '/elsewhere'];
    const waiting = Promise.all(paths.map(async (path) => await post({ path })));
    await checkedTwice();
    expect(callers).toEqual([]);
    isReady = true;
    expect(await waiting).toEqual([200, 200, 200]);
    expect(callers).toHaveLength(3);
  }, 60_000);

  test('tells n8n who called, and a caller can not pretend to be another one', async () => {
    callers.length = 0;
    expect(await post({ headers: { 'x-forwarded-for': '10.1.2.3' } })).toBe(200);
    expect(callers).toEqual(['127.0.0.1']);
  });
});

describe('the limit by source', () => {
  beforeAll(async () => await open(true), 60_000);
  afterAll(close);

  test('refuses who sends many wrong signatures, and nobody else', async () => {
    const forged = { from: STRANGER, status: 401 };
    for (let sent = 0; sent <= MOST_REFUSED; sent++) expect(await post(forged)).toBe(401);
    callers.length = 0;
    expect(await post(forged)).toBe(503);
    expect(await post()).toBe(200);
    expect(callers).toEqual(['127.0.0.1']);
  }, 60_000);

  test('lets results in of a source whose other results a workflow can not take', async () => {
    for (let sent = 0; sent <= MOST_REFUSED; sent++) expect(await post({ status: 422 })).toBe(422);
    expect(await post()).toBe(200);
  }, 60_000);
});
