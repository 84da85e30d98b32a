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
  const { context, answer, log } = webhookContext({
    parameters: { requestId: 'req-1' },
    ...settings,
  });
  return { response: await resume(context), answer, log };
}

test('the awaited result wakes the execution', async () => {
  const { response, answer } = await deliver();
  expect([response, answer.answers]).toStrictEqual([
    {
      webhookResponse: { received: true },
      workflowData: [[{ json: { result: JSON.parse(resultBody().toString()) as unknown } }]],
    },
    0,
  ]);
});

test('so does the news that the inference failed', async () => {
  const errors = [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }];
  const { response } = await deliver({ body: resultBody({ data: null, errors }) });
  expect(response.workflowData?.[0]?.[0]?.json.result).toMatchObject({
    request_id: 'req-1',
    errors,
  });
});

test.each([
  ['another request', { requestId: 'req-2' }],
  ['a request whose ID goes on', { requestId: 'req-10' }],
  ['a request whose ID ends before', { requestId: 'req-' }],
  ['nothing any more', { requestId: '' }],
  ['nothing yet', {}],
])('while %s is awaited a result is answered and wakes nothing', async (_, parameters) => {
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
  [
    'a result of over five minutes ago',
    { body: resultBody({ time: new Date(NOW - 300_001).toISOString() }) },
    401,
  ],
  ['what is no JSON', { body: Buffer.from('hello') }, 400],
  ['what is no result', { body: Buffer.from('{"request_id":"req-1"}') }, 400],
  ["a result that can't be verified", { secret: '' }, 503],
  [
    'a result where a parameter throws',
    { parameters: { requestId: new Error('expression') } },
    500,
  ],
])('%s is answered and wakes nothing', async (_, settings, status) => {
  const { response, answer } = await deliver(settings);
  expect([response, answer.statusCode]).toStrictEqual([{ noWebhookResponse: true }, status]);
});

test("verification can't be turned off", async () => {
  const { answer } = await deliver({
    headers: {},
    parameters: { requestId: 'req-1', verifySignature: false },
  });
  expect(answer.statusCode).toBe(401);
});

test('a repeat of the awaited result wakes as the first did: n8n sees to it that only one does', async () => {
  const responses = [await deliver(), await deliver()].map(
    ({ response }) => response.workflowData?.length,
  );
  expect(responses).toStrictEqual([1, 1]);
});

test("the node's webhook resumes", async () => {
  const { context } = webhookContext({ parameters: { requestId: 'req-1' } });
  expect((await new BasetenWait().webhook.call(context)).workflowData).toHaveLength(1);
});
