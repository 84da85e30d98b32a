import { request } from 'undici';
import { CHAIN_IDS, MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';

afterEach(stopAll);

const ECHO = `/model-${MODEL_IDS.echo}`;
const PREDICT = `${ECHO}/production/predict`;

describe('predict', () => {
  test('returns JSON as the echo model got it', async () => {
    const { post } = await startTestEmulator();
    expect((await post(PREDICT, { a: [1, 'ü'] })).json).toEqual({ a: [1, 'ü'] });
  });

  test('returns bytes as the echo model got them, with their type', async () => {
    const { post } = await startTestEmulator();
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    const response = await post(PREDICT, bytes, { 'content-type': 'application/octet-stream' });
    expect(response.bytes).toEqual(bytes);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
  });

  test('passes the fields and files of a form to the model', async () => {
    const { post } = await startTestEmulator();
    const form = new FormData();
    form.append('language', 'en');
    form.append('audio', new File([new Uint8Array(5)], 'a.wav', { type: 'audio/wav' }));
    expect((await post(PREDICT, form)).json).toEqual({
      fields: { language: 'en' },
      files: [{ field: 'audio', file_name: 'a.wav', content_type: 'audio/wav', size: 5 }],
    });
  });

  test('gives every response a request ID of its own', async () => {
    const { post } = await startTestEmulator();
    const ids = [
      await post(PREDICT, {}),
      await post(PREDICT, {}),
      await post(`${ECHO}/nowhere/predict`, {}),
    ];
    expect(new Set(ids.map(({ headers }) => headers.get('x-baseten-request-id'))).size).toBe(3);
  });

  test('refuses JSON that does not parse', async () => {
    const { post } = await startTestEmulator();
    const { status, json } = await post(PREDICT, '{"a":');
    expect([status, json.error_code]).toEqual([400, 'client_error']);
  });

  test('refuses an empty body', async () => {
    const { post } = await startTestEmulator();
    expect((await post(PREDICT)).status).toBe(400);
  });

  test('refuses a body over the limit with 413, naming both sizes', async () => {
    const { post } = await startTestEmulator({ limits: { bodyBytes: 1000 } });
    const { status, json } = await post(PREDICT, 'x'.repeat(1001), {
      'content-type': 'text/plain',
    });
    expect([status, json.error_code]).toEqual([413, 'payload_too_large']);
    expect(json.error).toMatch(/1001 bytes.*1000 bytes/);
  });

  test("passes a model's own error through unchanged", async () => {
    const { post } = await startTestEmulator();
    const { status, json } = await post(`/model-${MODEL_IDS.sentiment}/production/predict`, {});
    expect([status, json]).toEqual([422, { detail: 'Field "text" has to be a string.' }]);
  });

  test('returns 500 if the model throws', async () => {
    const { emulator, post } = await startTestEmulator();
    const handler = () => {
      throw new Error('out of luck');
    };
    emulator.addModel({ id: 'raises01', name: 'Raises', handler });
    const { status, json } = await post('/model-raises01/production/predict', {});
    expect([status, json.error_code]).toEqual([500, 'application_error']);
  });

  test('returns 504 if the model exceeds the time limit', async () => {
    const { emulator, clock, post } = await startTestEmulator();
    emulator.addModel({ id: 'forever1', name: 'Forever', handler: () => new Promise(() => {}) });
    const response = post('/model-forever1/production/predict', {});
    while (clock.pending === 0) await clock.flush();
    await clock.advance(1_200_000);
    expect([(await response).status, (await response).json.error_code]).toEqual([504, 'timeout']);
  });
});

describe('addresses', () => {
  test.each([
    ['an unknown model', '/model-nothere1/production/predict'],
    ['an unknown environment', `${ECHO}/environments/nope/predict`],
    ['an unknown deployment', `${ECHO}/deployment/nope/predict`],
    ['an unknown region', `${ECHO}-eu/predict`],
  ])('%s gets 404 with model_does_not_exist', async (_what, path) => {
    const { post } = await startTestEmulator();
    const { status, json } = await post(path, {});
    expect([status, json.error_code]).toEqual([404, 'model_does_not_exist']);
  });

  test.each([
    ['a bare path on a host without a region', `${ECHO}/predict`],
    ['a path with a target on a regional host', `${ECHO}-prod-us/production/predict`],
    ['run_remote on a model', `${ECHO}/production/run_remote`],
    ['predict on a chain', `/chain-${CHAIN_IDS.echo}/production/predict`],
    ['wake on a chain', `/chain-${CHAIN_IDS.echo}/production/wake`],
  ])('%s gets 404', async (_what, path) => {
    const { post } = await startTestEmulator();
    expect((await post(path, {})).status).toBe(404);
  });
});

describe('run_remote', () => {
  test('refuses anything but a JSON object', async () => {
    const { post } = await startTestEmulator();
    const path = `/chain-${CHAIN_IDS.echo}/production/run_remote`;
    const bytes = await post(path, Buffer.from('x'), {
      'content-type': 'application/octet-stream',
    });
    expect(bytes.status).toBe(400);
    expect((await post(path, [1])).status).toBe(400);
    expect((await post(path, { a: 1 })).json).toEqual({ a: 1 });
  });
});

describe('keys', () => {
  test('both schemes are accepted', async () => {
    const { emulator, post } = await startTestEmulator();
    for (const scheme of ['Bearer', 'Api-Key']) {
      const { status } = await post(PREDICT, {}, { authorization: `${scheme} ${emulator.apiKey}` });
      expect(status).toBe(200);
    }
  });

  test.each([['Bearer wrong'], ['Basic x'], ['']])('"%s" gets 401', async (authorization) => {
    const { post } = await startTestEmulator();
    const { status, json } = await post(PREDICT, {}, { authorization });
    expect([status, json.error_code]).toEqual([401, 'unauthorized']);
  });

  test('a key limited to inference serves inference and gets 403 from the management API', async () => {
    const { emulator, send } = await startTestEmulator();
    const headers = { authorization: `Bearer ${emulator.inferenceOnlyKey}` };
    expect((await send('POST', PREDICT, {}, headers)).status).toBe(200);
    expect((await send('GET', '/inference/v1/models', undefined, headers)).status).toBe(200);
    expect((await send('GET', '/management/v1/models', undefined, headers)).status).toBe(403);
  });

  test('the key of a Frontier Gateway is known as Api-Key only, and may not manage', async () => {
    const { emulator, send } = await startTestEmulator();
    const statusOf = async (scheme: string, path: string) => {
      const headers = { authorization: `${scheme} ${emulator.gatewayKey}` };
      return (await send('GET', path, undefined, headers)).status;
    };
    expect(await statusOf('Api-Key', '/inference/v1/models')).toBe(200);
    expect(await statusOf('Bearer', '/inference/v1/models')).toBe(401);
    expect(await statusOf('Api-Key', '/management/v1/models')).toBe(403);
  });
});

describe('sync routes', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    'pass %s on with query and body',
    async (method) => {
      const { send } = await startTestEmulator();
      const body = method === 'GET' ? undefined : { b: 2 };
      const path = `${ECHO}/environments/production/sync/items/a%2Fb?q=1&q2=x%20y`;
      const { json } = await send(method, path, body);
      expect(json).toEqual({ id: 'a/b', method, query: { q: '1', q2: 'x y' }, body: body ?? null });
    },
  );

  test('pass a body on with GET, too', async () => {
    const { emulator } = await startTestEmulator();
    const headers = {
      authorization: `Bearer ${emulator.apiKey}`,
      'content-type': 'application/json',
    };
    const url = `${emulator.url}${ECHO}/production/sync/echo`;
    // fetch refuses to send a body with GET; other clients do.
    const { body } = await request(url, { method: 'GET', headers, body: '{"a":1}' });
    expect(await body.json()).toMatchObject({ method: 'GET', body: { a: 1 } });
  });

  test('reach the server through every target', async () => {
    const { get } = await startTestEmulator();
    const byPath = ['/production', '/development', '/environments/staging', '/deployment/echo0pr'];
    for (const target of [...byPath, '-prod-us']) {
      expect((await get(`${ECHO}${target}/sync/health`)).json).toEqual({ status: 'ok' });
    }
  });

  test("pass the server's own statuses through", async () => {
    const { get } = await startTestEmulator();
    expect((await get(`${ECHO}/production/sync/status/418`)).status).toBe(418);
    expect((await get(`${ECHO}/production/sync/nowhere`)).json).toEqual({ detail: 'Not Found' });
  });

  test('stream events', async () => {
    const { get } = await startTestEmulator();
    const { headers, text } = await get(`${ECHO}/production/sync/stream`);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(text.match(/^data: /gm)).toHaveLength(3);
  });
});
