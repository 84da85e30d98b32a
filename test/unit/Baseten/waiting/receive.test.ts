import { Baseten } from '../../../../nodes/Baseten/Baseten.node';
import type { WaitRecord } from '../../../../nodes/Baseten/waiting/record';
import type { ToParent } from '../../../../nodes/shared/waiting/messages';
import {
  addressQuery,
  RUN,
  waitContext,
  WAIT_SECRET,
  type WaitSettings,
} from '../../../support/waitContext';
import { NOW, resultBody, signed, OTHER_SECRET } from '../../../support/webhookContext';

// The real one keeps its timers from test to test.
jest.mock('../../../../nodes/shared/time', () => ({
  realTime: {
    now: () => Date.now(),
    elapsed: () => Date.now(),
    wait: async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms)),
    limit: () => new AbortController().signal,
    after: () => () => undefined,
    random: () => 0,
  },
}));

const RECORD: WaitRecord = {
  run: RUN,
  secret: WAIT_SECRET,
  parentUrl: 'https://n8n.example.com/webhook-waiting/17/baseten',
  keeperUrl: 'https://n8n.example.com/webhook-waiting/18/baseten',
  count: 1,
  stops: false,
  shape: { files: { base64ToFiles: true, base64Fields: [] } },
  single: { owner: { kind: 'model', id: 'abcd1234' }, metadata: { order: 7 } },
};
const MANY: WaitRecord = { ...RECORD, count: 3, single: undefined };
const ERRORS = [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }];
const FAILED = { body: resultBody({ data: null, errors: ERRORS }) };
const SETTLED = new Promise((resolve) => setImmediate(resolve));

/** What the keeper was told, and what it answers. */
let posted: Array<{ url: string; message: Record<string, unknown> }>;
let keeper: (message: Record<string, unknown>) => { status: number; body: object };
beforeEach(() => {
  jest.useFakeTimers({ now: NOW, doNotFake: ['setImmediate'] });
  posted = [];
  keeper = () => ({ status: 200, body: { wait: 'watching', have: [0, 1, 2] } });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const message = JSON.parse(init?.body as string) as Record<string, unknown>;
    posted.push({ url: url as string, message });
    const { status, body } = keeper(message);
    return new Response(JSON.stringify(body), { status });
  });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

let executions = 0;

/** Something that comes to a parent. Each call is to another execution unless it is given. */
async function come(settings: WaitSettings & { record?: WaitRecord } = {}) {
  const { record = RECORD, ...rest } = settings;
  const executionId = settings.executionId ?? `e${++executions}`;
  const query = settings.query ?? addressQuery(0);
  const keeperUrl = `${record.keeperUrl}?of=${executionId}`;
  const noted = 'noted' in settings ? settings.noted : JSON.stringify({ ...record, keeperUrl });
  const made = waitContext({ query, noted, ...rest, executionId });
  const response = await new Baseten().webhook.call(made.context);
  return { ...made, response, executionId };
}

const say = async (message: ToParent, settings: Parameters<typeof come>[0] = {}) =>
  (await come({ message, ...settings })).response;

/** Lets time pass, and what waits for it happen. */
async function pass(milliseconds: number): Promise<void> {
  for (let at = 0; at < milliseconds; at += 50) await jest.advanceTimersByTimeAsync(50);
}

