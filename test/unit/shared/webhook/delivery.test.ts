import { receiveDelivery, refuseForNow } from '../../../../nodes/shared/webhook/delivery';
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

/** Receives a delivery and tells all that can be seen of it. */
function received(
  settings: WebhookSettings,
  receiving: Partial<Parameters<typeof receiveDelivery>[1]> = {},
) {
  const { context, answer, log } = webhookContext(settings);
  const reception = receiveDelivery(context, {
    secrets: [SECRET],
    verifySignature: true,
    tolerance: 300,
    ...receiving,
  });
  return { reception, answer, log };
}

test('a genuine delivery is handed on, and its answer is left open', () => {
  const { reception, answer, log } = received({});
  expect([reception, answer.answers, log]).toStrictEqual([
    { result: JSON.parse(resultBody().toString()) },
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
  ['one that is no JSON', { body: Buffer.from('hello') }, 400, 'not JSON'],
  ['an empty one', { body: Buffer.alloc(0) }, 400, 'not JSON'],
  ['one of another shape', { body: Buffer.from('[]') }, 400, 'not an async result'],
])('%s is answered and n8n told so', (_, settings, status, check) => {
  const { reception, answer } = received(settings);
  expect([reception, answer.statusCode, answer.body]).toStrictEqual([
    { answered: { noWebhookResponse: true } },
    status,
    { message: `Delivery refused: ${check}.` },
  ]);
});

test('the log says which check failed, of which node', () => {
  expect(received({ headers: {} }).log).toStrictEqual([
    '["Results: a delivery was turned away: signature missing",null]',
  ]);
});

test('a request without raw bytes counts as an empty one', () => {
  const { context, answer } = webhookContext({
    headers: { 'x-baseten-signature': signed(resultBody(), SECRET) },
  });
  context.getRequestObject().rawBody = undefined as never;
  receiveDelivery(context, { secrets: [SECRET], verifySignature: true, tolerance: 300 });
  expect([answer.statusCode, answer.body]).toStrictEqual([
    401,
    { message: 'Delivery refused: signature wrong.' },
  ]);
});

test('with nothing to verify by, even a genuine delivery is put off', () => {
  const { answer } = received({}, { secrets: [] });
  expect([answer.statusCode, answer.answers]).toStrictEqual([503, 1]);
});

test('where nothing shall be verified, an unsigned delivery is taken, with secrets and without', () => {
  const taken = [[], [SECRET]].map(
    (secrets) => received({ headers: {} }, { secrets, verifySignature: false }).reception,
  );
  expect(taken.map((reception) => 'result' in reception)).toStrictEqual([true, true]);
});

test('tolerance 0 takes any age', () => {
  const old = { body: resultBody({ time: '2020-01-01T00:00:00Z' }) };
  expect('result' in received(old, { tolerance: 0 }).reception).toBe(true);
});

test('a response that was answered already is not answered again', () => {
  const { context, answer } = webhookContext({ headers: {} });
  answer.json('by somebody else');
  receiveDelivery(context, { secrets: [SECRET], verifySignature: true, tolerance: 300 });
  expect([answer.answers, answer.body]).toStrictEqual([1, 'by somebody else']);
});

test('what fails on this side is answered so that it is delivered again, and logged', () => {
  const { context, answer, log } = webhookContext();
  expect(refuseForNow(context, new Error('no database'))).toStrictEqual({
    noWebhookResponse: true,
  });
  expect([answer.statusCode, log]).toStrictEqual([
    500,
    ['["Results: a delivery could not be received: no database",null]'],
  ]);
});

test('the answer does not repeat what failed on this side', () => {
  const { context, answer } = webhookContext();
  refuseForNow(context, new Error('secret thing'));
  expect(JSON.stringify(answer.body)).not.toContain('secret thing');
});
