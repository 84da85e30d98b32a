import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { type Proxy, startProxy } from '../../host/proxy/proxy';
import { eventually } from '../support/eventually';

/** Refused posts in a minute after which the configuration refuses what the source sends. */
const MOST_REFUSED = 100;
const STRANGER = new Agent({ localAddress: '127.0.0.66', connections: 1 });
const BASETEN = new Agent({ localAddress: '127.0.0.1', connections: 1 });

let server: Server;
let proxy: Proxy;
/** The addresses of callers that came through, as n8n sees them. */
const callers: string[] = [];

beforeAll(async () => {
  // In n8n's place, so that each status can be had at will.
  server = createServer((message, response) => {
    if (message.url === '/healthz/readiness') return void response.end();
    callers.push(String(message.headers['x-forwarded-for']).split(',')[0] ?? '');
    response.statusCode = Number(message.headers['x-status'] ?? 200);
    message.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startProxy({ main: (server.address() as AddressInfo).port, withLimit: true });
  await eventually('a way through', async () => (await post(BASETEN, 200)) === 200);
}, 60_000);

afterAll(async () => {
  await proxy?.close();
  await Promise.all([STRANGER.close(), BASETEN.close()]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Posts to a webhook that answers with this status. Returns the status that comes back. */
async function post(dispatcher: Agent, status: number): Promise<number> {
  const { statusCode, body } = await request(`${proxy.url}/webhook/results/webhook`, {
    method: 'POST',
    headers: { 'x-status': String(status) },
    body: '{}',
    dispatcher,
  });
  await body.dump();
  return statusCode;
}

test('who sends many wrong signatures is refused at the proxy, and nobody else is', async () => {
  for (let sent = 0; sent <= MOST_REFUSED; sent++) expect(await post(STRANGER, 401)).toBe(401);
  callers.length = 0;
  expect(await post(STRANGER, 401)).toBe(503);
  expect(await post(BASETEN, 200)).toBe(200);
  expect(callers).toEqual(['127.0.0.1']);
});

test('results that a workflow can not take do not keep others of the same source out', async () => {
  for (let sent = 0; sent <= MOST_REFUSED; sent++) expect(await post(BASETEN, 422)).toBe(422);
  expect(await post(BASETEN, 200)).toBe(200);
});

test('a caller can not pretend to be another one', async () => {
  callers.length = 0;
  const { statusCode, body } = await request(`${proxy.url}/webhook/results/webhook`, {
    method: 'POST',
    headers: { 'x-forwarded-for': '10.1.2.3' },
    body: '{}',
    dispatcher: BASETEN,
  });
  await body.dump();
  expect(statusCode).toBe(200);
  expect(callers).toEqual(['127.0.0.1']);
});