describe('the result of a single item', () => {
  test('wakes the workflow with what a trigger would give, and ends the keeper', async () => {
    const { response, answered } = await come({ executionId: 'one' });
    expect(response).toStrictEqual({
      webhookResponse: { received: true },
      workflowData: [
        [
          {
            json: {
              ...(JSON.parse(resultBody().toString()) as object),
              succeeded: true,
              metadata: { order: 7 },
            },
            pairedItem: { item: 0 },
          },
        ],
      ],
    });
    answered(200);
    await pass(200);
    const url = `${RECORD.keeperUrl}?of=one`;
    expect(posted).toStrictEqual([{ url, message: { kind: 'close' } }]);
  });

  test('has files if base64 in it is that of a file', async () => {
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const { response } = await come({ body: resultBody({ data: { image: png } }) });
    expect(response.workflowData?.[0]?.[0]).toMatchObject({
      json: { data: { image: { file: 'image' } } },
      binary: { image: { mimeType: 'image/png' } },
    });
  });

  describe('and the incoming item, if that is to stay:', () => {
    const note = { mimeType: 'text/plain', data: 'aGk=' };
    const inputs = () => [{ json: { order: 1, succeeded: 'no' }, binary: { note } }];
    const shapeOf = (errors: boolean) => ({
      ...RECORD,
      shape: { ...RECORD.shape, beside: { items: [0], errors } },
    });

    test('its fields and files stay beside the result, which is in the field that is named', async () => {
      const record = shapeOf(true);
      const single = { ...(record.single as NonNullable<WaitRecord['single']>), field: 'answer' };
      const { response } = await come({ inputs, record: { ...record, single } });
      const item = response.workflowData?.[0]?.[0];
      expect(item).toMatchObject({
        json: { order: 1, succeeded: 'no', answer: { request_id: 'req-1', succeeded: true } },
        binary: { note },
        pairedItem: { item: 0 },
      });
    });

    test('the result wins where names meet', async () => {
      const { response } = await come({ inputs, record: shapeOf(true) });
      expect(response.workflowData?.[0]?.[0]?.json).toMatchObject({ order: 1, succeeded: true });
    });

    test.each([true, false])(
      'beside an error only if n8n does not do that (%s)',
      async (errors) => {
        const { response } = await come({ ...FAILED, inputs, record: shapeOf(errors) });
        const json = response.workflowData?.[0]?.[0]?.json;
        expect([json?.order, json?.error]).toStrictEqual([
          errors ? 1 : undefined,
          'The inference of model abcd1234 failed',
        ]);
      },
    );

    test('a delivery that could not be made an item does not hold the next one up', async () => {
      const broken = () => {
        throw new Error('no such items');
      };
      const record = shapeOf(true);
      const first = await come({ inputs: broken, record });
      expect(first.reply.statusCode).toBe(500);
      const second = await come({ inputs, record, executionId: first.executionId });
      expect(second.response.workflowData).toHaveLength(1);
    });
  });

  test('that failed wakes it with an error item, if it is to continue', async () => {
    const { response } = await come(FAILED);
    expect(response.workflowData?.[0]?.[0]?.json).toStrictEqual({
      error: 'The inference of model abcd1234 failed',
      message: 'MODEL_PREDICT_ERROR: out of memory · Request ID: req-1',
      details: { itemIndex: 0 },
    });
  });

  test('that failed goes to the keeper, if that ends the wait', async () => {
    const { response, reply } = await come({ ...FAILED, record: { ...RECORD, stops: true } });
    expect(response).toStrictEqual({ noWebhookResponse: true });
    await pass(2_000);
    expect([posted[0]?.message.kind, posted[1]?.message.kind, reply.statusCode]).toStrictEqual([
      'keep',
      'have',
      200,
    ]);
  });

  test('wakes it once: a second delivery is answered when the first one was recorded', async () => {
    const first = await come();
    const second = await come({ executionId: first.executionId });
    expect(second.response).toStrictEqual({ noWebhookResponse: true });
    first.answered(200);
    await SETTLED;
    await pass(50);
    expect(second.reply.statusCode).toBe(200);
    const third = await come({ executionId: first.executionId });
    expect(third.response.workflowData).toBeUndefined();
  });

  test('wakes it at the second delivery if n8n could not record the first one', async () => {
    const first = await come();
    first.answered(500);
    const second = await come({ executionId: first.executionId });
    expect(second.response.workflowData).toHaveLength(1);
    await pass(500);
    expect(posted).toStrictEqual([]);
  });

  test('is put off if it takes too long to find out', async () => {
    const first = await come();
    const second = await come({ executionId: first.executionId });
    await pass(8_100);
    expect(second.reply.statusCode).toBe(503);
  });
});

