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

test('metadata is sent in the webhook URL, with a signature', async () => {
  await run({
    operation: 'submitAsync',
    webhookUrl: 'https://n8n.example.com/webhook/x',
    metadata: '={{ { order: 17 } }}',
  });
  const { webhook_endpoint } = emulator().requests[0]?.json() as { webhook_endpoint: string };
  expect(webhook_endpoint).toMatch(
    /^https:\/\/n8n.example.com\/webhook\/x\?baseten_metadata=[\w-]+&baseten_metadata_signature=[0-9a-f]{64}$/,
  );
  expect(webhook_endpoint).not.toContain('whsec');
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

test('wake starts a deployment, and waits for it when asked to', async () => {
  const sleeper = { operation: 'wake', modelId: byId(MODEL_IDS.sleeper) };
  expect((await run(sleeper)).items[0]?.json).toStrictEqual({ woken: true });
  const { items } = await run({ ...sleeper, options: { waitUntilReady: true } });
  expect(items[0]?.json).toStrictEqual({
    woken: true,
    ready: true,
    status: 'ACTIVE',
    active_replica_count: 1,
  });
});

test('the error says so if the key may not ask whether a deployment is ready', async () => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator(), { apiKey: emulator().inferenceOnlyKey }),
    parameters: echo({ operation: 'wake', options: { waitUntilReady: true } }),
  });
  expect(error?.message).toContain('is waking, but this API key may not ask whether it is ready');
});
