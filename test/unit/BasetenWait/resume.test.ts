import { BasetenWait } from '../../../nodes/BasetenWait/BasetenWait.node';
import { resume } from '../../../nodes/BasetenWait/resume';
import {
  NOW,
  OTHER_SECRET,
  resultBody,
  signed,
  webhookContext,
  type WebhookSettings,
} from '../../support/webhookContext';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A delivery to an execution that waits for `req-1`. */
async function deliver(settings: WebhookSettings = {}) {
  const { context, reply, log } = webhookContext({
    parameters: { requestId: 'req-1' },
    ...settings,
  });
  return { response: await resume(context), reply, log };
}

test('the awaited result wakes the execution', async () => {
  const { response, reply } = await deliver();
  expect([response, reply.timesSent]).toStrictEqual([
    {
      webhookResponse: { received: true },
      workflowData: [[{ json: { result: JSON.parse(resultBody().toString()) as unknown } }]],
    },
    0,
  ]);
});

test('the result of a failed inference wakes it, too', async () => {
  const errors = [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }];
  const { response } = await deliver({ body: resultBody({ data: null, errors }) });
  expect(response.workflowData?.[0]?.[0]?.json.result).toMatchObject({
    request_id: 'req-1',
    errors,
  });
});

test.each([
  ['another request', { requestId: 'req-2' }],
  ['a request whose ID is longer', { requestId: 'req-10' }],
  ['a request whose ID is shorter', { requestId: 'req-' }],
  ['nothing any more', { requestId: '' }],
  ['nothing yet', {}],
])('while %s is awaited, a result is accepted and wakes nothing', async (_, parameters) => {
  const { response } = await deliver({ parameters });
  expect(response).toStrictEqual({
    webhookResponse: { received: true, note: 'not awaited any more' },
  });
});

test.each<[string, WebhookSettings, number]>([
  ['an unsigned result', { headers: {} }, 401],
  [
    'a forged result',
    { headers: { 'x-baseten-signature': signed(resultBody(), OTHER_SECRET) } },
    401,
  ],
  ['something that is not JSON', { body: Buffer.from('hello') }, 503],
  ['something that is not a result', { body: Buffer.from('{}') }, 503],
  ["a result that can't be verified", { secret: '' }, 503],
  ['a result, if a parameter throws,', { parameters: { requestId: new Error('expression') } }, 500],
])('%s is refused and wakes nothing', async (_, settings, status) => {
  const { response, reply } = await deliver(settings);
  expect([response, reply.statusCode]).toStrictEqual([{ noWebhookResponse: true }, status]);
});

test.each([-300_001, 300_001, -86_400_000])(
  'the awaited result wakes the execution, also if its time is %i ms off',
  async (off) => {
    const time = new Date(NOW + off).toISOString();
    const { response } = await deliver({ body: resultBody({ time }) });
    expect(response.workflowData).toHaveLength(1);
  },
);

test("verification can't be turned off", async () => {
  const { reply } = await deliver({
    headers: {},
    parameters: { requestId: 'req-1', verifySignature: false },
  });
  expect(reply.statusCode).toBe(401);
});

test('a repeat of the awaited result wakes like the first: n8n makes sure that only one does', async () => {
  const responses = [await deliver(), await deliver()].map(
    ({ response }) => response.workflowData?.length,
  );
  expect(responses).toStrictEqual([1, 1]);
});

test("the node's webhook resumes", async () => {
  const { context } = webhookContext({ parameters: { requestId: 'req-1' } });
  expect((await new BasetenWait().webhook.call(context)).workflowData).toHaveLength(1);
});
