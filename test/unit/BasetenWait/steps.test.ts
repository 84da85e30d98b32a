import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { BasetenWait } from '../../../nodes/BasetenWait/BasetenWait.node';
import { runStep } from '../../../nodes/BasetenWait/steps';
import { fakeHttp, type FakeRequest } from '../../support/fakeHttp';
import { NOW, resultBody, SECRET } from '../../support/webhookContext';

// A rate limit that one test meets must not hold the next one back, whose clock stands still.
const mockTurn = jest.fn(async () => undefined);
jest.mock('../../../nodes/shared/http/pace', () => ({
  createPace: () => ({
    turn: async () => await mockTurn(),
    slowDown: () => undefined,
    speedUp: () => undefined,
  }),
}));

const RESUME_URL = 'https://n8n.example.com/webhook-waiting/17?signature=abc';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

type Reply = { status: number; body?: unknown } | { code: string };

interface Step {
  step?: 'submit' | 'wait' | 'settle';
  json?: object;
  job?: object;
  reply?: Reply;
  resumeUrl?: unknown;
  signal?: AbortSignal;
}

const JOB = {
  owner: { kind: 'model', id: 'abcd1234' },
  target: { type: 'production' },
  body: { model_input: { prompt: 'hi' }, priority: 1 },
  metadata: { order: 7 },
  // A repeated attempt would wait in real time.
  sendOptions: { timeout: 10, maxRetries: 0 },
  waitTimeout: 600,
  onLostResult: 'fail',
};
const WAITING = { requestId: 'req-1', submissions: 1, waitUntil: NOW + 600_000, looks: 0 };

/** Runs a step in a context of n8n whose HTTP requests all get one response. */
function run({
  step = 'submit',
  json = {},
  job = JOB,
  reply = { status: 200, body: {} },
  resumeUrl = RESUME_URL,
  signal,
}: Step) {
  const sent: FakeRequest[] = [];
  const http = fakeHttp('n8n', async (request) => {
    sent.push(request);
    if ('code' in reply) throw Object.assign(new Error('socket'), { code: reply.code });
    return { status: reply.status, body: JSON.stringify(reply.body ?? '') };
  });
  const waits: Date[] = [];
  const context = {
    getNode: () => ({
      id: 'n',
      name: 'Baseten Wait',
      type: 'x',
      typeVersion: 1,
      position: [0, 0],
      parameters: {},
    }),
    getInputData: () => [{ json }],
    getNodeParameter: (name: string) => ({ step, job })[name],
    getCredentials: async () => ({ ...http.credential, webhookSecret: SECRET }),
    evaluateExpression: () => resumeUrl,
    putExecutionToWait: async (until: Date) => void waits.push(until),
    getExecutionCancelSignal: () => signal,
    ...http.context,
  } as unknown as IExecuteFunctions;
  return { result: runStep(context), sent, waits, context };
}

const bodyOf = (request: FakeRequest | undefined) =>
  JSON.parse((request?.body as Buffer).toString('utf8')) as IDataObject;
const jsonOf = (items: INodeExecutionData[] | undefined) => items?.map(({ json }) => json);
/** The error that a step fails with. */
async function failure(
  step: Step,
): Promise<{ message: string; description?: string; httpCode?: string }> {
  return await run(step).result.then(
    () => Promise.reject(new Error('no failure')),
    (error) => error as { message: string },
  );
}

