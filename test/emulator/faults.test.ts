import { connect } from 'node:net';

import { MODEL_IDS, type Fault } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';
import { eventually } from './support/waiting';

afterEach(stopAll);

const PREDICT = `/model-${MODEL_IDS.echo}/production/predict`;

test('a status and its headers are returned as often as asked', async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, times: 2 });
  const responses = [await post(PREDICT, {}), await post(PREDICT, {}), await post(PREDICT, {})];
  expect(responses.map(({ status }) => status)).toEqual([429, 429, 200]);
  expect(responses[0]!.headers.get('retry-after')).toBe('7');
  expect(responses[0]!.json.error_code).toBe('rate_limited');
});

test('a fault hits only requests that match, after those that it lets pass', async () => {
  const { emulator, get, post } = await startTestEmulator();
  const match = { method: 'POST', path: /predict$/, modelId: MODEL_IDS.echo };
  emulator.faults.add({ kind: 'status', match, after: 1, times: 'always' });
  const other = `/model-${MODEL_IDS.sentiment}/production/predict`;
  expect((await post(other, { text: 'x' })).status).toBe(200);
  expect((await get('/inference/v1/models')).status).toBe(200);
  expect((await post(PREDICT, {})).status).toBe(200);
  expect((await post(PREDICT, {})).status).toBe(500);
  emulator.faults.clear();
  expect((await post(PREDICT, {})).status).toBe(200);
});

test("the html fault returns a gateway's HTML page", async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'html' });
  const { status, headers, text } = await post(PREDICT, {});
  expect([status, headers.get('content-type')]).toEqual([502, 'text/html']);
  expect(text).toContain('<html>');
});

test('invalid JSON is announced as JSON', async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'invalidJson' });
  await expect(post(PREDICT, {})).rejects.toThrow(/JSON/);
});

test('a delay waits on the clock', async () => {
  const { emulator, clock, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'delay', ms: 5_000 });
  const response = post(PREDICT, {});
  await eventually(() => clock.pending === 1);
  expect(emulator.inFlight).toBe(1);
  await clock.advance(5_000);
  expect((await response).status).toBe(200);
});

test('a reset comes before the model is called', async () => {
  const { emulator, post } = await startTestEmulator();
  let asked = 0;
  const handler = () => ({ body: `${asked++}` });
  emulator.addModel({ id: 'counter1', name: 'Counter', handler });
  emulator.faults.add({ kind: 'reset' });
  await expect(post('/model-counter1/production/predict', {})).rejects.toThrow();
  expect(asked).toBe(0);
  expect(emulator.requests[0]!.status).toBeUndefined();
});

test('a lost response comes after the model was called', async () => {
  const { emulator, post } = await startTestEmulator();
  let asked = 0;
  const handler = () => ({ body: `${asked++}` });
  emulator.addModel({ id: 'counter1', name: 'Counter', handler });
  emulator.faults.add({ kind: 'lost' });
  await expect(post('/model-counter1/production/predict', {})).rejects.toThrow();
  expect(asked).toBe(1);
});

test.each([
  ['a response', PREDICT],
  ['a stream', `/model-${MODEL_IDS.echo}/production/sync/stream`],
])('%s that is truncated begins and then breaks off', async (_what, path) => {
  const { emulator } = await startTestEmulator();
  emulator.faults.add({ kind: 'truncate' });
  const isPost = path === PREDICT;
  const response = await fetch(emulator.url + path, {
    method: isPost ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
    body: isPost ? '{"some": "text"}' : undefined,
  });
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

describe('a fault that changes the response', () => {
  /** The bytes of the response to a prediction that a fault hits, as they come over the wire. */
  async function onTheWire(fault: Fault): Promise<string> {
    const { emulator } = await startTestEmulator();
    emulator.faults.add(fault);
    const { hostname, port } = new URL(emulator.url);
    const socket = connect(Number(port), hostname);
    const body = '{"text":"café"}';
    socket.write(
      `POST ${PREDICT} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${emulator.apiKey}\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
        `connection: close\r\n\r\n${body}`,
    );
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('latin1').replaceAll(emulator.apiKey, 'KEY');
  }

  test('cuts the body of an error', async () => {
    const bytes = await onTheWire({ kind: 'truncate', status: 401 });
    const [, length] = /content-length: (\d+)/i.exec(bytes) ?? [];
    const [head = '', body = ''] = bytes.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 401 /);
    expect(body.length).toBe(Math.ceil(Number(length) / 2));
  });

  test('says 100 Continue first', async () => {
    expect(await onTheWire({ kind: 'continue' })).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
    );
  });

  test('has more headers than Node reads', async () => {
    const [head = ''] = (await onTheWire({ kind: 'hugeHeaders' })).split('\r\n\r\n');
    expect(head.length).toBeGreaterThan(16_384);
  });

  test('repeats the key as the ID of the request', async () => {
    expect(await onTheWire({ kind: 'echoKey', status: 400 })).toMatch(
      /^HTTP\/1\.1 400 .*\r\nx-baseten-request-id: KEY\r\n/is,
    );
  });

  test('sends headers twice', async () => {
    const headers = { 'retry-after': '1' };
    const bytes = await onTheWire({ kind: 'headersTwice', status: 503, headers });
    expect(bytes.match(/retry-after: 1\r\n/gi)).toHaveLength(2);
  });

  test('says that the body is gzip', async () => {
    const bytes = await onTheWire({ kind: 'notGzip' });
    expect(bytes).toMatch(/content-encoding: gzip\r\n/i);
    expect(bytes).toContain('{"text"');
  });

  test('has a byte order mark', async () => {
    expect(await onTheWire({ kind: 'byteOrderMark' })).toContain('\r\n\r\n\xef\xbb\xbf{');
  });

  test('is written in Latin-1', async () => {
    const bytes = await onTheWire({ kind: 'latin1' });
    expect(bytes).toMatch(/content-type: application\/json; charset=iso-8859-1\r\n/i);
    expect(bytes).toContain('"caf\xe9"');
  });
});

test('a hanging request ends with the emulator', async () => {
  const { emulator, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'hang' });
  const response = post(PREDICT, {});
  response.catch(() => undefined);
  await eventually(() => emulator.inFlight === 1);
  await emulator.close();
  await expect(response).rejects.toThrow();
});

test('an unknown kind is refused', async () => {
  const { emulator, post } = await startTestEmulator();
  expect(() => emulator.faults.add({ kind: 'nope' as never })).toThrow(/Unknown fault kind/);
  expect((await post('/__emulator/faults', { kind: 'nope' })).status).toBe(400);
});

test("the emulator's own routes are never hit", async () => {
  const { emulator, send, post } = await startTestEmulator();
  emulator.faults.add({ kind: 'status', times: 'always' });
  expect((await post(PREDICT, {})).status).toBe(500);
  expect((await send('DELETE', '/__emulator/faults')).status).toBe(204);
  expect((await post(PREDICT, {})).status).toBe(200);
});

test('another process can add and clear faults without a key', async () => {
  const { send, post } = await startTestEmulator();
  const noKey = { authorization: '' };
  const fault = {
    kind: 'status',
    status: 503,
    times: 'always',
    match: { pathPattern: 'predict$' },
  };
  expect((await send('POST', '/__emulator/faults', fault, noKey)).status).toBe(201);
  expect((await post(PREDICT, {})).status).toBe(503);
  expect((await send('DELETE', '/__emulator/faults', undefined, noKey)).status).toBe(204);
  expect((await post(PREDICT, {})).status).toBe(200);
});
