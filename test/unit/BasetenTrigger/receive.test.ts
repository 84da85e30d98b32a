import type { IDataObject, INodeExecutionData, IWebhookResponseData } from 'n8n-workflow';

import { drawPng } from '../../../emulator/models/image';
import { receive } from '../../../nodes/BasetenTrigger/receive';
import { withMetadata, type Metadata } from '../../../nodes/shared/webhook/metadata';
import { realTime } from '../../../nodes/shared/time';
import { hostileDeliveries } from '../../support/hostileDeliveries';
import { billingPayload } from '../../support/payload';
import {
  hmac,
  NOW,
  OTHER_SECRET,
  resultBody,
  SECRET,
  signed,
  webhookContext,
  type WebhookSettings,
} from '../../support/webhookContext';

beforeEach(() => {
  jest.useFakeTimers({ now: NOW, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  // The moment in which a group gathers passes at once. Longer times do not pass at all.
  jest.spyOn(realTime, 'wait').mockImplementation(async (milliseconds) => {
    await new Promise<void>((resolve) => milliseconds < 100 && setImmediate(resolve));
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

let triggers = 0;
const newTrigger = () => `trigger-${++triggers}`;

interface Delivered {
  status: number;
  body: unknown;
  response: IWebhookResponseData;
  /** Items of the execution that was started. */
  items: INodeExecutionData[] | undefined;
  log: string[];
}

/**
 * Delivers, and responds as n8n does.
 * @param recorded status that n8n responds with after recording an execution
 */
async function deliver(settings: WebhookSettings = {}, recorded = 200): Promise<Delivered> {
  const { context, reply, log } = webhookContext(settings);
  const response = await receive(context);
  if (response.workflowData) reply.status(recorded).json({ message: 'Workflow was started' });
  else if (!response.noWebhookResponse) reply.status(200).json(response.webhookResponse);
  return {
    status: reply.statusCode,
    body: reply.body,
    response,
    items: response.workflowData?.[0],
    log,
  };
}

/** The items of a genuine delivery. */
async function itemOf(settings: WebhookSettings): Promise<INodeExecutionData> {
  const { items } = await deliver(settings);
  expect(items).toHaveLength(1);
  return (items as INodeExecutionData[])[0] as INodeExecutionData;
}

const failedBody = (fields: object = {}) =>
  resultBody({
    data: null,
    errors: [{ code: 'MODEL_PREDICT_ERROR', message: 'out of memory' }],
    ...fields,
  });

/** The query of a delivery with metadata. */
function queryOf(metadata: Metadata, ...secrets: string[]): Record<string, unknown> {
  const url = 'https://x.example.com/webhook/trigger-1/webhook';
  const sending = { secrets, owner: 'abcd1234', now: NOW };
  return Object.fromEntries(new URL(withMetadata(url, metadata, sending)).searchParams);
}

describe('responses', () => {
  test("a genuine delivery starts an execution with Baseten's payload", async () => {
    expect(await itemOf({})).toStrictEqual({
      json: { ...(JSON.parse(resultBody().toString()) as object), succeeded: true, metadata: {} },
    });
  });

  test('the result of a failed inference is delivered like any other', async () => {
    const { json } = await itemOf({ body: failedBody() });
    expect(json).toMatchObject({
      succeeded: false,
      data: null,
      errors: [{ code: 'MODEL_PREDICT_ERROR' }],
    });
  });

  test.each<[string, WebhookSettings, number]>([
    ['unsigned', { headers: {} }, 401],
    ['forged', { headers: { 'x-baseten-signature': signed(resultBody(), OTHER_SECRET) } }, 401],
    ['old', { body: resultBody({ time: new Date(NOW - 300_001).toISOString() }) }, 503],
    ['not JSON', { body: Buffer.from('hello') }, 503],
    ['without a request ID', { body: Buffer.from('{}') }, 503],
    ['not verifiable, because there is no secret', { secret: '' }, 503],
    ['not verifiable, because there is no credential', { secret: undefined }, 503],
  ])('a delivery that is %s starts nothing', async (_, settings, expected) => {
    const { status, items, response } = await deliver(settings);
    expect([status, items, response]).toStrictEqual([
      expected,
      undefined,
      { noWebhookResponse: true },
    ]);
  });

  test.each([
    { request_id: 7 },
    { request_id: 'x'.repeat(10_000) },
    { type: 'async_request_started' },
    { type: undefined },
    { time: undefined },
    { time: NOW },
    { time: '2026-01-01T12:00:00' },
    { errors: 'out of memory' },
    { errors: { code: 'MODEL_PREDICT_ERROR', message: 'no' } },
  ])('a genuine delivery with %j starts an execution', async (fields) => {
    expect((await itemOf({ body: resultBody(fields) })).json.request_id).toEqual(
      expect.any(String),
    );
  });

  test('a repeat of a request ID that is a number is known', async () => {
    const settings = { nodeId: newTrigger(), body: resultBody({ request_id: 7 }) };
    await deliver(settings);
    expect((await deliver(settings)).items).toBeUndefined();
  });

  test('either secret may have signed while one is being rotated', async () => {
    const secret = `${SECRET},${OTHER_SECRET}`;
    const deliveries = [[SECRET], [OTHER_SECRET], [OTHER_SECRET, SECRET]].map((by) =>
      deliver({ secret, headers: { 'x-baseten-signature': signed(resultBody(), ...by) } }),
    );
    expect((await Promise.all(deliveries)).map(({ items }) => items?.length)).toStrictEqual([
      1, 1, 1,
    ]);
  });

  test.each([undefined, '', SECRET])(
    'without verification an unsigned delivery is accepted (secret: %s)',
    async (secret) => {
      const { items } = await deliver({
        secret,
        headers: {},
        parameters: { verifySignature: false },
      });
      expect(items).toHaveLength(1);
    },
  );

  test.each([null, '', 0, 'false'])(
    'only false switches verification off, not %j',
    async (verifySignature) => {
      expect((await deliver({ headers: {}, parameters: { verifySignature } })).status).toBe(401);
    },
  );

  test.each(['verifySignature', 'outcomes', 'options'])(
    'a parameter %s that throws leads to a 500 and starts nothing',
    async (name) => {
      const { status, items } = await deliver({ parameters: { [name]: new Error('expression') } });
      expect([status, items]).toStrictEqual([500, undefined]);
    },
  );

  test("a credential that can't be read leads to a 500 and starts nothing", async () => {
    const { context, reply } = webhookContext();
    context.getCredentials = () => Promise.reject(new Error('no such credential'));
    expect([await receive(context), reply.statusCode]).toStrictEqual([
      { noWebhookResponse: true },
      500,
    ]);
  });
});

describe('timestamp tolerance', () => {
  const old = { body: resultBody({ time: new Date(NOW - 1000_000).toISOString() }) };

  test.each([
    [0, 200],
    [1000, 200],
    [999, 503],
    [1000.9, 200],
    [undefined, 503],
    [-1, 503],
    ['nonsense', 503],
  ])('of %s with a delivery 1000 s old: %i', async (timestampTolerance, status) => {
    expect(
      (await deliver({ ...old, parameters: { options: { timestampTolerance } } })).status,
    ).toBe(status);
  });
});

test('an option that can not be used is logged once, and the result is taken', async () => {
  const nodeId = newTrigger();
  const parameters = { options: { timestampTolerance: 'nonsense' } };
  const all = [
    await deliver({ nodeId, parameters }),
    await deliver({ nodeId, parameters, body: resultBody({ request_id: 'req-2' }) }),
  ];
  expect(all.map(({ items, log }) => [items?.length, log])).toStrictEqual([
    [
      1,
      [
        JSON.stringify([
          'Results: Timestamp Tolerance can\'t be "nonsense", so its default counts',
          null,
        ]),
      ],
    ],
    [1, []],
  ]);
});

describe('filters', () => {
  const note = { received: true, note: 'not wanted by this workflow' };

  test.each([
    [['succeeded'], true, false],
    [['failed'], false, true],
    [['succeeded', 'failed'], true, true],
    ['failed', false, true],
  ])('outcomes %j: succeeded %s, failed %s', async (outcomes, succeeded, failed) => {
    const parameters = { outcomes };
    const deliveries = [
      await deliver({ parameters }),
      await deliver({ parameters, body: failedBody() }),
    ];
    expect(deliveries.map(({ items }) => items !== undefined)).toStrictEqual([succeeded, failed]);
  });

  test('an unwanted result gets a 200 that says why', async () => {
    const { status, body } = await deliver({ parameters: { outcomes: ['failed'] } });
    expect([status, body]).toStrictEqual([200, note]);
  });

  test.each([
    ['', { model_id: 'abcd1234' }, true],
    ['abcd1234', { model_id: 'abcd1234' }, true],
    [' efgh5678 , abcd1234,', { model_id: 'abcd1234' }, true],
    ['efgh5678', { model_id: 'abcd1234' }, false],
    ['abcd', { model_id: 'abcd1234' }, false],
    [['efgh5678', 'abcd1234'], { model_id: 'abcd1234' }, true],
    [['efgh5678'], { model_id: 'abcd1234' }, false],
    [1234, { model_id: 'abcd1234' }, false],
    ['chain1', { model_id: undefined, chain_id: 'chain1' }, true],
    ['chain1', { model_id: null, chain_id: 'chain1' }, true],
    ['chain1', { model_id: '', chain_id: 'chain1' }, true],
    ['chain1', { model_id: undefined, chain_id: 'chain2' }, false],
    ['chain1', { model_id: undefined }, false],
  ])('model IDs %j with a result of %j: %s', async (modelIds, fields, wanted) => {
    const { items } = await deliver({
      body: resultBody(fields),
      parameters: { options: { modelIds } },
    });
    expect(items !== undefined).toBe(wanted);
  });

  test.each([
    [
      { outcomes: ['failed'] },
      '"Results: the result of request \\"req-1\\" was left out: it succeeded, which is not among the Outcomes"',
    ],
    [
      { options: { modelIds: 'efgh5678' } },
      '"Results: the result of request \\"req-1\\" was left out: it is of \\"abcd1234\\", which is not among the Model IDs"',
    ],
  ])('what %j leaves out is logged, with its request ID', async (parameters, line) => {
    expect((await deliver({ parameters })).log).toStrictEqual([`[${line},null]`]);
  });

  test.each([
    [{ outcomes: [] }, 'No Outcomes are chosen, so no result can start the workflow'],
    [{ outcomes: null }, 'No Outcomes are chosen, so no result can start the workflow'],
    [{ outcomes: ['Succeeded'] }, `Outcomes can't be "Succeeded"`],
    [{ outcomes: { succeeded: true } }, `Outcomes can't be {"succeeded":true}`],
    [{ options: { modelIds: {} } }, "Model IDs can't be {}"],
    [{ options: { modelIds: ['abcd1234', true] } }, `Model IDs can't be ["abcd1234",true]`],
  ])('with %j nobody can tell, so the result is put off and not dropped', async (given, why) => {
    const { status, items, log } = await deliver({ parameters: given });
    expect([status, items]).toStrictEqual([500, undefined]);
    expect(log).toStrictEqual([
      JSON.stringify([`Results: a delivery could not be received: ${why}`, null]),
    ]);
  });

  test('an unwanted result is not remembered: it comes through when the filter is gone', async () => {
    const nodeId = newTrigger();
    await deliver({ nodeId, parameters: { outcomes: ['failed'] } });
    expect((await deliver({ nodeId })).items).toHaveLength(1);
  });
});

describe('duplicates', () => {
  const note = { received: true, note: 'received before' };

  test('a delivery that was received before gets a 200 and starts nothing', async () => {
    const nodeId = newTrigger();
    await deliver({ nodeId });
    const { status, body, items } = await deliver({ nodeId });
    expect([status, body, items]).toStrictEqual([200, note, undefined]);
  });

  test('another request is not a duplicate', async () => {
    const nodeId = newTrigger();
    await deliver({ nodeId });
    expect(
      (await deliver({ nodeId, body: resultBody({ request_id: 'req-2' }) })).items,
    ).toHaveLength(1);
  });

  test('the same request at another trigger is not a duplicate', async () => {
    await deliver({ nodeId: newTrigger() });
    expect((await deliver({ nodeId: newTrigger() })).items).toHaveLength(1);
  });

  test('a delivery that was received before a restart is known from the static data', async () => {
    const { context, reply, staticData } = webhookContext();
    await receive(context);
    reply.json({});
    // A trigger of another ID finds nothing in memory, as after a restart.
    const saved = JSON.parse(JSON.stringify(staticData)) as IDataObject;
    expect((await deliver({ staticData: saved })).body).toStrictEqual(note);
  });

  test('if recording failed, the repeat starts an execution', async () => {
    const nodeId = newTrigger();
    // In that case n8n saves no static data.
    await deliver({ nodeId }, 500);
    expect((await deliver({ nodeId })).items).toHaveLength(1);
  });

  test('are let through if they are not ignored', async () => {
    const nodeId = newTrigger();
    const settings = { nodeId, parameters: { options: { ignoreDuplicates: false } } };
    await deliver(settings);
    expect((await deliver(settings)).items).toHaveLength(1);
  });

  test('that are let through do not change the static data', async () => {
    const staticData = {};
    await deliver({ staticData, parameters: { options: { ignoreDuplicates: false } } });
    expect(staticData).toStrictEqual({});
  });

  test('are known in between, although the static data is written once a second at most', async () => {
    const nodeId = newTrigger();
    const staticData: IDataObject = {};
    const written: unknown[] = [];
    for (let index = 0; index < 30; index++) {
      jest.setSystemTime(NOW + index * 100);
      await deliver({ nodeId, staticData, body: resultBody({ request_id: `req-${index}` }) });
      if (written.at(-1) !== staticData.received) written.push(staticData.received);
    }
    const again = await deliver({ nodeId, body: resultBody({ request_id: 'req-15' }) });
    expect([written.length, again.body]).toStrictEqual([3, note]);
  });

  test('are known in memory only if the workflow keeps static data of its own', async () => {
    const nodeId = newTrigger();
    const staticData = {};
    await deliver({ nodeId, staticData, globalStaticData: { count: 1 } });
    expect([staticData, (await deliver({ nodeId })).body]).toStrictEqual([{}, note]);
  });

  test('a forged delivery does not make the genuine one a duplicate', async () => {
    const nodeId = newTrigger();
    await deliver({ nodeId, headers: {} });
    expect((await deliver({ nodeId })).items).toHaveLength(1);
  });
});

describe('groups', () => {
  /** Makes a number of deliveries arrive before any of them gets a response. */
  async function burst(count: number, options: IDataObject) {
    const nodeId = newTrigger();
    const fakes = Array.from({ length: count }, (_, index) =>
      webhookContext({
        nodeId,
        body: resultBody({ request_id: `req-${index}` }),
        parameters: { options },
      }),
    );
    const responses: Array<IWebhookResponseData | undefined> = [];
    const all = fakes.map(
      async ({ context }, index) => (responses[index] = await receive(context)),
    );
    const settle = async () => {
      for (let turn = 0; turn < 5; turn++)
        await new Promise<void>((resolve) => setImmediate(resolve));
    };
    await settle();
    return { nodeId, fakes, responses, settle, all };
  }
  const sizes = (responses: Array<IWebhookResponseData | undefined>) =>
    Array.from(responses, (response) => response?.workflowData?.[0]?.length);

  test('a burst starts one execution', async () => {
    const { responses } = await burst(5, {});
    expect(sizes(responses)).toStrictEqual([5, undefined, undefined, undefined, undefined]);
  });

  test('a delivery that comes during a recording starts another execution after it', async () => {
    const { nodeId, fakes } = await burst(2, {});
    const late = receive(
      webhookContext({ nodeId, body: resultBody({ request_id: 'late' }) }).context,
    );
    fakes[0]?.reply.json({});
    expect(sizes([await late])).toStrictEqual([1]);
  });

  test('the leader writes all IDs of its group into the static data', async () => {
    const { fakes } = await burst(3, {});
    const saved = JSON.stringify(fakes[0]?.staticData);
    const known = ['req-0', 'req-1', 'req-2', 'req-3'].map(async (id) => {
      // A trigger of another ID finds nothing in memory, as after a restart.
      const { items } = await deliver({
        body: resultBody({ request_id: id }),
        staticData: JSON.parse(saved) as IDataObject,
      });
      return items === undefined;
    });
    expect(await Promise.all(known)).toStrictEqual([true, true, true, false]);
  });

  test('a group is never larger than Max Group Size', async () => {
    const { fakes, responses, settle, all } = await burst(6, { maxGroupSize: 2 });
    for (const leader of [0, 2, 4]) {
      fakes[leader]?.reply.json({});
      await settle();
    }
    await Promise.all(all);
    expect([sizes(responses), fakes.map(({ reply }) => reply.timesSent)]).toStrictEqual([
      [2, undefined, 2, undefined, 2, undefined],
      [1, 1, 1, 1, 1, 1],
    ]);
  });

  test('without grouping each delivery starts its own execution', async () => {
    const { responses } = await burst(3, { groupDeliveries: false });
    expect(sizes(responses)).toStrictEqual([1, 1, 1]);
  });

  test('duplicates that are let through share an execution, too', async () => {
    const nodeId = newTrigger();
    const fakes = [1, 2, 3].map(() =>
      webhookContext({ nodeId, parameters: { options: { ignoreDuplicates: false } } }),
    );
    const responses = await Promise.all(fakes.map(async ({ context }) => await receive(context)));
    expect(sizes(responses)).toStrictEqual([3, undefined, undefined]);
  });
});

describe('a test run that listens', () => {
  test('gets the same delivery again and again', async () => {
    const nodeId = newTrigger();
    const settings: WebhookSettings = { nodeId, mode: 'manual' };
    await deliver(settings);
    expect((await deliver(settings)).items).toHaveLength(1);
  });

  test('gets a delivery that is being recorded for the active workflow', async () => {
    const nodeId = newTrigger();
    await receive(webhookContext({ nodeId }).context);
    expect((await deliver({ nodeId, mode: 'manual' })).items).toHaveLength(1);
  });

  test('does not make a delivery a duplicate', async () => {
    const nodeId = newTrigger();
    const staticData = {};
    await deliver({ nodeId, staticData, mode: 'manual' });
    expect([(await deliver({ nodeId })).items?.length, staticData]).toStrictEqual([1, {}]);
  });

  test('accepts only genuine deliveries', async () => {
    expect(await deliver({ mode: 'manual', headers: {} })).toMatchObject({
      status: 401,
      items: undefined,
    });
  });
});

describe('base64 fields', () => {
  const PNG = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64');
  const options = (base64Fields: string) => ({ parameters: { options: { base64Fields } } });

  test.each(['image', 'data.image'])(
    'a field of the output named as %s becomes binary data',
    async (path) => {
      const { json, binary } = await itemOf({
        body: resultBody({ data: { image: PNG, seed: 7 } }),
        ...options(path),
      });
      expect([json.data, Object.keys(binary ?? {}), binary?.image?.data]).toEqual([
        { image: { file: 'image' }, seed: 7 },
        ['image'],
        PNG,
      ]);
    },
  );

  test('several are moved, and a missing field is not an error', async () => {
    const body = resultBody({ data: { image: PNG, voice: { wav: PNG } } });
    const { binary } = await itemOf({ body, ...options('image, data.voice.wav, missing') });
    expect(Object.keys(binary ?? {})).toStrictEqual(['image', 'wav']);
  });

  test('an output that is base64 as a whole is called data', async () => {
    const { binary } = await itemOf({ body: resultBody({ data: PNG }), ...options('data') });
    expect(binary?.data?.data).toBe(PNG);
  });

  test.each([
    ['a path that is not allowed', 'image, __proto__.x'],
    ['an empty step', 'image, a..b'],
  ])('%s leaves the whole result as it came', async (_, paths) => {
    const data = { image: PNG, text: 'no base64!' };
    const { json, binary } = await itemOf({ body: resultBody({ data }), ...options(paths) });
    expect([json.data, binary]).toStrictEqual([data, undefined]);
  });

  test('a field that is not base64 stays, and the others are moved', async () => {
    const data = { image: PNG, text: 'no base64!' };
    const { json, binary } = await itemOf({
      body: resultBody({ data }),
      ...options('data.text, image'),
    });
    expect([json.data, Object.keys(binary ?? {})]).toEqual([
      { image: { file: 'image' }, text: 'no base64!' },
      ['image'],
    ]);
  });

  test('images and the like become files by themselves, unless that is off', async () => {
    const image = drawPng('fox', 4, 4).toString('base64');
    const body = resultBody({ data: [{ image }, image] });
    const { json, binary } = await itemOf({ body });
    expect([json.data, Object.keys(binary ?? {})]).toEqual([
      [{ image: { file: 'image' } }, { file: 'data' }],
      ['data', 'image'],
    ]);
    const off = await itemOf({ body, parameters: { options: { base64ToFiles: 'off' } } });
    expect([off.json.data, off.binary]).toEqual([[{ image }, image], undefined]);
  });

  test("binary data that can't be stored leaves the whole result as it came", async () => {
    const { context } = webhookContext({
      body: resultBody({ data: { image: PNG } }),
      ...options('image'),
    });
    context.helpers.prepareBinaryData = () => Promise.reject(new Error('disk full'));
    expect((await receive(context)).workflowData?.[0]?.[0]?.json.data).toStrictEqual({
      image: PNG,
    });
  });

  test('are stored once, however often the delivery is repeated', async () => {
    const nodeId = newTrigger();
    const stored: string[] = [];
    const send = async () => {
      const { context, reply } = webhookContext({
        nodeId,
        body: resultBody({ data: { image: PNG } }),
        ...options('image'),
      });
      context.helpers.prepareBinaryData = async (content) => {
        stored.push((content as Buffer).toString('base64'));
        return { data: '', mimeType: 'image/png' };
      };
      return { reply, response: await receive(context) };
    };
    // A repeat while the first is gathered, one while it is recorded, and one after that.
    const [first] = await Promise.all([send(), send()]);
    await send();
    first.reply.json({});
    await send();
    expect([first.response.workflowData?.[0]?.length, stored]).toStrictEqual([1, [PNG]]);
  });

  test('a result of a failed inference has none', async () => {
    const { json } = await itemOf({ body: failedBody(), ...options('image, data.image') });
    expect(json).toMatchObject({ succeeded: false, data: null });
  });
});

describe('metadata', () => {
  test('that was signed comes out', async () => {
    const { json } = await itemOf({ query: queryOf({ order: 'Grüße 👋' }, SECRET) });
    expect([json.metadata, 'metadataUnverified' in json]).toStrictEqual([
      { order: 'Grüße 👋' },
      false,
    ]);
  });

  test.each<[string, () => Record<string, unknown>, unknown]>([
    ['changed', () => ({ ...queryOf({ a: 1 }, SECRET), baseten_metadata: 'e30' }), {}],
    ['signed with another secret', () => queryOf({ a: 1 }, OTHER_SECRET), { a: 1 }],
    ['not signed', () => queryOf({ a: 1 }), { a: 1 }],
    ['given twice', () => ({ baseten_metadata: ['e30', 'e30'] }), ['e30', 'e30']],
  ])('that was %s comes out as not verified, with the result', async (_, query, came) => {
    const { json } = await itemOf({ query: query() });
    expect(json).toStrictEqual({
      ...(JSON.parse(resultBody().toString()) as object),
      succeeded: true,
      metadata: {},
      metadataUnverified: came,
    });
  });

  test('that is unsigned is accepted if there is no secret and nothing is verified', async () => {
    const { json } = await itemOf({
      secret: '',
      query: queryOf({ a: 1 }),
      parameters: { verifySignature: false },
    });
    expect(json.metadata).toStrictEqual({ a: 1 });
  });
});

test('the log has no secret, no signature and no part of the body', async () => {
  const body = resultBody({ data: { text: 'private words!' }, request_id: 'req-private' });
  const broken = Buffer.from('private words');
  const signature = signed(body, SECRET);
  const logs = await Promise.all(
    [
      { body, headers: {} },
      { body, headers: { 'x-baseten-signature': signed(body, OTHER_SECRET) } },
      { body: broken },
      { body, secret: '' },
      { body: resultBody({ data: 'private words', time: '2020-01-01T00:00:00Z' }) },
      { body: resultBody({ data: 'private words', request_id: '' }) },
      { body, parameters: { options: { base64Fields: 'data.text' } } },
      { body, parameters: { outcomes: new Error('expression') } },
      { body, query: { baseten_metadata: 'private words' } },
    ].map(async (settings) => (await deliver(settings)).log),
  );
  const text = logs.flat().join('\n');
  expect(logs.filter((log) => log.length > 0)).toHaveLength(8);
  const secrets = [
    SECRET,
    OTHER_SECRET,
    hmac(body, SECRET),
    hmac(body, OTHER_SECRET),
    signature,
    'private',
    'key-123',
  ];
  expect(secrets.filter((secret) => text.includes(secret))).toStrictEqual([]);
});

const FUZZ_SEED = 20260102;
describe(`10,000 hostile deliveries (seed ${FUZZ_SEED})`, () => {
  test('none starts an execution, throws or gets a 5xx', async () => {
    const next = hostileDeliveries(FUZZ_SEED);
    const statuses = new Set<number>();
    let started = 0;
    for (let count = 0; count < 10_000; count++) {
      const { status, response } = await deliver({ ...next(), nodeId: 'fuzzed' });
      statuses.add(status);
      if (response.workflowData) started++;
    }
    expect([[...statuses], started]).toStrictEqual([[401], 0]);
  });

  test('even if nothing is verified, none throws, and only a wrong time gets a 5xx', async () => {
    const next = hostileDeliveries(FUZZ_SEED);
    const statuses = new Set<number>();
    const parameters = {
      verifySignature: false,
      options: { base64Fields: 'image, data, errors.0', modelIds: 'x' },
    };
    for (let count = 0; count < 10_000; count++) {
      const { status } = await deliver({ ...next(), parameters, nodeId: 'fuzzed' });
      statuses.add(status);
    }
    expect([...statuses].sort()).toStrictEqual([200, 400, 503]);
  });
});

describe('billing usage of a Frontier Gateway', () => {
  const usage = (...keys: Array<string | undefined>) =>
    Buffer.from(JSON.stringify(billingPayload(...keys)));
  const send = async (nodeId: string, body: Buffer, events: unknown = ['billingUsage']) =>
    await deliver({
      body,
      nodeId,
      headers: { 'x-baseten-signature': signed(body, SECRET) },
      parameters: { events },
    });
  const keysOf = ({ items }: Delivered) => items?.map(({ json }) => json.idempotencyKey);

  test('gives an item an event, and each event once', async () => {
    const id = newTrigger();
    const first = await send(id, usage('a', 'b'));
    expect(first.items?.[0]).toStrictEqual({
      json: {
        idempotencyKey: 'a',
        modelSlug: 'acme/chat',
        tokens: { inputTokens: 12, outputTokens: 3 },
      },
    });
    expect(keysOf(first)).toStrictEqual(['a', 'b']);
    expect(keysOf(await send(id, usage('b', 'c', 'c')))).toStrictEqual(['c']);
    const again = await send(id, usage('a', 'b'));
    expect([again.status, again.items]).toStrictEqual([200, undefined]);
  });

  test('events without a key are known by what they say', async () => {
    const id = newTrigger();
    expect((await send(id, usage(undefined))).items).toHaveLength(1);
    expect((await send(id, usage(undefined))).items).toBeUndefined();
  });

  test('what is not chosen is answered 200 and starts nothing', async () => {
    const { status, items, log } = await send(newTrigger(), usage('a'), ['asyncResult']);
    expect([status, items]).toStrictEqual([200, undefined]);
    expect(log.join()).toContain('billing usage was left out');
    const result = await send(newTrigger(), resultBody());
    expect([result.status, result.items]).toStrictEqual([200, undefined]);
    const both = ['asyncResult', 'billingUsage'];
    expect((await send(newTrigger(), resultBody(), both)).items).toHaveLength(1);
    expect((await send(newTrigger(), usage('a'), both)).items).toHaveLength(1);
  });

  test('is verified like a result, and put off if it is not as promised', async () => {
    const forged = await deliver({
      body: usage('a'),
      headers: { 'x-baseten-signature': signed(usage('a'), OTHER_SECRET) },
      parameters: { events: ['billingUsage'] },
    });
    expect([forged.status, forged.items]).toStrictEqual([401, undefined]);
    const odd = Buffer.from('{"type":"API_BILLING_USAGE","data":null}');
    expect((await send(newTrigger(), odd)).status).toBe(503);
    expect((await send(newTrigger(), usage('a'), [])).status).toBe(500);
  });
});

test.each(['auto', 'off'])(
  'a result that is nested 10,000 levels deep is taken (Base64 to Files: %s)',
  async (base64ToFiles) => {
    const levels = 10_000;
    const nested = '['.repeat(levels) + ']'.repeat(levels);
    const text = resultBody({ data: 'NESTED' }).toString().replace('"NESTED"', nested);
    const parameters = { options: { base64ToFiles } };
    const { status, items } = await deliver({ body: Buffer.from(text), parameters });
    expect(status).toBe(200);
    let depth = 0;
    for (let at = items?.[0]?.json.data; Array.isArray(at); at = at[0]) depth++;
    expect(depth).toBe(levels);
  },
);
