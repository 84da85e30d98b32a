import { json, modelError, type ModelCall } from '../../emulator';
import { MODEL_IDS } from '../../emulator/workspace/ids';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { asyncPayload } from '../support/payload';
import { gatedModel, instantModel, placeOf, WAIT_HERE, Waits } from '../support/waits';

const MINUTE = 60_000;
/**
 * How long it may take until a deadline is noticed: once a minute n8n looks for those that have
 * passed, and the node looks at the status for the first time after a minute.
 */
const LOOK = 3 * MINUTE;

let testBed: SimulatedTestBed;
let waits: Waits;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
  waits = new Waits(placeOf(testBed));
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

/** A model that fails each odd number, a moment after it was asked. */
function halfFailing(id: string): void {
  const handler = async (call: ModelCall) => {
    await call.clock.sleep(500);
    const { n } = call.json() as { n: number };
    return n % 2 ? modelError(422, 'no such voice') : json({ n });
  };
  testBed.emulator.addModel({ kind: 'model', id, name: id, handler });
}

test(
  'goes on with the verified result, metadata and all, and leaves nothing asleep',
  async () => {
    const parameters = { input: '{"delay_ms":1000,"text":"hello"}' };
    const id = await waits.start({ modelId: MODEL_IDS.echo, parameters });
    const run = await waits.ended(id);
    expect(run.error).toBeUndefined();
    expect(run.items('After')).toMatchObject([
      {
        json: {
          model_id: MODEL_IDS.echo,
          type: 'async_request_completed',
          data: { text: 'hello' },
          errors: [],
          succeeded: true,
          metadata: { order: 'Nº 0 👋' },
        },
      },
    ]);
    await waits.allEnded(id);
  },
  LOOK,
);

test(
  'waits for a chain too',
  async () => {
    const handler = async (call: ModelCall) => {
      await call.clock.sleep(1000);
      return json(call.json());
    };
    testBed.emulator.addChain({ id: 'slowchn1', name: 'Slow', handler });
    const chainId = { __rl: true, mode: 'id', value: 'slowchn1' };
    const run = await waits.ended(
      await waits.start({ parameters: { resource: 'chain', chainId } }),
    );
    expect(run.items('After')).toMatchObject([{ json: { chain_id: 'slowchn1', succeeded: true } }]);
  },
  LOOK,
);

test(
  'the result of a model that answers at once is not lost',
  async () => {
    instantModel(testBed, 'instant1');
    const { id, call } = await waits.publish({ modelId: 'instant1' });
    await Promise.all([call(), call(), call(), call()]);
    await waits.allEnded(id);
    const statuses = (await waits.executions(id)).map(({ status }) => status);
    expect(statuses).toStrictEqual(Array.from({ length: 8 }, () => 'success'));
  },
  LOOK,
);

test(
  'many items are waited for together, and come in the order of the input',
  async () => {
    testBed.emulator.addModel({
      kind: 'model',
      id: 'mixed001',
      name: 'Mixed',
      asyncConcurrency: 20,
      handler: async (call) => {
        const { n } = call.json() as { n: number };
        await call.clock.sleep((n * 37) % 500);
        return json({ n });
      },
    });
    const id = await waits.start({ modelId: 'mixed001', items: 30 });
    const run = await waits.ended(id, LOOK);
    expect(run.error).toBeUndefined();
    const items = run.items('After');
    expect(items.map(({ json: { data } }) => data)).toStrictEqual(
      Array.from({ length: 30 }, (_, n) => ({ n })),
    );
    expect(items.map(({ json: { metadata } }) => metadata)).toStrictEqual(
      Array.from({ length: 30 }, (_, n) => ({ order: `Nº ${n} 👋` })),
    );
    expect(run.items(WAIT_HERE).map(({ pairedItem }) => pairedItem)).toMatchObject(
      Array.from({ length: 30 }, (_, item) => ({ item })),
    );
    await waits.allEnded(id);
  },
  LOOK,
);

describe('a failed inference', () => {
  beforeAll(() => halfFailing('failing1'));
  const odd = { modelId: 'failing1', parameters: { input: '{"n":1}' } };

  test(
    'fails the node, with what the model said',
    async () => {
      const run = await waits.ended(await waits.start(odd));
      expect(run.error).toMatch(
        /The inference of model failing1 failed.*MODEL_INVALID_INPUT.*no such voice/s,
      );
    },
    LOOK,
  );

  test(
    'becomes an error item with continue-on-fail',
    async () => {
      const run = await waits.ended(
        await waits.start({ ...odd, onError: 'continueRegularOutput' }),
      );
      expect(run.items('After')).toMatchObject([
        { json: { error: 'The inference of model failing1 failed', details: { itemIndex: 0 } } },
      ]);
    },
    LOOK,
  );

  test(
    'leaves by the error output',
    async () => {
      const run = await waits.ended(await waits.start({ ...odd, onError: 'continueErrorOutput' }));
      expect(run.nodeNames).not.toContain('After');
      expect(JSON.stringify(run.items('On Error'))).toContain(
        'The inference of model failing1 failed',
      );
    },
    LOOK,
  );

  test(
    'of several items leaves each result and each error by its own output',
    async () => {
      const run = await waits.ended(
        await waits.start({ modelId: 'failing1', items: 6, onError: 'continueErrorOutput' }),
      );
      expect(run.items('After').map(({ json: { data } }) => data)).toStrictEqual([
        { n: 0 },
        { n: 2 },
        { n: 4 },
      ]);
      expect(run.items('On Error').map(({ json: { details } }) => details)).toMatchObject([
        { itemIndex: 1 },
        { itemIndex: 3 },
        { itemIndex: 5 },
      ]);
    },
    LOOK,
  );

  test(
    'of several items fails the node if that is how On Error is set',
    async () => {
      const id = await waits.start({ modelId: 'failing1', items: 6 });
      expect((await waits.ended(id)).error).toMatch(/The inference of model failing1 failed/);
      await waits.allEnded(id);
    },
    LOOK,
  );
});