describe('results of several items', () => {
  test('go to the keeper, and are answered when it has them', async () => {
    const [one, two] = await Promise.all([
      come({ record: MANY, executionId: 'm', query: addressQuery(2) }),
      come({ record: MANY, executionId: 'm', query: addressQuery(1) }),
    ]);
    expect([one?.reply.headersSent, two?.reply.headersSent]).toStrictEqual([false, false]);
    await pass(4_000);
    expect([one?.reply.statusCode, two?.reply.statusCode]).toStrictEqual([200, 200]);
    const kept = posted.flatMap(({ message: { results } }) =>
      results ? Object.keys(results) : [],
    );
    expect(kept).toStrictEqual(['2', '1']);
  });

  test('that JavaScript can not write are put off, and the others are taken', async () => {
    const data: unknown = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const body = Buffer.from(
      resultBody({ data: 'DEEP' }).toString().replace('"DEEP"', String(data)),
    );
    const deep = await come({ record: MANY, executionId: 'd', query: addressQuery(0), body });
    const other = await come({ record: MANY, executionId: 'd', query: addressQuery(1) });
    await pass(8_100);
    expect([deep.reply.statusCode, other.reply.statusCode]).toStrictEqual([503, 200]);
  });

  test('are put off if the keeper can’t take them in time', async () => {
    keeper = () => ({ status: 409, body: { code: 409, message: 'is running already' } });
    const { reply } = await come({ record: MANY });
    await pass(8_100);
    expect(reply.statusCode).toBe(503);
  });

  test('are put off if the keeper has ended without them', async () => {
    keeper = () => ({ status: 409, body: { code: 409, message: 'has finished already' } });
    const { reply } = await come({ record: MANY });
    await pass(500);
    expect([reply.headersSent, reply.statusCode]).toStrictEqual([true, 503]);
  });

  test('of a keeper that was deleted: the workflow goes on without it', async () => {
    keeper = ({ kind }) =>
      kind === 'keep' ? { status: 404, body: { code: 404 } } : { status: 200, body: {} };
    await come({ record: MANY });
    await pass(7_000);
    const { url, message } = posted.at(-1) ?? {};
    expect([url, message?.kind]).toStrictEqual([RECORD.parentUrl, 'deliver']);
    expect(message?.outcomes).toMatchObject([
      { failure: { error: 'The sub-execution that brought the results together was deleted' } },
      { failure: { details: { itemIndex: 1 } } },
      { failure: { details: { itemIndex: 2 } } },
    ]);
  });
});

describe('wakes nothing:', () => {
  test.each<[string, WaitSettings, object]>([
    ['a result of an earlier wait', { query: addressQuery(0, 'ffff') }, {}],
    ['a result with a seal of another wait', { query: addressQuery(0, RUN, 'other') }, {}],
    ['a result without an address', { query: {} }, {}],
    ['a result of an execution that notes nothing', { noted: undefined }, {}],
  ])('%s', async (_, settings) => {
    expect((await come(settings)).response).toStrictEqual({
      webhookResponse: { received: true, note: 'not awaited any more' },
    });
  });

  test.each<[string, WaitSettings, number]>([
    ['an unsigned result', { headers: {} }, 401],
    [
      'a forged result',
      { headers: { 'x-baseten-signature': signed(resultBody(), OTHER_SECRET) } },
      401,
    ],
    ['something that is not JSON', { body: Buffer.from('hello') }, 503],
    ['a result that can’t be verified', { secret: '' }, 503],
    ['a result, if what was noted can’t be read,', { noted: '{' }, 500],
  ])('%s, which is refused', async (_, settings, status) => {
    const { response, reply } = await come(settings);
    expect([response, reply.statusCode]).toStrictEqual([{ noWebhookResponse: true }, status]);
  });
});

describe('the keeper', () => {
  const probe: ToParent = { kind: 'probe', last: false };

  test('learns that it is parked, and what is on its way', async () => {
    keeper = () => ({ status: 409, body: { code: 409, message: 'is running already' } });
    await come({ record: MANY, query: addressQuery(1), executionId: 'holds' });
    expect(await say(probe, { record: MANY, executionId: 'holds' })).toStrictEqual({
      webhookResponse: { wait: 'parked', holding: [1] },
    });
  });

  test('learns that it is being woken, and that it was', async () => {
    const { answered, executionId } = await come();
    expect((await say(probe, { executionId })).webhookResponse).toStrictEqual({ wait: 'waking' });
    answered(200);
    expect((await say(probe, { executionId })).webhookResponse).toStrictEqual({ wait: 'gone' });
  });

  test('learns that it is gone if another run of the node waits by now', async () => {
    const response = await say(probe, { sealedWith: 'of an earlier run' });
    expect(response).toStrictEqual({ webhookResponse: { wait: 'gone' } });
  });

  test('delivers all items in their order', async () => {
    const outcomes = [
      { payload: { n: 0 } },
      { failure: { error: 'no', message: '', details: { itemIndex: 1 } } },
    ];
    const response = await say({ kind: 'deliver', outcomes }, { record: MANY });
    expect(response).toStrictEqual({
      webhookResponse: { wait: 'taken' },
      workflowData: [
        [
          { json: { n: 0 }, pairedItem: { item: 0 } },
          { json: outcomes[1]?.failure, pairedItem: { item: 1 } },
        ],
      ],
    });
  });

  test('that is about to end the wait is the last one to be heard', async () => {
    const executionId = 'last';
    await say({ kind: 'probe', last: true }, { executionId });
    const { response } = await come({ executionId });
    expect(response).toStrictEqual({
      webhookResponse: { received: true, note: 'not awaited any more' },
    });
  });
});
