import { connect } from 'node:tls';
import { Agent, fetch, request } from 'undici';
import { selfSigned } from '../../host/emulator/certificate';
import { type Emulator, MODEL_IDS, startEmulator, type TlsIdentity } from '../../emulator';

let tls: TlsIdentity;
let emulator: Emulator;

beforeAll(async () => {
  tls = await selfSigned();
});

beforeEach(async () => {
  emulator = await startEmulator({ tls });
});

afterEach(async () => await emulator.close());

/** Sends a prediction, over HTTP/2 if it is allowed. */
async function predict(allowH2: boolean) {
  const agent = new Agent({ connect: { ca: tls.cert }, allowH2 });
  try {
    const { statusCode, body } = await request(
      `${emulator.deploymentUrl.replace('{kind}-{id}', `model-${MODEL_IDS.echo}`)}/production/predict`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
        body: '{"a":1}',
        dispatcher: agent,
      },
    );
    return { status: statusCode, json: await body.json() };
  } finally {
    await agent.close();
  }
}

test.each([
  ['HTTP/1.1', false],
  ['HTTP/2', true],
])('serves %s over TLS', async (_version, allowH2) => {
  expect(emulator.url).toMatch(/^https:/);
  expect(await predict(allowH2)).toEqual({ status: 200, json: { a: 1 } });
  expect(emulator.connections).toBe(1);
});

test.each(['h2', 'http/1.1'])('agrees to speak %s in the handshake', async (protocol) => {
  const port = Number(new URL(emulator.url).port);
  const socket = connect({ host: '127.0.0.1', port, ca: tls.cert, ALPNProtocols: [protocol] });
  await new Promise((resolve, reject) =>
    socket.once('secureConnect', resolve).once('error', reject),
  );
  expect(socket.alpnProtocol).toBe(protocol);
  socket.destroy();
});

test('keeps serving after a client that does not trust its certificate', async () => {
  await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
  expect((await predict(false)).status).toBe(200);
});

test('closes with connections open', async () => {
  const port = Number(new URL(emulator.url).port);
  const socket = connect({ host: '127.0.0.1', port, ca: tls.cert });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const closed = new Promise((resolve) =>
    socket.once('close', resolve).on('error', () => undefined),
  );
  await emulator.close();
  await closed;
});