test(
  'more than 1,000 items are refused before anything is sent',
  async () => {
    testBed.emulator.clearRequests();
    const run = await waits.ended(await waits.start({ modelId: 'instant1', items: 1001 }));
    expect(run.error).toMatch(/takes up to 1000 items a run, and 1001 came in.*Loop Over Items/s);
    expect(testBed.emulator.requests).toHaveLength(0);
  },
  LOOK,
);

test(
  'a callback that fails verification does not resume; the genuine one does',
  async () => {
    const model = gatedModel(testBed, 'forged01');
    const id = await waits.start({ modelId: 'forged01' });
    await waits.asleep(id, model);
    const url = waits.resumeUrl('forged01');
    const payload = asyncPayload();
    const deliver = testBed.emulator.deliver.bind(testBed.emulator);
    expect((await deliver(url, payload, { secrets: ['whsec_wrong'] })).status).toBe(401);
    expect((await deliver(url, payload, { secrets: [] })).status).toBe(401);
    const elsewhere = url.replace(/baseten_wait=.*/, 'baseten_wait=00.0.00');
    expect((await deliver(elsewhere, payload)).response).toContain('not awaited any more');
    // It is signed, so it is not answered 4xx, which would lose it.
    expect((await deliver(url, { hello: 'world' })).status).toBe(503);
    await model.respond();
    expect((await waits.ended(id)).items('After')).toMatchObject([{ json: { succeeded: true } }]);
  },
  LOOK,
);

test(
  'when its deadline passes, the status decides: expired, canceled, still running',
  async () => {
    gatedModel(testBed, 'endless1');
    const blocked = gatedModel(testBed, 'blocked1', undefined, 1);
    const running = await waits.start({ modelId: 'endless1', options: { waitTimeout: 20 } });
    const blocking = await waits.start({ modelId: 'blocked1', options: { waitTimeout: 20 } });
    await waits.asleep(blocking, blocked);
    const expiring = await waits.start({ modelId: 'blocked1', options: { maxTimeInQueue: 10 } });
    await eventually('the second submission', () => waits.submissions('blocked1').length === 2);
    const canceled = await waits.start({ modelId: 'blocked1', options: { maxTimeInQueue: 600 } });
    const [requestId] = await waits.requestIds(canceled);
    await fetch(`${testBed.emulator.url}/model-blocked1/async_request/${requestId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${testBed.emulator.apiKey}` },
    });
    const errors = await Promise.all(
      [running, expiring, canceled].map(async (id) => (await waits.ended(id, LOOK)).error),
    );
    expect(errors[0]).toMatch(
      /no result of async request \w+ of model endless1 within 20 seconds.*IN_PROGRESS/s,
    );
    expect(errors[1]).toMatch(/expired in the queue before it started/);
    expect(errors[2]).toMatch(/was canceled/);
  },
  LOOK + 2 * MINUTE,
);

describe('restarts', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'a result that comes after n8n was ended by %s and started again',
    async (signal) => {
      const id = `restart${signal === 'SIGTERM' ? 't' : 'k'}`;
      const model = gatedModel(testBed, id);
      const workflow = await waits.start({ modelId: id });
      await waits.asleep(workflow, model);
      await testBed.kill(signal);
      await testBed.start();
      await model.respond();
      expect((await waits.ended(workflow, LOOK)).items('After')).toMatchObject([
        { json: { succeeded: true } },
      ]);
    },
    LOOK + 2 * MINUTE,
  );

  test(
    'a result that came while n8n was down is lost or submitted again',
    async () => {
      const lost = gatedModel(testBed, 'down0001');
      const again = gatedModel(testBed, 'down0002');
      const failing = await waits.start({ modelId: 'down0001' });
      const options = { onLostResult: 'resubmit' };
      const resubmitting = await waits.start({ modelId: 'down0002', options });
      await waits.asleep(failing, lost);
      await waits.asleep(resubmitting, again);
      await testBed.kill('SIGKILL');
      const before = testBed.emulator.deliveries.length;
      await lost.respond();
      await again.respond();
      await eventually(
        'both deliveries, tried twice',
        () => testBed.emulator.deliveries.length >= before + 4,
      );
      await testBed.start();
      const itemsOfSecond = async () => {
        await eventually(
          'the second submission',
          () => waits.submissions('down0002').length === 2,
          LOOK,
        );
        await again.respond();
        return (await waits.ended(resubmitting, LOOK)).items('After');
      };
      const [failure, items] = await Promise.all([waits.ended(failing, LOOK), itemsOfSecond()]);
      expect(failure.error).toMatch(
        /was lost: it ended, but did not reach this n8n.*WEBHOOK_FAILED/s,
      );
      expect(items).toMatchObject([{ json: { succeeded: true, metadata: { order: 'Nº 0 👋' } } }]);
    },
    2 * LOOK + 2 * MINUTE,
  );
});
