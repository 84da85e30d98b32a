import {
  receiveDelivery,
  refuseForNow,
  type ReceptionSettings,
} from '../../../../nodes/shared/webhook/delivery';
import { withMetadata } from '../../../../nodes/shared/webhook/metadata';
import {
  NOW,
  OTHER_SECRET,
  resultBody,
  SECRET,
  signed,
  webhookContext,
  type WebhookSettings,
} from '../../../support/webhookContext';

// Once for all: waits that a test leaves behind share a timer with those of the next.
beforeAll(() => {
  jest.useFakeTimers();
});
beforeEach(() => {
  jest.setSystemTime(NOW);
});
afterAll(() => {
  jest.useRealTimers();
});

/** Lets this moment come, in milliseconds after the beginning. */
const until = async (milliseconds: number) =>
  await jest.advanceTimersByTimeAsync(NOW + milliseconds - Date.now());

const RECEPTION: ReceptionSettings = { verifySignature: true, tolerance: 300 };

let credentialCount = 0;

/** Receives a delivery, and returns all that can be seen of it. */
async function received(settings: WebhookSettings, reception: Partial<ReceptionSettings> = {}) {
  const { context, reply, log } = webhookContext(settings);
  return {
    reception: await receiveDelivery(context, { ...RECEPTION, ...reception }),
    reply,
    log,
  };
}

test('a genuine delivery is handed on, and its response is left open', async () => {
  const { reception, reply, log } = await received({});
  const result = JSON.parse(resultBody().toString()) as unknown;
  expect([reception, reply.timesSent, log]).toStrictEqual([
    { result, metadata: {}, bytes: resultBody().length },
    0,
    [],
  ]);
});

test.each<[string, WebhookSettings, number, string]>([
  ['an unsigned one', { headers: {} }, 401, 'signature missing'],
  [
    'a forged one',
    { headers: { 'x-baseten-signature': signed(resultBody(), OTHER_SECRET) } },
    401,
    'signature wrong',
  ],
])('%s is refused, and n8n is told so', async (_, settings, status, check) => {
  const { reception, reply } = await received(settings);
  expect([reception, reply.statusCode, reply.body]).toStrictEqual([
    { refused: { noWebhookResponse: true } },
    status,
    { message: `Delivery refused: ${check}.` },
  ]);
});

test.each<[string, WebhookSettings, string]>([
  [
    'an old one',
    { body: resultBody({ time: new Date(NOW - 301_000).toISOString() }) },
    'wrong time',
  ],
  ['one that is not JSON', { body: Buffer.from('hello') }, 'not JSON'],
  ['an empty one', { body: Buffer.alloc(0) }, 'not JSON'],
  ['one without a request ID', { body: Buffer.from('[]') }, 'no usable request ID'],
])('%s that is signed gets a 503, so that Baseten delivers again', async (_, settings, check) => {
  const { reception, reply } = await received(settings);
  expect([reception, reply.statusCode, reply.body]).toStrictEqual([
    { refused: { noWebhookResponse: true } },
    503,
    { message: `Delivery put off: ${check}.` },
  ]);
});

test.each([
  { body: Buffer.from('hello'), check: 'not JSON' },
  { body: Buffer.from('[]'), check: 'no usable request ID' },
])('if nothing is verified, $check gets a 400', async ({ body, check }) => {
  const { reply } = await received({ body, headers: {} }, { verifySignature: false });
  expect([reply.statusCode, reply.body]).toStrictEqual([
    400,
    { message: `Delivery refused: ${check}.` },
  ]);
});

test('what anybody can post while nothing is verified is logged once', async () => {
  const anybodys = () =>
    received({ body: Buffer.from('hello'), nodeId: 'open' }, { verifySignature: false });
  const logs = [(await anybodys()).log, (await anybodys()).log];
  expect(logs.map(({ length }) => length)).toStrictEqual([1, 0]);
});

test.each([
  [-301, '-301 s'],
  [301, '+301 s'],
])('the log says by how many seconds the time of a delivery is off: %i', async (off, shown) => {
  const time = new Date(NOW + off * 1000).toISOString();
  const { log } = await received({ body: resultBody({ time }) });
  expect(log).toStrictEqual([
    `["Results: the result of request \\"req-1\\" was put off: its time is ${shown} from the clock of this machine, more than Timestamp Tolerance (300 s). ` +
      'If that happens to every delivery, the clock of this machine is wrong",null]',
  ]);
});

test('the log says which check failed, of which node', async () => {
  expect((await received({ headers: {} })).log).toStrictEqual([
    '["Results: a delivery was refused: signature missing",null]',
  ]);
});