describe('submitting', () => {
  const reply = { status: 202, body: { request_id: 'req-1' } };

  test("sends the job's body with the execution's own address", async () => {
    const { result, sent } = run({ json: JOB, reply });
    await result;
    expect(bodyOf(sent[0])).toStrictEqual({ ...JOB.body, webhook_endpoint: RESUME_URL });
  });

  test.each([
    ['model', 'https://model-abcd1234.api.baseten.co/production/async_predict'],
    ['chain', 'https://chain-abcd1234.api.baseten.co/production/async_run_remote'],
  ])('goes to the %s', async (kind, url) => {
    const { result, sent } = run({ json: { ...JOB, owner: { kind, id: 'abcd1234' } }, reply });
    await result;
    expect(sent.map((request) => [request.method, request.url])).toStrictEqual([['POST', url]]);
  });

  test('passes on the request to wait for', async () => {
    expect(await run({ json: JOB, reply }).result).toStrictEqual([
      [{ json: WAITING, pairedItem: { item: 0 } }],
    ]);
  });

  test('a second time raises the count and keeps the deadline', async () => {
    const json = { ...JOB, submissions: 1, waitUntil: NOW + 5000 };
    const { result, sent } = run({ json, reply });
    expect([jsonOf((await result)[0]), bodyOf(sent[0])]).toStrictEqual([
      [{ ...WAITING, submissions: 2, waitUntil: NOW + 5000 }],
      { ...JOB.body, webhook_endpoint: RESUME_URL },
    ]);
  });

  test('to http on this machine is fine', async () => {
    const resumeUrl = 'http://localhost:5678/webhook-waiting/17';
    const { result, sent } = run({ json: JOB, reply, resumeUrl });
    await result;
    expect(bodyOf(sent[0]).webhook_endpoint).toBe(resumeUrl);
  });

  test.each<[unknown, string]>([
    ['http://n8n.example.com:5678/webhook-waiting/17?signature=abc', 'http://n8n.example.com:5678'],
    ['ftp://n8n.example.com/x', 'ftp://n8n.example.com'],
    ['nonsense', 'nonsense'],
    [null, 'null'],
  ])(
    'is refused if Baseten could not deliver to %s, before anything is sent',
    async (resumeUrl, origin) => {
      const { result, sent } = run({ json: JOB, reply, resumeUrl });
      await expect(result).rejects.toMatchObject({
        message: `Baseten can't deliver to this n8n at ${origin}`,
      });
      expect(sent).toHaveLength(0);
    },
  );

  test('fails with the status if Baseten refuses it', async () => {
    expect(
      await failure({ json: JOB, reply: { status: 401, body: { error: 'bad key' } } }),
    ).toMatchObject({
      message: 'Baseten refused the API key',
      httpCode: '401',
    });
  });

  test('fails if the response has no request ID', async () => {
    const { message } = await failure({ json: JOB, reply: { status: 200, body: {} } });
    expect(message).toBe('The response of model abcd1234 has no request ID');
  });

  test('sends nothing after the execution was stopped', async () => {
    const { result, sent } = run({ json: JOB, reply, signal: AbortSignal.abort() });
    await expect(result).rejects.toThrow();
    expect(sent).toHaveLength(0);
  });
});

describe('waiting', () => {
  test.each([
    [0, 30],
    [1, 60],
    [2, 120],
    [3, 240],
    [4, 300],
    [5, 300],
    [1000, 300],
  ])('after %i looks at the status it sleeps for %i s', async (looks, seconds) => {
    const { result, waits } = run({ step: 'wait', json: { ...WAITING, looks } });
    await result;
    expect(waits).toStrictEqual([new Date(NOW + seconds * 1000)]);
  });

  test.each([
    ['sooner than the next look', 29_999],
    ['right now', 0],
    ['over already', -5000],
  ])('it never sleeps past the deadline: %s', async (_, left) => {
    const { result, waits } = run({ step: 'wait', json: { ...WAITING, waitUntil: NOW + left } });
    await result;
    expect(waits).toStrictEqual([new Date(NOW + left)]);
  });

  test('it passes on the request that it waits for, in case no result comes', async () => {
    const { result, sent } = run({ step: 'wait', json: WAITING });
    expect([jsonOf((await result)[0]), sent]).toStrictEqual([[WAITING], []]);
  });
});

describe('settling a result', () => {
  const result = JSON.parse(resultBody().toString()) as object;

  test("gives the item that a trigger would give, with the job's metadata", async () => {
    const outputs = await run({ step: 'settle', json: { result } }).result;
    expect(outputs).toStrictEqual([
      [{ json: { ...result, succeeded: true, metadata: { order: 7 } }, pairedItem: { item: 0 } }],
      [],
      [],
    ]);
  });

  test('sends no request', async () => {
    const { result: outputs, sent } = run({ step: 'settle', json: { result } });
    await outputs;
    expect(sent).toHaveLength(0);
  });

  test("of a failed inference fails with the model's words", async () => {
    const errors = [
      { code: 'MODEL_PREDICT_ERROR', message: 'out of memory' },
      { code: 'OTHER', message: 'and more' },
    ];
    expect(
      await failure({ step: 'settle', json: { result: { ...result, errors } } }),
    ).toMatchObject({
      message: 'The inference of model abcd1234 failed',
      description: 'MODEL_PREDICT_ERROR: out of memory · OTHER: and more · Request ID: req-1',
    });
  });
});

