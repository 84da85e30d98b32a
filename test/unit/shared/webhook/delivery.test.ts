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

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

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
  [
    'an old one',
    { body: resultBody({ time: new Date(NOW - 301_000).toISOString() }) },
    401,
    'too old',
  ],
  ['one that is not JSON', { body: Buffer.from('hello') }, 400, 'not JSON'],
  ['an empty one', { body: Buffer.alloc(0) }, 400, 'not JSON'],
  ['one of another shape', { body: Buffer.from('[]') }, 400, 'not an async result'],
])('%s is refused, and n8n is told so', async (_, settings, status, check) => {
  const { reception, reply } = await received(settings);
  expect([reception, reply.statusCode, reply.body]).toStrictEqual([
    { refused: { noWebhookResponse: true } },
    status,
    { message: `Delivery refused: ${check}.` },
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

describe('metadata', () => {
  const queryOf = (secret: string) =>
    Object.fromEntries(
      withMetadata(new URL('https://x.example.com/w'), { order: 7 }, secret).searchParams,
    );

  test('that was signed is handed on with the result', async () => {
    const { reception } = await received({ query: queryOf(SECRET) });
    expect(reception).toMatchObject({ metadata: { order: 7 } });
  });

  test.each([true, false])(
    'that was not signed with the secret is dropped, whether deliveries are verified or not (%s)',
    async (verifySignature) => {
      const { reception } = await received({ query: queryOf(OTHER_SECRET) }, { verifySignature });
      expect(reception).toMatchObject({ metadata: undefined });
    },
  );

  describe('and body, while reading the credential takes long', () => {
    /** A delivery a minute after the secret was rotated and read; the new one can't be read yet. */
    async function deliver(settings: WebhookSettings) {
      const { context } = webhookContext(settings);
      const credentials = {
        basetenWorkspaceApi: { id: `credential-${++credentialCount}`, name: 'Baseten' },
      };
      const node = { ...context.getNode(), credentials };
      context.getNode = () => node;
      await receiveDelivery(context, RECEPTION);
      jest.setSystemTime(NOW + 60_000);
      let found: (secret: string) => void = () => {};
      const secret = new Promise<string>((resolve) => (found = resolve));
      context.getCredentials = async () => ({ webhookSecret: await secret }) as never;
      const reception = receiveDelivery(context, RECEPTION);
      const hasEnded = jest.fn();
      void reception.then(hasEnded);
      await jest.advanceTimersByTimeAsync(1000);
      const waited = hasEnded.mock.calls.length === 0;
      found(OTHER_SECRET);
      return { waited, reception: await reception };
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
    ])('wait for the new secrets if those signed %s', async (_, settings) => {
      const { waited, reception } = await deliver(settings);
      expect([waited, 'result' in reception && reception.metadata !== undefined]).toStrictEqual([
        true,
        true,
      ]);
    });
  });
});
