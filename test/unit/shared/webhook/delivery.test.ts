import {
  receiveDelivery,
  refuseForNow,
  type ReceptionSettings,
} from '../../../../nodes/shared/webhook/delivery';
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

/** Receives a delivery, and returns all that can be seen of it. */
async function received(settings: WebhookSettings, reception: Partial<ReceptionSettings> = {}) {
  const { context, answer, log } = webhookContext(settings);
  return {
    reception: await receiveDelivery(context, { ...RECEPTION, ...reception }),
    answer,
    log,
  };
}

test('a genuine delivery is handed on, and its response is left open', async () => {
  const { reception, answer, log } = await received({});
  const result = JSON.parse(resultBody().toString()) as unknown;
  expect([reception, answer.answers, log]).toStrictEqual([
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
  const { reception, answer } = await received(settings);
  expect([reception, answer.statusCode, answer.body]).toStrictEqual([
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

test('a request without raw bytes counts as an empty one', async () => {
  const { context, answer } = webhookContext({
    headers: { 'x-baseten-signature': signed(resultBody(), SECRET) },
  });
  context.getRequestObject().rawBody = undefined as never;
  await receiveDelivery(context, RECEPTION);
  expect([answer.statusCode, answer.body]).toStrictEqual([
    401,
    { message: 'Delivery refused: signature wrong.' },
  ]);
});

test('without a secret to verify with, even a genuine delivery is put off', async () => {
  const { answer } = await received({ secret: '' });
  expect([answer.statusCode, answer.answers]).toStrictEqual([503, 1]);
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
  const { context, answer } = webhookContext({ headers: {} });
  answer.json('by somebody else');
  await receiveDelivery(context, RECEPTION);
  expect([answer.answers, answer.body]).toStrictEqual([1, 'by somebody else']);
});

test('if something fails on this side, Baseten is told to deliver again, and it is logged', () => {
  const { context, answer, log } = webhookContext();
  expect(refuseForNow(context, new Error('no database'))).toStrictEqual({
    noWebhookResponse: true,
  });
  expect([answer.statusCode, log]).toStrictEqual([
    500,
    ['["Results: a delivery could not be received: no database",null]'],
  ]);
});

test('the response does not repeat what failed on this side', () => {
  const { context, answer } = webhookContext();
  refuseForNow(context, new Error('secret thing'));
  expect(JSON.stringify(answer.body)).not.toContain('secret thing');
});
