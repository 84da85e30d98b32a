import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { BasetenWait } from '../../../nodes/BasetenWait/BasetenWait.node';
import { runStep } from '../../../nodes/BasetenWait/steps';
import { fakeHttp, type FakeRequest } from '../../support/fakeHttp';
import { NOW, resultBody, SECRET } from '../../support/webhookContext';

// A rate limit that one test meets must not hold the next one back, whose clock stands still.
const mockTurn = jest.fn(async () => ({ end: () => undefined, cost: () => undefined }));
jest.mock('../../../nodes/shared/http/flow/queue', () => ({
  Queue: class {
    isBusy = false;
    turn = async (_asking: unknown, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      return await mockTurn();
    };
  },
}));

const RESUME_URL = 'https://n8n.example.com/webhook-waiting/17?signature=abc';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Stands for a credential that n8n can't read now. */
const SEALED = {};

type Reply = { status: number; body?: unknown } | { code: string };

interface Step {
  step?: 'submit' | 'wait' | 'settle';
  json?: object;
  job?: object;
  reply?: Reply;
  resumeUrl?: unknown;
  /** More fields of the credential, or `SEALED`. */
  credential?: object;
  signal?: AbortSignal;
}

const JOB = {
  owner: { kind: 'model', id: 'abcd1234' },
  target: { type: 'production' },
  body: { model_input: { prompt: 'hi' }, priority: 1 },
  metadata: { order: 7 },
  // A repeated attempt would wait in real time.
  sendOptions: { timeout: 10, maxRetries: 0 },
  waitTimeout: 7200,
  onLostResult: 'fail',
};
const WAITING = {
  requestId: 'req-1',
  submissions: 1,
  submittedAt: NOW,
  queueEnd: NOW + 600_000,
  waitUntil: NOW + 7_200_000,
  notFound: 0,
};