describe('settling without a result', () => {
  const SUBJECT = 'async request req-1 of model abcd1234';
  const status = (state: string, webhook_status: string, more: object = {}): Reply => ({
    status: 200,
    body: { request_id: 'req-1', status: state, webhook_status, ...more },
  });
  const settle = (
    reply: Reply,
    { json = {}, job = {} }: { json?: object; job?: object } = {},
  ): Step => ({
    step: 'settle',
    json: { ...WAITING, ...json },
    job: { ...JOB, ...job },
    reply,
  });

  test('asks for the status', async () => {
    const { result, sent } = run(settle(status('QUEUED', 'PENDING')));
    await result;
    expect(sent.map(({ method, url, body }) => [method, url, body])).toStrictEqual([
      ['GET', 'https://model-abcd1234.api.baseten.co/async_request/req-1', undefined],
    ]);
  });

  test.each<[string, Reply]>([
    ['queued', status('QUEUED', 'PENDING')],
    ['in progress', status('IN_PROGRESS', 'PENDING')],
    ['done and not delivered yet', status('SUCCEEDED', 'PENDING')],
    ['failed and not delivered yet', status('FAILED', 'PENDING')],
    ['in an unknown state', status('PAUSED', 'PENDING')],
    ['unknown, because the status cannot be had now (503)', { status: 503 }],
    ['unknown, because the status cannot be had now (500)', { status: 500 }],
    ['unknown, because the status cannot be had now (429)', { status: 429 }],
    ['unknown, because the connection failed', { code: 'ECONNREFUSED' }],
  ])('keeps waiting while the request is %s', async (_, reply) => {
    expect((await run(settle(reply, { json: { looks: 2 } })).result).map(jsonOf)).toStrictEqual([
      [],
      [{ ...WAITING, looks: 3 }],
      [],
    ]);
  });

  test('asks only once, because n8n refuses the result until that is over', async () => {
    const { result: outputs, sent } = run(
      settle({ status: 503 }, { job: { sendOptions: { timeout: 300, maxRetries: 3 } } }),
    );
    expect([(await outputs)[1], sent]).toMatchObject([
      [{ json: { looks: 1 } }],
      [{ method: 'GET' }],
    ]);
    expect(sent).toHaveLength(1);
  });

  test('keeps waiting if its turn to ask does not come in time', async () => {
    mockTurn.mockRejectedValueOnce(new DOMException('', 'TimeoutError'));
    expect((await run(settle(status('SUCCEEDED', 'FAILED'))).result)[1]).toHaveLength(1);
  });

  test('keeps waiting until the very last millisecond', async () => {
    const outputs = await run(settle(status('QUEUED', 'PENDING'), { json: { waitUntil: NOW + 1 } }))
      .result;
    expect(outputs[1]).toHaveLength(1);
  });

  test.each<[Reply, string]>([
    [status('IN_PROGRESS', 'PENDING'), 'IN_PROGRESS'],
    [{ status: 503 }, 'unknown'],
    [{ code: 'ECONNRESET' }, 'unknown'],
  ])('gives up at the deadline: %j', async (reply, state) => {
    expect(await failure(settle(reply, { json: { waitUntil: NOW } }))).toMatchObject({
      message: `There was no result of ${SUBJECT} within 600 seconds`,
      description: `Its status is ${state}. Raise Wait Timeout, or look at the queue and the logs of the model in Baseten.`,
    });
  });

  test.each<[Reply, string, string]>([
    [
      status('EXPIRED', 'PENDING'),
      `${SUBJECT} expired in the queue before it started`,
      'Raise Max Time in Queue',
    ],
    [
      status('CANCELED', 'CANCELED'),
      `${SUBJECT} was canceled`,
      'Somebody took it out of the queue',
    ],
    [
      status('FAILED', 'FAILED', {
        errors: [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }],
      }),
      'The inference of model abcd1234 failed',
      'MODEL_PREDICT_ERROR: out of memory · Request ID: req-1',
    ],
    [
      status('FAILED', 'SUCCEEDED'),
      'The inference of model abcd1234 failed',
      'Baseten gave no reason · Request ID: req-1',
    ],
    [
      status('FAILED', 'FAILED', { errors: null }),
      'The inference of model abcd1234 failed',
      'Baseten gave no reason',
    ],
  ])('of a request that ended as %j fails', async (reply, message, description) => {
    expect(await failure(settle(reply))).toMatchObject({
      message,
      description: expect.stringContaining(description) as string,
    });
  });

  test.each(['EXPIRED', 'CANCELED'])('of an %s request submits nothing again', async (state) => {
    await expect(
      run(settle(status(state, 'PENDING'), { job: { onLostResult: 'resubmit' } })).result,
    ).rejects.toThrow(SUBJECT);
  });

  test('of a failed inference submits nothing again', async () => {
    const step = settle(status('FAILED', 'FAILED'), { job: { onLostResult: 'resubmit' } });
    await expect(run(step).result).rejects.toThrow('The inference of model abcd1234 failed');
  });

  const lost: Array<[string, string]> = [
    ['WEBHOOK_FAILED', 'FAILED'],
    ['SUCCEEDED', 'FAILED'],
    ['SUCCEEDED', 'CANCELED'],
    ['SUCCEEDED', 'SUCCEEDED'],
    ['SUCCEEDED', 'NO_WEBHOOK_PROVIDED'],
  ];
  test.each(lost)(
    '%s with webhook %s is a lost result, and the error says what to do',
    async (state, webhook) => {
      expect(await failure(settle(status(state, webhook)))).toMatchObject({
        message: `The result of ${SUBJECT} was lost: it ended, but did not reach this n8n`,
        description: expect.stringMatching(
          new RegExp(
            `status ${state}, webhook ${webhook}.*use Predict.*On Lost Result to Submit Again`,
          ),
        ) as string,
      });
    },
  );

  test.each(lost)(
    '%s with webhook %s is submitted again if the user wants that',
    async (state, webhook) => {
      const outputs = await run(
        settle(status(state, webhook), { job: { onLostResult: 'resubmit' } }),
      ).result;
      const job = {
        ...JOB,
        onLostResult: 'resubmit',
        submissions: 1,
        waitUntil: WAITING.waitUntil,
      };
      expect(outputs.map(jsonOf)).toStrictEqual([[], [], [job]]);
    },
  );

  test('is not submitted again after the deadline', async () => {
    const step = settle(status('WEBHOOK_FAILED', 'FAILED'), {
      json: { waitUntil: 0 },
      job: { onLostResult: 'resubmit' },
    });
    await expect(run(step).result).rejects.toThrow('was lost');
  });

  test('a result that is lost again is not submitted a third time', async () => {
    const step = settle(status('WEBHOOK_FAILED', 'FAILED'), {
      json: { submissions: 2 },
      job: { onLostResult: 'resubmit' },
    });
    expect((await failure(step)).message).toBe(
      `The result of ${SUBJECT} was lost: it ended, but did not reach this n8n, also when it was submitted again`,
    );
  });

  test.each<[number, string]>([
    [404, `Baseten did not find ${SUBJECT}`],
    [401, 'Baseten refused the API key'],
    [403, `The API key may not call ${SUBJECT}`],
  ])('a request for the status that fails with %i ends it', async (code, message) => {
    expect(await failure(settle({ status: code }))).toMatchObject({
      message,
      httpCode: String(code),
    });
  });

  test('no error holds the key or the secret', async () => {
    const errors = await Promise.all(
      [
        { status: 401, body: { error: 'key-123' } },
        { code: 'ECONNRESET' },
        status('WEBHOOK_FAILED', 'FAILED'),
        status('FAILED', 'FAILED', {
          errors: [{ code: 'MODEL_PREDICT_ERROR', message: 'got Bearer key-123' }],
        }),
      ].map(async (reply) => await failure(settle(reply, { json: { waitUntil: NOW } }))),
    );
    const text = errors
      .map((error) => JSON.stringify(error) + error.message + error.description)
      .join();
    expect([text.includes('key-123'), text.includes(SECRET)]).toStrictEqual([false, false]);
  });
});

test.each(['', 'Submit', 'cancel', null])(
  'an unknown step (%j) fails, and submits nothing',
  async (step) => {
    const { result, sent } = run({ step: step as never, json: JOB });
    await expect(result).rejects.toThrow(`Baseten Wait has no step ${JSON.stringify(step)}`);
    expect(sent).toStrictEqual([]);
  },
);

test('the node runs the step that it is set to', async () => {
  const { context, result } = run({ step: 'wait', json: WAITING });
  await result;
  expect(jsonOf((await new BasetenWait().execute.call(context))[0])).toStrictEqual([WAITING]);
});
