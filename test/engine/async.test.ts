import { CHAIN_IDS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator({ wakeMs: 0 });
const run = async (parameters: Parameters<typeof echo>[0]) =>
  await runBaseten({
    credential: credentialFor(emulator(), { webhookSecret: 'whsec_test' }),
    parameters: echo(parameters),
  });

test('a submission outputs request ID and metadata, and sends only what is set', async () => {
  const { items } = await run({
    operation: 'submitAsync',
    delivery: 'none',
    input: '{"a":1}',
    metadata: '{"order":17}',
  });
  expect(items[0]?.json).toStrictEqual({
    request_id: expect.stringMatching(/^\w+$/),
    metadata: { order: 17 },
  });
  expect(emulator().requests[0]?.json()).toStrictEqual({ model_input: { a: 1 } });
});

describe('the webhook URL', () => {
  /** The address that Baseten is told. */
  async function endpointOf(
    parameters: Partial<Parameters<typeof echo>[0]>,
    webhookSecret = 'whsec_test',
  ): Promise<string> {
    const { error } = await runBaseten({
      credential: credentialFor(emulator(), { webhookSecret }),
      parameters: echo({ operation: 'submitAsync', ...parameters }),
    });
    expect(error).toBeUndefined();
    const body = emulator().requests[0]?.json() as { webhook_endpoint: string };
    return body.webhook_endpoint;
  }

  test('is sent byte for byte as it was entered', async () => {
    const webhookUrl = 'https://n8n.example.com/webhook/x?a=b%20c&d=e+f&g#h';
    expect(await endpointOf({ webhookUrl })).toBe(webhookUrl);
  });

  test.each([
    ['none', '', 0],
    ['one', 'whsec_test', 1],
    ['two, while one is rotated', 'whsec_new, whsec_test', 2],
  ])('carries metadata, signed with every secret: %s', async (_, secrets, count) => {
    const webhookUrl = 'https://n8n.example.com/webhook/x?kept=1';
    const endpoint = await endpointOf({ webhookUrl, metadata: '={{ { order: 17 } }}' }, secrets);
    const [start, signature = ''] = endpoint.split('&baseten_metadata_signature=');
    expect([start, endpoint.includes('whsec')]).toStrictEqual([
      `${webhookUrl}&baseten_metadata=eyJvcmRlciI6MTd9`,
      false,
    ]);
    expect(signature).toMatch(
      count === 0 ? /^$/ : new RegExp(`^${MODEL_IDS.echo}\\.\\d{10}(\\.[0-9a-f]{64}){${count}}$`),
    );
  });

  test.each([
    ['http://localhost:5678/webhook/x', /^Webhook URL ".*" can't be reached by Baseten/],
    ['https://192.168.1.5/webhook/x', /^Webhook URL ".*" can't be reached by Baseten/],
    ['https://nas.local/webhook/x', /^Webhook URL ".*" can't be reached by Baseten/],
  ])(
    '%s is refused if it is Baseten that delivers, before anything is sent',
    async (url, message) => {
      const { error } = await runBaseten({
        credential: { apiKey: 'k' },
        parameters: echo({ operation: 'submitAsync', webhookUrl: url }),
      });
      expect(error?.message).toMatch(message);
    },
  );

  test("is refused if it is n8n's test URL and nobody watches, before anything is sent", async () => {
    const { error } = await run({
      operation: 'submitAsync',
      webhookUrl: 'https://n8n.example.com/webhook-test/5f0c/webhook',
    });
    expect(error?.message).toMatch(/is a test URL, which works only while somebody listens/);
    expect(emulator().requests).toHaveLength(0);
  });

  test('may be in a private network with custom endpoints', async () => {
    const webhookUrl = 'http://127.0.0.1:5678/webhook/x';
    expect(await endpointOf({ webhookUrl })).toBe(webhookUrl);
  });
});

test('the status says whether the request is finished and its result lost', async () => {
  const submitted = await run({ operation: 'submitAsync', delivery: 'none', input: '{}' });
  const requestId = String(submitted.items[0]?.json.request_id);
  const ask = async () =>
    (await run({ resource: 'asyncRequest', operation: 'get', requestId })).items[0]?.json;
  let status = await ask();
  for (let asked = 0; !status?.finished && asked < 15; asked++) status = await ask();
  expect(status).toMatchObject({
    request_id: requestId,
    model_id: MODEL_IDS.echo,
    status: 'SUCCEEDED',
    webhook_status: 'NO_WEBHOOK_PROVIDED',
    finished: true,
    resultLost: false,
  });
});

test('a request that can’t be canceled any more is not an error', async () => {
  const submitted = await run({ operation: 'submitAsync', delivery: 'none', input: '{}' });
  const requestId = String(submitted.items[0]?.json.request_id);
  const { items, error } = await run({ resource: 'asyncRequest', operation: 'cancel', requestId });
  expect(error).toBeUndefined();
  expect(items[0]?.json).toMatchObject({
    request_id: requestId,
    canceled: expect.any(Boolean),
    message: expect.any(String),
  });
});

test.each(['', '{}', 'null', '{"status":null}', '{"status":""}'])(
  'a status of %j is an error, so that no loop asks for ever',
  async (body) => {
    emulator().faults.add({
      kind: 'status',
      status: 200,
      body,
      headers: { 'content-type': 'application/json' },
    });
    const { items, error } = await run({
      resource: 'asyncRequest',
      operation: 'get',
      requestId: 'abc',
    });
    expect(items).toHaveLength(0);
    expect(error?.message).toContain('does not look like one from Baseten');
  },
);

test('a cancellation whose response was lost is one if the status says so', async () => {
  const path = '/async_request/abc';
  const answer = (method: string, body: object) =>
    emulator().faults.add({ kind: 'status', status: 200, match: { method, path }, body });
  emulator().faults.add({ kind: 'reset', match: { method: 'DELETE', path } });
  answer('DELETE', { request_id: 'abc', canceled: false, message: 'It is not QUEUED.' });
  answer('GET', { request_id: 'abc', status: 'CANCELED', webhook_status: 'CANCELED' });
  const { items } = await run({ resource: 'asyncRequest', operation: 'cancel', requestId: 'abc' });
  expect(items[0]?.json).toStrictEqual({
    request_id: 'abc',
    canceled: true,
    message: 'The request was canceled. Baseten’s first response was lost on the way.',
  });
  expect(emulator().requests.map(({ method }) => method)).toStrictEqual([
    'DELETE',
    'DELETE',
    'GET',
  ]);
});

test.each(['', '{}', 'null', '{"canceled":"no"}'])(
  'a cancellation of which Baseten says %j is an error',
  async (body) => {
    emulator().faults.add({
      kind: 'status',
      status: 200,
      body,
      headers: { 'content-type': 'application/json' },
    });
    const { error } = await run({
      resource: 'asyncRequest',
      operation: 'cancel',
      requestId: 'abc',
    });
    expect(error?.message).toContain('does not look like one from Baseten');
  },
);

test('the status of a chain’s request is read on the chain’s host', async () => {
  const chain = { chainId: byId(CHAIN_IDS.echo) };
  const submitted = await run({
    resource: 'chain',
    operation: 'submitAsync',
    ...chain,
    delivery: 'none',
    input: '{}',
  });
  const requestId = String(submitted.items[0]?.json.request_id);
  const { items } = await run({
    resource: 'asyncRequest',
    operation: 'get',
    ownerType: 'chain',
    ...chain,
    requestId,
  });
  expect(items[0]?.json).toMatchObject({ chain_id: CHAIN_IDS.echo });
});

test('the error about an input over the limit has both sizes', async () => {
  const { error } = await run({
    operation: 'submitAsync',
    delivery: 'none',
    input: JSON.stringify({ text: 'x'.repeat(300_000) }),
  });
  expect(error?.httpCode).toBe('413');
  expect(error?.description).toMatch(/300\d\d\d.*262144|262144.*300\d\d\d/s);
});

test('the queue status is the one that Baseten reports', async () => {
  const { items } = await run({ operation: 'getQueueStatus' });
  expect(items[0]?.json).toMatchObject({
    model_id: MODEL_IDS.echo,
    num_queued_requests: expect.any(Number),
    num_in_progress_requests: expect.any(Number),
  });
});

test('wake starts a deployment once for all items, waits for it, and lets the items pass', async () => {
  const sleeper = { operation: 'wake', modelId: byId(MODEL_IDS.sleeper) };
  const files = { data: { data: 'YQ==', mimeType: 'text/plain' } };
  const items = [{ json: { row: 1 }, binary: files }, { json: { row: 2 } }];
  const { items: output } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: { resource: 'model', ...sleeper },
    items,
  });
  const wake = { status: 'ACTIVE', activeReplicas: 1, waitedSeconds: expect.any(Number) as number };
  expect(output.map(({ json }) => json)).toStrictEqual([
    { row: 1, wake },
    { row: 2, wake },
  ]);
  expect(output[0]?.binary?.data?.mimeType).toBe('text/plain');
  expect(emulator().requests.filter(({ path }) => path.endsWith('/wake'))).toHaveLength(1);
});

test('wake does not wait if it is told not to', async () => {
  const { items } = await run({ operation: 'wake', waitUntilReady: false });
  expect(items[0]?.json).toStrictEqual({
    wake: { status: null, activeReplicas: null, waitedSeconds: 0 },
  });
  expect(emulator().requests).toHaveLength(1);
});

test('the error says so if the key may not ask whether a deployment is ready', async () => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator(), { apiKey: emulator().inferenceOnlyKey }),
    parameters: echo({ operation: 'wake' }),
  });
  expect(error?.message).toContain('is waking, but this API key may not ask whether it is ready');
});
