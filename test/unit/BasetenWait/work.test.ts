import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Keeper } from '../../../nodes/BasetenWait/keeper';
import { runStep } from '../../../nodes/BasetenWait/steps';
import { openAddress } from '../../../nodes/shared/waiting/messages';
import type { ItemJob, WaitJob } from '../../../nodes/shared/waiting/job';
import { fakeHttp, type FakeRequest } from '../../support/fakeHttp';
import { NOW, resultBody, SECRET } from '../../support/webhookContext';
import { RUN, WAIT_SECRET } from '../../support/waitContext';

// The real one keeps its timers from test to test; here nothing takes time.
jest.mock('../../../nodes/shared/time', () => ({
  realTime: {
    now: () => Date.now(),
    elapsed: () => mockElapsed(),
    wait: async (ms: number) => {
      if (ms > 0) jest.setSystemTime(Date.now() + ms);
    },
    limit: () => new AbortController().signal,
    after: () => () => undefined,
    random: () => 0,
  },
}));

/** How long n8n has been running. */
let uptime = () => Date.now();
const mockElapsed = () => uptime();

const PARENT_URL = 'https://n8n.example.com/webhook-waiting/17/baseten?signature=abc';
const MINUTE = 60_000;

const ITEM: ItemJob = {
  owner: { kind: 'model', id: 'abcd1234' },
  target: { type: 'production' },
  input: '{"seed":18446744073709551615}',
  queueing: { priority: 1 },
  metadata: { order: 7 },
  // A repeated attempt would wait in real time.
  sendOptions: { timeout: 10, maxRetries: 0 },
  waitTimeout: 7200,
  onLostResult: 'fail',
};

function jobOf(change: Partial<WaitJob> = {}): WaitJob {
  return {
    run: RUN,
    parentUrl: PARENT_URL,
    stops: false,
    items: [ITEM],
    shape: { files: { base64ToFiles: true, base64Fields: [] } },
    maxConcurrency: 8,
    requestsPerMinute: 0,
    ...change,
  };
}

type Reply = { status: number; body?: unknown };
const created = (id: string): Reply => ({ status: 201, body: { request_id: id } });
const status = (state: string, webhook_status: string | null, more: object = {}): Reply => ({
  status: 200,
  body: { request_id: 'req-1', status: state, webhook_status, ...more },
});
const PARKED: Reply = { status: 200, body: { wait: 'parked', holding: [] } };

interface World {
  job?: WaitJob;
  baseten?: (request: FakeRequest) => Reply;
  /** How the parent answers. */
  parent?: (message: IDataObject) => Reply;
  credential?: object;
}

/** A keeper whose steps can be run one after the other, as n8n would. */
function keeperOf({ job = jobOf(), baseten, parent = () => PARKED, credential = {} }: World) {
  const sent: FakeRequest[] = [];
  const told: Array<{ url: string; message: IDataObject }> = [];
  let count = 0;
  let closings = 0;
  const http = fakeHttp('n8n', async (request) => {
    sent.push(request);
    const { status: code, body = {} } = baseten?.(request) ?? created(`req-${++count}`);
    return { status: code, body: JSON.stringify(body) };
  });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const message = JSON.parse(init?.body as string) as IDataObject;
    if (String(url).includes('/18/') && message.kind === 'close') closings++;
    if (String(url).includes('/18/')) return new Response('{"wait":"ready","have":[]}');
    told.push({ url: url as string, message });
    const { status: code, body } = parent(message);
    return new Response(JSON.stringify(body ?? {}), { status: code });
  });
  const memory: { keeper?: Keeper } = {};
  const waits: Date[] = [];
  const run = async (step: string, json: object) =>
    await runStep({
      getNode: () => ({ id: 'n', name: 'Work', type: 'x', typeVersion: 2, position: [0, 0] }),
      getInputData: () => [{ json }],
      getNodeParameter: (name: string) => ({ step, secret: WAIT_SECRET })[name],
      getContext: () => memory,
      getCredentials: async () => ({ ...http.credential, webhookSecret: SECRET, ...credential }),
      evaluateExpression: (expression: string) =>
        expression.includes('resumeUrl')
          ? 'https://n8n.example.com/webhook-waiting/18?signature=def'
          : JSON.parse(JSON.stringify(job)),
      putExecutionToWait: async (until: Date) => void waits.push(until),
      getExecutionCancelSignal: () => undefined,
      ...http.context,
    } as unknown as IExecuteFunctions);
  return {
    sent,
    told,
    memory,
    waits,
    sleep: async (json: object = job) => await run('sleep', json),
    work: async (json: object = {}) => await run('work', json),
    /** How often it has told itself to end. */
    closed: () => closings,
    /** What was sent to Baseten with a method. */
    paths: (method: string) =>
      sent.filter((each) => each.method === method).map(({ url }) => new URL(url).pathname),
  };
}