test('a request without raw bytes is treated as an empty one', async () => {
  const { context, reply } = webhookContext({
    headers: { 'x-baseten-signature': signed(resultBody(), SECRET) },
  });
  context.getRequestObject().rawBody = undefined as never;
  await receiveDelivery(context, RECEPTION);
  expect([reply.statusCode, reply.body]).toStrictEqual([
    401,
    { message: 'Delivery refused: signature wrong.' },
  ]);
});

test('without a secret to verify with, even a genuine delivery is put off', async () => {
  const { reply } = await received({ secret: '' });
  expect([reply.statusCode, reply.timesSent]).toStrictEqual([503, 1]);
});

test('if nothing is to be verified, an unsigned delivery is taken, with secrets and without', async () => {
  const taken = ['', SECRET].map(
    async (secret) => await received({ secret, headers: {} }, { verifySignature: false }),
  );
  expect((await Promise.all(taken)).map(({ reception }) => 'result' in reception)).toStrictEqual([
    true,
    true,
  ]);
});

test('tolerance 0 takes any age', async () => {
  const old = { body: resultBody({ time: '2020-01-01T00:00:00Z' }) };
  expect('result' in (await received(old, { tolerance: 0 })).reception).toBe(true);
});

test('a response that was sent already is not sent again', async () => {
  const { context, reply } = webhookContext({ headers: {} });
  reply.json('by somebody else');
  await receiveDelivery(context, RECEPTION);
  expect([reply.timesSent, reply.body]).toStrictEqual([1, 'by somebody else']);
});

test('if something fails on this side, Baseten is told to deliver again, and it is logged', () => {
  const { context, reply, log } = webhookContext();
  expect(refuseForNow(context, new Error('no database'))).toStrictEqual({
    noWebhookResponse: true,
  });
  expect([reply.statusCode, log]).toStrictEqual([
    500,
    ['["Results: a delivery could not be received: no database",null]'],
  ]);
});

test('the response does not repeat what failed on this side', () => {
  const { context, reply } = webhookContext();
  refuseForNow(context, new Error('secret thing'));
  expect(JSON.stringify(reply.body)).not.toContain('secret thing');
});

/** The query of a delivery with metadata. */
function queryOf(secret: string, owner = 'abcd1234') {
  const url = 'https://x.example.com/webhook/trigger-1/webhook';
  const sending = { secrets: [secret], owner, now: NOW };
  return Object.fromEntries(new URL(withMetadata(url, { order: 7 }, sending)).searchParams);
}

/** A context whose credential has an ID, as in n8n, and can change. */
function contextWithCredential(settings: WebhookSettings) {
  const { context, reply } = webhookContext(settings);
  const credentials = {
    basetenWorkspaceApi: { id: `credential-${++credentialCount}`, name: 'Baseten' },
  };
  const node = { ...context.getNode(), credentials };
  context.getNode = () => node;
  const setSecret = (webhookSecret: string | Promise<string>) => {
    const getCredentials = jest.fn(async () => ({ webhookSecret: await webhookSecret }) as never);
    context.getCredentials = getCredentials;
    return getCredentials;
  };
  return { context, reply, setSecret };
}

describe('a secret that was entered within the two seconds in which others count', () => {
  test('counts at once for the body', async () => {
    const headers = { 'x-baseten-signature': signed(resultBody(), OTHER_SECRET) };
    const { context, setSecret } = contextWithCredential({ headers });
    setSecret(`${SECRET},${OTHER_SECRET}`);
    expect('result' in (await receiveDelivery(context, RECEPTION))).toBe(true);
    setSecret(SECRET);
    await until(2000);
    expect('result' in (await receiveDelivery(context, RECEPTION))).toBe(false);
    setSecret(OTHER_SECRET);
    await until(3001);
    expect('result' in (await receiveDelivery(context, RECEPTION))).toBe(true);
  });

  test('counts at once for the metadata', async () => {
    const headers = { 'x-baseten-signature': signed(resultBody(), SECRET, OTHER_SECRET) };
    const { context, setSecret } = contextWithCredential({ headers, query: queryOf(OTHER_SECRET) });
    setSecret(SECRET);
    const before = await receiveDelivery(context, RECEPTION);
    setSecret(OTHER_SECRET);
    await until(1000);
    expect([before, await receiveDelivery(context, RECEPTION)]).toMatchObject([
      { metadata: {}, unverified: { order: 7 } },
      { metadata: { order: 7 } },
    ]);
  });

  test.each<[string, () => string | Promise<string>]>([
    ['no secret', () => ''],
    ['a secret that signed nothing', () => 'whsec_third'],
    ['a vault that is sealed', () => Promise.reject(new Error('sealed'))],
  ])('if there is %s by then, a genuine delivery is not lost', async (_, later) => {
    const { context, setSecret } = contextWithCredential({ query: queryOf('whsec_gone') });
    setSecret(SECRET);
    await receiveDelivery(context, RECEPTION);
    await until(1000);
    setSecret(later());
    expect(await receiveDelivery(context, RECEPTION)).toMatchObject({
      result: { request_id: 'req-1' },
      metadata: {},
      unverified: { order: 7 },
    });
  });

  test("a signature that no known secret made is not refused while the credential can't be read", async () => {
    const { context, setSecret } = contextWithCredential({});
    setSecret(SECRET);
    await receiveDelivery(context, RECEPTION);
    context.getRequestObject().headers['x-baseten-signature'] = signed(resultBody(), OTHER_SECRET);
    setSecret(Promise.reject(new Error('sealed')));
    await expect(receiveDelivery(context, RECEPTION)).rejects.toThrow('sealed');
  });
});

