import { createHmac } from 'node:crypto';
import { CHAIN_IDS, MODEL_IDS, bytes, signatureHeader } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator, type TestEmulator } from './support/testEmulator';
import { startReceiver, type WebhookReceiver } from './support/webhookReceiver';

afterEach(stopAll);

const ECHO = `/model-${MODEL_IDS.echo}`;

async function submit(
  { post }: TestEmulator,
  { url }: WebhookReceiver,
  input: object = { a: 1 },
  host = ECHO,
): Promise<string> {
  const body = {
    model_input: input,
    webhook_endpoint: url,
    inference_retry_config: { max_attempts: 1 },
  };
  const action = host.startsWith('/chain') ? 'async_run_remote' : 'async_predict';
  return (await post(`${host}/production/${action}`, body)).json.request_id;
}

const statusOf = async ({ get }: TestEmulator, id: string, host = ECHO) =>
  (await get(`${host}/async_request/${id}`)).json;

const hmac = (body: Buffer, secret: string) =>
  `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

describe('a delivery', () => {
  test('is one POST, with the fields of its payload in order', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver()];
    const id = await submit(local, hook);
    await local.clock.flush();
    expect(hook.received).toHaveLength(1);
    const [{ method, headers, body }] = hook.received as [WebhookReceiver['received'][0]];
    expect([method, headers['content-type'], headers['x-baseten-request-id']]).toEqual([
      'POST',
      'application/json',
      id,
    ]);
    const payload = JSON.parse(body.toString());
    expect(Object.entries(payload)).toEqual([
      ['request_id', id],
      ['model_id', MODEL_IDS.echo],
      ['deployment_id', 'echo0pr'],
      ['type', 'async_request_completed'],
      ['time', '2026-01-01T00:00:00.000000Z'],
      ['data', { a: 1 }],
      ['errors', []],
    ]);
    expect(await statusOf(local, id)).toMatchObject({
      status: 'SUCCEEDED',
      webhook_status: 'SUCCEEDED',
    });
  });

  test('of a chain has chain_id', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver()];
    await submit(local, hook, { a: 1 }, `/chain-${CHAIN_IDS.echo}`);
    await local.clock.flush();
    const keys = Object.keys(JSON.parse(hook.received[0]!.body.toString()));
    expect(keys.slice(0, 3)).toEqual(['request_id', 'chain_id', 'deployment_id']);
  });

  test('of a failed inference has no data and the errors', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver()];
    const host = `/model-${MODEL_IDS.flaky}`;
    const id = await submit(local, hook, { fail_times: 5 }, host);
    await local.clock.flush();
    const { type, data, errors } = JSON.parse(hook.received[0]!.body.toString());
    expect([type, data, errors[0].code]).toEqual([
      'async_request_completed',
      null,
      'MODEL_PREDICT_ERROR',
    ]);
    expect(await statusOf(local, id, host)).toMatchObject({
      status: 'FAILED',
      webhook_status: 'SUCCEEDED',
    });
  });

  test('carries text as text', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver()];
    const handler = () => bytes(Buffer.from('plain'), 'text/plain');
    local.emulator.addModel({ id: 'text0001', name: 'Text', handler });
    await submit(local, hook, {}, '/model-text0001');
    await local.clock.flush();
    expect(JSON.parse(hook.received[0]!.body.toString()).data).toBe('plain');
  });
});

describe('a second attempt', () => {
  test.each([500, 502, 503, 504, 'reset'] as const)('follows a %s after 2 s', async (planned) => {
    const [local, hook] = [await startTestEmulator(), await startReceiver([planned])];
    const id = await submit(local, hook);
    await local.clock.advance(1_999);
    expect(hook.received).toHaveLength(1);
    expect((await statusOf(local, id)).webhook_status).toBe('PENDING');
    await local.clock.advance(1);
    expect(hook.received).toHaveLength(2);
    expect(await statusOf(local, id)).toMatchObject({
      status: 'SUCCEEDED',
      webhook_status: 'SUCCEEDED',
    });
  });

  test('carries the time of its own sending', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver([500])];
    await submit(local, hook);
    await local.clock.advance(2_000);
    const times = hook.received.map(({ body }) => JSON.parse(body.toString()).time);
    expect(times).toEqual(['2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:02.000000Z']);
  });

  test.each([302, 400, 401, 404, 409, 410, 429, 501])('does not follow a %d', async (code) => {
    const [local, hook] = [await startTestEmulator(), await startReceiver([code])];
    const id = await submit(local, hook);
    await local.clock.advance(60_000);
    expect(hook.received).toHaveLength(1);
    expect(await statusOf(local, id)).toMatchObject({
      status: 'WEBHOOK_FAILED',
      webhook_status: 'FAILED',
    });
  });

  test('is the last one', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver([500, 503])];
    const id = await submit(local, hook);
    await local.clock.advance(60_000);
    expect(hook.received).toHaveLength(2);
    expect(await statusOf(local, id)).toMatchObject({
      status: 'WEBHOOK_FAILED',
      webhook_status: 'FAILED',
    });
  });

  test('follows if there is no response within 10 s', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver(['silent'])];
    const id = await submit(local, hook);
    await local.clock.advance(9_999);
    expect((await statusOf(local, id)).webhook_status).toBe('PENDING');
    await local.clock.advance(2_001);
    expect(hook.received).toHaveLength(2);
    expect((await statusOf(local, id)).webhook_status).toBe('SUCCEEDED');
  });
});

describe('signatures', () => {
  test('are an HMAC of the raw body with the whole secret', async () => {
    const [local, hook] = [
      await startTestEmulator({ webhookSecrets: ['whsec_one'] }),
      await startReceiver(),
    ];
    await submit(local, hook, { text: 'ü' });
    await local.clock.flush();
    const { headers, body } = hook.received[0]!;
    expect(headers['x-baseten-signature']).toBe(hmac(body, 'whsec_one'));
  });

  test('are left out if there is no secret', async () => {
    const [local, hook] = [await startTestEmulator({ webhookSecrets: [] }), await startReceiver()];
    await submit(local, hook);
    await local.clock.flush();
    expect(hook.received[0]!.headers).not.toHaveProperty('x-baseten-signature');
  });

  test('come from both secrets for 24 h after a rotation, the new one first', async () => {
    const [local, hook] = [
      await startTestEmulator({ webhookSecrets: ['whsec_old'] }),
      await startReceiver(),
    ];
    const fresh = local.emulator.rotateWebhookSecret();
    expect(fresh).toMatch(/^whsec_/);
    await submit(local, hook);
    await local.clock.advance(24 * 3_600_000);
    await submit(local, hook);
    await local.clock.flush();
    const [during, after] = hook.received as [
      WebhookReceiver['received'][0],
      WebhookReceiver['received'][0],
    ];
    const both = `${hmac(during.body, fresh)},${hmac(during.body, 'whsec_old')}`;
    expect(during.headers['x-baseten-signature']).toBe(both);
    expect(after.headers['x-baseten-signature']).toBe(hmac(after.body, fresh));
  });
});

describe('a delivery by hand', () => {
  test('can be the last one again, byte for byte', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver()];
    const id = await submit(local, hook);
    await local.clock.flush();
    const { status } = await local.emulator.redeliver(id);
    expect(status).toBe(200);
    expect(hook.received[1]!.body).toEqual(hook.received[0]!.body);
  });

  test('can have any payload, secret and headers', async () => {
    const [local, hook] = [await startTestEmulator(), await startReceiver([418])];
    const payload = { request_id: 'made-up' };
    const options = { secrets: ['whsec_other'], headers: { 'X-Extra': '1' } };
    const delivery = await local.emulator.deliver(hook.url, payload, options);
    expect([delivery.status, delivery.response]).toEqual([418, 'noted']);
    const { headers, body } = hook.received[0]!;
    expect(headers['x-baseten-signature']).toBe(signatureHeader(body, ['whsec_other']));
    expect([headers['x-extra'], headers['x-baseten-request-id']]).toEqual(['1', 'made-up']);
  });
});