const bodyOf = (request: FakeRequest | undefined) => (request?.body as Buffer).toString('utf8');
const woken = (item: number, more: object = {}) => ({
  results: { [item]: resultBody(more).toString() },
});

beforeEach(() => {
  uptime = () => Date.now();
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('the keeper sleeps', () => {
  test('at first for a few seconds, and says where', async () => {
    const { sleep, waits } = keeperOf({});
    const [ifItDies, asleep] = await sleep();
    expect(waits).toStrictEqual([new Date(NOW + 5_000)]);
    expect(asleep).toStrictEqual([
      { json: { keeperUrl: 'https://n8n.example.com/webhook-waiting/18/baseten?signature=def' } },
    ]);
    expect(ifItDies).toMatchObject([{ json: { details: { itemIndex: 0 } } }]);
  });

  test('and leaves nothing behind that could count as a result, under "stop"', async () => {
    const { sleep } = keeperOf({ job: jobOf({ stops: true }) });
    expect((await sleep())[0]).toStrictEqual([]);
  });

  test('until the time that it is given', async () => {
    const { sleep, waits } = keeperOf({});
    await sleep({ until: NOW + MINUTE });
    expect(waits).toStrictEqual([new Date(NOW + MINUTE)]);
  });
});

describe('the keeper submits', () => {
  test('once the parent is parked: the input as it was written, to the parent’s address', async () => {
    const answers = [{ status: 409, body: { code: 409, message: 'is running already' } }];
    const { work, sent, told } = keeperOf({ parent: () => answers.shift() ?? PARKED });
    expect(await work()).toMatchObject([[], [{ json: { until: expect.any(Number) as number } }]]);
    expect(told.map(({ message }) => message.kind)).toStrictEqual(['probe', 'probe']);
    const body = bodyOf(sent[0]);
    expect(body).toContain('"model_input":{"seed":18446744073709551615}');
    const { webhook_endpoint, priority } = JSON.parse(body) as Record<string, string>;
    expect([priority, webhook_endpoint?.startsWith(PARENT_URL)]).toStrictEqual([1, true]);
    const query = Object.fromEntries(new URL(webhook_endpoint as string).searchParams);
    expect(openAddress(query, WAIT_SECRET)).toStrictEqual({ run: RUN, item: 0 });
  });

  test.each([
    ['model', '/production/async_predict'],
    ['chain', '/production/async_run_remote'],
  ] as const)('to a %s', async (kind, path) => {
    const job = jobOf({ items: [{ ...ITEM, owner: { kind, id: 'abcd1234' } }] });
    const { work, paths } = keeperOf({ job });
    await work();
    expect(paths('POST').map((each) => each.endsWith(path))).toStrictEqual([true]);
  });

  test('as fast as it may, and sleeps in between', async () => {
    const job = jobOf({ items: Array.from({ length: 5 }, () => ITEM), requestsPerMinute: 60 });
    const { work, sent, memory } = keeperOf({ job });
    await work();
    expect(sent).toHaveLength(2);
    expect(memory.keeper?.submitAt).toBe(NOW + 150 + 2_000);
    jest.setSystemTime(NOW + 2_150);
    await work();
    expect(sent).toHaveLength(4);
  });

  test('without a pause if the clock is set back meanwhile', async () => {
    const passed = { by: 0 };
    uptime = () => Date.now() + passed.by;
    const job = jobOf({ items: [ITEM, ITEM, ITEM], maxConcurrency: 1 });
    const { work, sent } = keeperOf({
      job,
      baseten() {
        passed.by += MINUTE;
        jest.setSystemTime(Date.now() - MINUTE);
        return created('req');
      },
    });
    await work();
    expect([sent.length, uptime() < NOW + MINUTE]).toStrictEqual([3, true]);
  });

  test('not if the parent is gone', async () => {
    const { work, sent } = keeperOf({ parent: () => ({ status: 404, body: { code: 404 } }) });
    await work();
    expect(sent).toStrictEqual([]);
  });

  test('and delivers a failure if Baseten refuses', async () => {
    const { work, told } = keeperOf({
      baseten: () => ({ status: 401, body: { error: 'bad key key-123' } }),
    });
    await work();
    expect(told.at(-1)?.message).toMatchObject({
      kind: 'deliver',
      outcomes: [{ failure: { error: 'Baseten refused the API key', details: { status: 401 } } }],
    });
  });

  test('or fails with it, as it was, if that ends the wait', async () => {
    const { work } = keeperOf({
      job: jobOf({ stops: true }),
      baseten: () => ({ status: 401, body: { error: 'bad key' } }),
    });
    await expect(work()).rejects.toMatchObject({
      message: 'Baseten refused the API key',
      httpCode: '401',
    });
  });
});

describe('results', () => {
  const ITEMS = [
    { ...ITEM, metadata: { order: 1 } },
    { ...ITEM, metadata: { order: 2 } },
  ];

  test('are delivered together, each with its metadata', async () => {
    const { work, told } = keeperOf({ job: jobOf({ items: ITEMS }) });
    await work();
    await work(woken(1, { request_id: 'req-2' }));
    expect(told.map(({ message }) => message.kind)).not.toContain('deliver');
    await work(woken(0));
    expect(told.at(-1)).toMatchObject({
      url: PARENT_URL,
      message: {
        outcomes: [
          { payload: { request_id: 'req-1', succeeded: true, metadata: { order: 1 } } },
          { payload: { request_id: 'req-2', succeeded: true, metadata: { order: 2 } } },
        ],
      },
    });
  });

  test('that can’t be delivered are what n8n hands back, with an error for one that failed', async () => {
    const { work } = keeperOf({
      job: jobOf({ items: ITEMS }),
      parent: ({ kind }) => (kind === 'deliver' ? { status: 413 } : PARKED),
    });
    await work();
    await work(woken(0));
    const errors = [{ code: 'OTHER', message: 'no voice like key-123' }];
    const [items, again] = await work(woken(1, { errors, data: null }));
    expect(again).toStrictEqual([]);
    expect(items).toMatchObject([
      { json: { succeeded: true }, pairedItem: { item: 0 } },
      {
        json: { error: 'The inference of model abcd1234 failed', details: { itemIndex: 1 } },
        pairedItem: { item: 1 },
      },
    ]);
  });

  test('of which one failed end the wait with its words, and cancel the rest', async () => {
    const { work, told, paths } = keeperOf({ job: jobOf({ items: ITEMS, stops: true }) });
    await work();
    const errors = [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }];
    await expect(work(woken(1, { errors, data: null }))).rejects.toMatchObject({
      message: 'The inference of model abcd1234 failed',
      description: 'MODEL_PREDICT_ERROR: out of memory · Request ID: req-1',
      context: { itemIndex: 1 },
    });
    expect(told.at(-1)?.message).toStrictEqual({ kind: 'probe', last: true });
    expect(paths('DELETE')).toStrictEqual([expect.stringMatching(/\/async_request\/req-1$/)]);
  });
});

describe('without a result', () => {
  /** Submits, and then looks when a minute has passed. */
  async function look(
    reply: Reply | ((request: FakeRequest) => Reply),
    world: World & { minutes?: number } = {},
  ) {
    jest.setSystemTime(NOW);
    const baseten = typeof reply === 'function' ? reply : () => reply;
    const keeper = keeperOf({
      job: jobOf({ stops: true }),
      ...world,
      baseten: (request) => (request.method === 'POST' ? created('req-1') : baseten(request)),
    });
    await keeper.work();
    jest.setSystemTime(NOW + (world.minutes ?? 1) * MINUTE + 1000);
    const outcome = await keeper.work().then(
      (outputs) => ({ outputs }),
      (error: { message: string; description?: string }) => ({ error }),
    );
    return { ...keeper, ...outcome } as typeof keeper & {
      error?: { message: string; description?: string };
    };
  }

  test.each([
    ['is queued', status('QUEUED', 'PENDING')],
    ['runs', status('IN_PROGRESS', 'PENDING')],
    ['is being delivered', status('SUCCEEDED', 'PENDING')],
    ['failed, which is being delivered', status('FAILED', 'PENDING')],
    ['has ended, and nothing is said of its delivery', status('SUCCEEDED', null)],
    ['is said to be what nobody knows', status('DREAMING', 'PENDING')],
    ['can’t be asked for: 401', { status: 401, body: { error: 'no' } }],
    ['can’t be asked for: 429', { status: 429, body: { error: 'no' } }],
    ['can’t be asked for: 503', { status: 503, body: { error: 'no' } }],
    ['is unknown, for the first time', { status: 404, body: { error: 'no' } }],
  ])('it sleeps on if the request %s', async (_, reply) => {
    const { error, memory } = await look(reply);
    expect([error, memory.keeper?.items[0]?.stage]).toStrictEqual([undefined, 'pending']);
  });

  test.each<[string, Reply, RegExp]>([
    ['was lost', status('WEBHOOK_FAILED', 'FAILED'), /^The result of .* was lost: it ended/],
    ['expired', status('EXPIRED', 'CANCELED'), /expired in the queue before it started/],
    ['was canceled', status('CANCELED', 'CANCELED'), /was canceled/],
    [
      'failed',
      status('FAILED', 'FAILED', { errors: [{ code: 'X', message: 'said key-123' }] }),
      /^The inference of model abcd1234 failed/,
    ],
  ])('that it %s is an error', async (_, reply, message) => {
    const { error } = await look(reply, { credential: { apiKey: 'key-12345678' } });
    expect(error?.message).toMatch(message);
    expect(JSON.stringify(error)).not.toContain('key-12345678');
  });

  test('the status is said when the time is up, or why there was none', async () => {
    const running = await look(status('IN_PROGRESS', 'PENDING'), { minutes: 120 });
    expect(running.error).toMatchObject({
      message: 'There was no result of async request req-1 of model abcd1234 within 7200 seconds',
      description: expect.stringContaining('Its status is IN_PROGRESS') as string,
    });
    const unknown = await look({ status: 401 }, { minutes: 120 });
    expect(unknown.error?.description).toContain('unknown: Baseten refused the API key');
  });

  test('it is submitted again if that is wanted, and the parent still waits', async () => {
    const job = jobOf({ items: [{ ...ITEM, onLostResult: 'resubmit' }] });
    const { paths, memory } = await look(status('WEBHOOK_FAILED', 'FAILED'), { job });
    expect(paths('POST')).toHaveLength(2);
    expect(memory.keeper?.items[0]).toMatchObject({ stage: 'pending', submissions: 2 });
  });

  test('a parent that was stopped: what is queued is canceled, nothing is submitted again', async () => {
    let isStopped = false;
    const job = jobOf({ items: [{ ...ITEM, onLostResult: 'resubmit' }] });
    const { paths, memory } = await look(
      () => {
        isStopped = true;
        return status('QUEUED', 'PENDING');
      },
      {
        job,
        parent: () =>
          isStopped ? { status: 409, body: { code: 409, message: 'finished with error' } } : PARKED,
      },
    );
    expect([paths('POST').length, paths('DELETE').length]).toStrictEqual([1, 1]);
    expect(memory.keeper?.phase).toBe('done');
  });
});

describe('a keeper that n8n wakes by its deadline', () => {
  test('works, once n8n has started', async () => {
    const { work, told } = keeperOf({});
    await work({ until: NOW });
    expect(told.map(({ message }) => message.kind)).toContain('probe');
  });

  test('sleeps on while n8n starts, which takes what runs then for crashed', async () => {
    uptime = () => 59_000;
    const { work, told, sent, memory } = keeperOf({});
    const next = { json: { until: NOW + 15_000 }, pairedItem: { item: 0 } };
    expect(await work({ until: NOW })).toStrictEqual([[], [next]]);
    expect([...told, ...sent]).toStrictEqual([]);
    // Somebody may close it meanwhile, and must know where it can end.
    expect(memory.keeper?.turn).toBe(1);
    await work({});
    expect(told.map(({ message }) => message.kind)).toContain('probe');
  });
});

describe('a keeper that is to end', () => {
  test('sleeps once more, in a node that has put out nothing, and closes itself there', async () => {
    const { work, sent, told, closed } = keeperOf({});
    const until = expect.any(Number) as number;
    const last = [[], [], [{ json: { ends: true, until }, pairedItem: { item: 0 } }]];
    expect(await work({ ends: true })).toStrictEqual(last);
    while (closed() === 0) await Promise.resolve();
    expect([...sent, ...told]).toStrictEqual([]);
  });

  test('ends by itself if it can’t be closed for an hour', async () => {
    const { work } = keeperOf({});
    for (let closing = 0; closing < 12; closing++)
      expect((await work({ ends: true }))[2]).toHaveLength(1);
    expect(await work({ ends: true })).toStrictEqual([[], [], []]);
  });
});

test('a step that there is not is an error', async () => {
  const { memory } = keeperOf({});
  const context = {
    getNode: () => ({ name: 'Work' }),
    getNodeParameter: () => 'dance',
    getContext: () => memory,
  } as unknown as IExecuteFunctions;
  await expect(runStep(context)).rejects.toMatchObject({
    message: 'Baseten Wait has no step "dance"',
  });
});