describe('metadata', () => {
  test('that was signed is handed on with the result', async () => {
    const { reception } = await received({ query: queryOf(SECRET) });
    expect([reception, 'unverified' in reception]).toMatchObject([
      { metadata: { order: 7 } },
      false,
    ]);
  });

  test.each([true, false])(
    'that was not signed with the secret is handed on as such, whether deliveries are verified or not (%s)',
    async (verifySignature) => {
      const { reception } = await received({ query: queryOf(OTHER_SECRET) }, { verifySignature });
      expect(reception).toMatchObject({ metadata: {}, unverified: { order: 7 } });
    },
  );

  test.each<[string, WebhookSettings]>([
    ['that was sent to another path', { path: '/webhook/trigger-2/webhook' }],
    ['of another model', { body: resultBody({ model_id: 'efgh5678' }) }],
    ['of a result without a model', { body: resultBody({ model_id: undefined }) }],
    ['of a result whose model has an empty ID', { body: resultBody({ model_id: '' }) }],
  ])('%s is not verified', async (_, settings) => {
    const { reception } = await received({ ...settings, query: queryOf(SECRET) });
    expect(reception).toMatchObject({ metadata: {}, unverified: { order: 7 } });
  });

  test.each([undefined, null, ''])(
    'of a chain is verified with its ID (model: %j)',
    async (model) => {
      const body = resultBody({ model_id: model, chain_id: 'chain1' });
      const { reception } = await received({ body, query: queryOf(SECRET, 'chain1') });
      expect(reception).toMatchObject({ metadata: { order: 7 } });
    },
  );

  describe('and body, while reading the credential takes long', () => {
    /** A delivery a minute after the secret was rotated and read; the new one can't be read yet. */
    async function deliver(settings: WebhookSettings) {
      const { context, setSecret } = contextWithCredential(settings);
      setSecret(SECRET);
      await receiveDelivery(context, RECEPTION);
      await until(60_000);
      let found: (secret: string) => void = () => {};
      const reading = setSecret(new Promise<string>((resolve) => (found = resolve)));
      const reception = receiveDelivery(context, RECEPTION);
      const hasEnded = jest.fn();
      void reception.then(hasEnded);
      await jest.advanceTimersByTimeAsync(1000);
      const waited = hasEnded.mock.calls.length === 0;
      found(OTHER_SECRET);
      return { waited, reception: await reception, readings: reading.mock.calls.length };
    }

    test('are verified with the secrets that were read before', async () => {
      const { waited, reception } = await deliver({ query: queryOf(SECRET) });
      expect([waited, reception]).toMatchObject([false, { metadata: { order: 7 } }]);
    });

    test.each<[string, WebhookSettings]>([
      ['the body', { headers: { 'x-baseten-signature': signed(resultBody(), OTHER_SECRET) } }],
      [
        'the metadata',
        {
          headers: { 'x-baseten-signature': signed(resultBody(), SECRET, OTHER_SECRET) },
          query: queryOf(OTHER_SECRET),
        },
      ],
    ])('wait for the new secrets if those signed %s, in one reading', async (_, settings) => {
      const { waited, reception, readings } = await deliver(settings);
      const isVerified = 'result' in reception && reception.unverified === undefined;
      expect([waited, isVerified, readings]).toStrictEqual([true, true, 1]);
    });
  });
});