/** Runs a step in a context of n8n whose HTTP requests all get one response. */
function run({
  step = 'submit',
  json = {},
  job = JOB,
  reply = { status: 200, body: {} },
  resumeUrl = RESUME_URL,
  credential = {},
  signal,
}: Step) {
  const sent: FakeRequest[] = [];
  const http = fakeHttp('n8n', async (request) => {
    sent.push(request);
    if ('code' in reply) throw Object.assign(new Error('socket'), { code: reply.code });
    return { status: reply.status, body: toText(reply.body) };
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
    getCredentials: async () => {
      if (credential === SEALED) throw new Error('vault is sealed: token s.12345');
      return { ...http.credential, webhookSecret: SECRET, ...credential };
    },
    evaluateExpression: () => resumeUrl,
    putExecutionToWait: async (until: Date) => void waits.push(until),
    getExecutionCancelSignal: () => signal,
    ...http.context,
  } as unknown as IExecuteFunctions;
  return { result: runStep(context), sent, waits, context };
}

const toText = (body: unknown = '') =>
  typeof body === 'string' && body.startsWith('<') ? body : JSON.stringify(body);
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

  test('to http on this machine is fine with custom endpoints', async () => {
    const resumeUrl = 'http://localhost:5678/webhook-waiting/17';
    const { result, sent } = run({
      json: JOB,
      reply,
      resumeUrl,
      credential: { endpoints: 'custom', deploymentUrl: 'http://127.0.0.1:4010/{kind}-{id}' },
    });
    await result;
    expect(bodyOf(sent[0]).webhook_endpoint).toBe(resumeUrl);
  });

  test.each<[unknown, string]>([
    ['http://n8n.example.com:5678/webhook-waiting/17?signature=abc', 'http://n8n.example.com:5678'],
    ['ftp://n8n.example.com/x', 'ftp://n8n.example.com'],
    ['http://localhost:5678/webhook-waiting/17', 'http://localhost:5678'],
    ['https://192.168.1.5/webhook-waiting/17', 'https://192.168.1.5'],
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
  const SECOND = 1000;

  /** The seconds after the submission at which the status is looked at. */
  async function looksOf(request: object): Promise<number[]> {
    const looks: number[] = [];
    for (;;) {
      const { result, waits } = run({ step: 'wait', json: { ...WAITING, ...request } });
      await result;
      const until = waits[0]?.getTime() ?? Infinity;
      looks.push((until - NOW) / SECOND);
      if (until >= WAITING.waitUntil) return looks;
      jest.setSystemTime(until);
    }
  }

  test('it looks rarely, and once when the request must have left the queue', async () => {
    expect(await looksOf({})).toStrictEqual([60, 120, 240, 480, 630, 1260, 2520, 4320, 6120, 7200]);
  });

  test('a queue of three days adds no look before its end', async () => {
    const queueEnd = NOW + 259_200 * SECOND;
    expect(await looksOf({ queueEnd })).toStrictEqual([
      60, 120, 240, 480, 960, 1920, 3720, 5520, 7200,
    ]);
  });

  test('a queue that is left at once is looked at soon after', async () => {
    const queueEnd = NOW + 10 * SECOND;
    expect((await looksOf({ queueEnd })).slice(0, 3)).toStrictEqual([40, 100, 200]);
  });

  test('two looks fall into the hour for which Baseten keeps a request', async () => {
    const looks = await looksOf({ queueEnd: NOW });
    const pauses = looks.map((look, index) => look - (looks[index - 1] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1800);
  });

  test('a clock that was set back does not stretch the sleep', async () => {
    jest.setSystemTime(NOW - 86_400_000);
    const { result, waits } = run({ step: 'wait', json: WAITING });
    await result;
    expect(waits).toStrictEqual([new Date(NOW - 86_400_000 + 60 * SECOND)]);
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

  test('needs no credential that can be read', async () => {
    const { result: outputs } = run({ step: 'settle', json: { result }, credential: SEALED });
    expect((await outputs)[0]).toHaveLength(1);
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
  const PAGE = '<!doctype html><title>Welcome to our gateway</title>';
  const status = (state: string, webhook_status: string, more: object = {}): Reply => ({
    status: 200,
    body: { request_id: 'req-1', status: state, webhook_status, ...more },
  });
  const settle = (reply: Reply, { json = {}, job = {}, ...more }: Partial<Step> = {}): Step => ({
    ...more,
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
    ['unknown, because the key was taken back (401)', { status: 401 }],
    ['unknown, because the key may not ask (403)', { status: 403 }],
    ['unknown, because of a bill (402)', { status: 402 }],
    ['unknown, because of a redirect (302)', { status: 302 }],
    ['unknown, because a gateway does not know the route (405)', { status: 405 }],
    ['unknown, because a gateway does not know the route (501)', { status: 501 }],
    ['unknown, because a gateway answers with a page', { status: 200, body: PAGE }],
    ['unknown, because a gateway answers with other JSON', { status: 200, body: { ok: true } }],
    ['not known to Baseten, for the first time', { status: 404 }],
  ])('keeps waiting while the request is %s', async (_, reply) => {
    expect((await run(settle(reply)).result).map(jsonOf)).toEqual([
      [],
      [expect.objectContaining({ requestId: 'req-1', waitUntil: WAITING.waitUntil })],
      [],
    ]);
  });

  test('a credential that cannot be read ends no wait, and its error stays inside', async () => {
    const outputs = await run(settle(status('SUCCEEDED', 'FAILED'), { credential: SEALED })).result;
    expect(jsonOf(outputs[1])).toEqual([
      { ...WAITING, trouble: 'The credential could not be read' },
    ]);
  });

  test('an execution that was stopped waits no longer', async () => {
    const step = settle(status('QUEUED', 'PENDING'), { signal: AbortSignal.abort() });
    await expect(run(step).result).rejects.toThrow();
  });

  describe('a request that Baseten does not know', () => {
    const twice = (more: Partial<Step> = {}) =>
      settle({ status: 404 }, { ...more, json: { notFound: 1 } });

    test('is remembered at the first look', async () => {
      const outputs = await run(settle({ status: 404 })).result;
      expect(jsonOf(outputs[1])).toMatchObject([{ notFound: 1 }]);
    });

    test.each<[string, Reply]>([
      ['in between is no status', { status: 503 }],
      ['in between the key is refused', { status: 401 }],
      ['in between it is running', status('IN_PROGRESS', 'PENDING')],
    ])('stays remembered if %s', async (_, reply) => {
      const outputs = await run(settle(reply, { json: { notFound: 1 } })).result;
      expect(jsonOf(outputs[1])).toMatchObject([{ notFound: 1 }]);
    });

    test('ends the wait at the second look', async () => {
      expect(await failure(twice())).toMatchObject({
        message: `Baseten did not find ${SUBJECT}`,
        httpCode: '404',
      });
    });

    test('is submitted again if the user wants that', async () => {
      const outputs = await run(twice({ job: { onLostResult: 'resubmit' } })).result;
      expect(jsonOf(outputs[2])).toMatchObject([{ submissions: 1, waitUntil: WAITING.waitUntil }]);
    });

    test('but the page of a gateway, however often, says nothing about the request', async () => {
      const reply = { status: 404, body: PAGE };
      const outputs = await run(settle(reply, { json: { notFound: 1 } })).result;
      expect(jsonOf(outputs[1])).toMatchObject([{ notFound: 1 }]);
    });
  });

  describe('the reason why there was no status', () => {
    const REFUSED = 'Baseten refused the API key';

    test.each<[string, Reply, string | undefined, string]>([
      ['is kept', { status: 401 }, undefined, REFUSED],
      ['outlives one that passes', { status: 503 }, REFUSED, REFUSED],
      ['outlives a connection that failed', { code: 'ECONNRESET' }, REFUSED, REFUSED],
      [
        'gives way to another one that stays',
        { status: 403 },
        REFUSED,
        `The API key may not call ${SUBJECT}`,
      ],
    ])('%s', async (_, reply, trouble, kept) => {
      const outputs = await run(settle(reply, { json: { trouble } })).result;
      expect(jsonOf(outputs[1])).toMatchObject([{ trouble: kept }]);
    });

    test('is forgotten when there is a status', async () => {
      const step = settle(status('QUEUED', 'PENDING'), { json: { trouble: REFUSED } });
      expect(jsonOf((await run(step).result)[1])).toEqual([WAITING]);
    });

    test('is in the error at the deadline', async () => {
      const step = settle({ status: 503 }, { json: { waitUntil: NOW, trouble: REFUSED } });
      expect((await failure(step)).description).toContain(`Its status is unknown: ${REFUSED}.`);
    });
  });

  test('asks only once, because n8n refuses the result until that is over', async () => {
    const { result: outputs, sent } = run(
      settle({ status: 503 }, { job: { sendOptions: { timeout: 300, maxRetries: 3 } } }),
    );
    expect([(await outputs)[1], sent]).toMatchObject([
      [{ json: { requestId: 'req-1' } }],
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
    [{ status: 503 }, `unknown: Baseten could not route the request to ${SUBJECT}`],
    [
      { code: 'ECONNRESET' },
      `unknown: The connection to model-abcd1234.api.baseten.co failed while calling ${SUBJECT}`,
    ],
    [{ status: 401 }, 'unknown: Baseten refused the API key'],
    [{ status: 404 }, `unknown: Baseten did not find ${SUBJECT}`],
  ])('gives up at the deadline: %j', async (reply, state) => {
    expect(await failure(settle(reply, { json: { waitUntil: NOW } }))).toMatchObject({
      message: `There was no result of ${SUBJECT} within 7200 seconds`,
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
