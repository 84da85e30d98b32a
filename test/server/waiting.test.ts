import { json, MODEL_IDS, modelError, type ModelCall } from '../../emulator';
import type { Run } from '../../host/n8n/run';
import { chainOf } from '../../host/n8n/workflowJson';
import { type SimulatedTestBed, startTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { asyncPayload } from '../support/payload';

const MINUTE = 60_000;
/**
 * How long it may take until a deadline is noticed: once a minute n8n looks for those that have
 * passed, and the node looks at the status for the first time after half a minute.
 */
const LOOK = 2.5 * MINUTE;

let testBed: SimulatedTestBed;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

/** Adds a model that waits before it responds to a request. */
function gatedModel(id: string) {
  const open: Array<() => void> = [];
  testBed.emulator.addModel({
    kind: 'model',
    id,
    name: id,
    handler: async (call) => {
      await new Promise<void>((resolve) => open.push(resolve));
      return json({ answered: call.json() });
    },
  });
  return {
    /** Waits for a request, and lets the model respond to the oldest one. */
    respond: async () => (await eventually('a request at the model', () => open.shift()))(),
  };
}

let counter = 0;

interface WaitSettings {
  modelId?: string;
  parameters?: Record<string, unknown>;
  options?: Record<string, unknown>;
  items?: number;
  onError?: string;
}

/** Starts a published workflow that waits for a result, by its webhook; returns its ID. */
async function startWaiting(settings: WaitSettings): Promise<string> {
  const path = `start-${++counter}`;
  const items = settings.items ?? 1;
  const workflow = chainOf(path, [
    {
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2,
      parameters: { path, httpMethod: 'POST' },
      webhookId: path,
    },
    {
      name: 'Items',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      parameters: {
        jsCode: `return Array.from({ length: ${items} }, (_, n) => ({ json: { n } }));`,
      },
    },
    {
      name: 'Wait Here',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'model',
        operation: 'submitAsync',
        modelId: { __rl: true, mode: 'id', value: settings.modelId ?? MODEL_IDS.echo },
        inputMode: 'json',
        input: '{"delay_ms":1000,"text":"hello"}',
        delivery: 'wait',
        metadata: '{"order":"Nº 7 👋"}',
        options: settings.options ?? {},
        ...settings.parameters,
      },
      credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
      ...(settings.onError && { onError: settings.onError }),
    },
    { name: 'After', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
  if (settings.onError === 'continueErrorOutput') {
    workflow.nodes.push({
      id: 'e',
      name: 'On Error',
      type: 'n8n-nodes-base.noOp',
      typeVersion: 1,
      parameters: {},
      position: [900, 200],
    });
    workflow.connections['Wait Here'] = {
      main: [
        [{ node: 'After', type: 'main', index: 0 }],
        [{ node: 'On Error', type: 'main', index: 0 }],
      ],
    };
  }
  const id = await testBed.add(workflow);
  const response = await fetch(`${testBed.url}/webhook/${path}`, {
    method: 'POST',
    body: '{}',
  });
  expect(response.status).toBe(200);
  return id;
}

/**
 * Waits until the execution that the webhook started has ended. n8n lists its sub-execution, too.
 */
async function ended(workflowId: string, withinMs = MINUTE): Promise<Run> {
  const [oldest] = (await testBed.n8n.api.executions(workflowId)).sort(
    (a, b) => Number(a.id) - Number(b.id),
  );
  return await testBed.n8n.api.waitFor(oldest?.id ?? '', withinMs);
}

/** Waits until the execution and its sub-execution sleep. */
async function asleep(workflowId: string): Promise<void> {
  await eventually('a waiting execution', async () => {
    const executions = await testBed.n8n.api.executions(workflowId);
    return executions.length >= 2 && executions.every(({ status }) => status === 'waiting')
      ? true
      : undefined;
  });
}

/** The address to which Baseten delivers the result of the newest request to a model. */
function resumeUrl(modelId: string): string {
  const request = testBed.emulator.requests.findLast(
    ({ path }) => path.includes(`-${modelId}/`) && path.includes('async_'),
  );
  return (request?.json() as { webhook_endpoint: string }).webhook_endpoint;
}

test(
  'goes on with the verified result, metadata and all',
  async () => {
    const run = await ended(await startWaiting({}));
    expect(run.error).toBeUndefined();
    expect(run.items('After')).toMatchObject([
      {
        json: {
          model_id: MODEL_IDS.echo,
          type: 'async_request_completed',
          data: { text: 'hello' },
          errors: [],
          succeeded: true,
          metadata: { order: 'Nº 7 👋' },
        },
      },
    ]);
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
    const run = await ended(await startWaiting({ parameters: { resource: 'chain', chainId } }));
    expect(run.items('After')).toMatchObject([{ json: { chain_id: 'slowchn1', succeeded: true } }]);
  },
  LOOK,
);

describe('a failed inference', () => {
  beforeAll(() => {
    testBed.emulator.addModel({
      kind: 'model',
      id: 'failing1',
      name: 'Failing',
      handler: async (call) => (await call.clock.sleep(1000), modelError(422, 'no such voice')),
    });
  });

  test(
    'fails the node, with what the model said',
    async () => {
      const run = await ended(await startWaiting({ modelId: 'failing1' }));
      expect(run.error).toMatch(
        /The inference of model failing1 failed.*MODEL_INVALID_INPUT.*no such voice/s,
      );
    },
    LOOK,
  );

  test(
    'becomes an error item with continue-on-fail',
    async () => {
      const run = await ended(
        await startWaiting({ modelId: 'failing1', onError: 'continueRegularOutput' }),
      );
      expect(JSON.stringify(run.items('After'))).toContain(
        'The inference of model failing1 failed',
      );
    },
    LOOK,
  );

  test(
    'leaves by the error output',
    async () => {
      const run = await ended(
        await startWaiting({ modelId: 'failing1', onError: 'continueErrorOutput' }),
      );
      expect(run.nodeNames).not.toContain('After');
      expect(JSON.stringify(run.items('On Error'))).toContain(
        'The inference of model failing1 failed',
      );
    },
    LOOK,
  );
});

test(
  'several items are refused before anything is sent',
  async () => {
    testBed.emulator.clearRequests();
    const run = await ended(await startWaiting({ items: 3 }));
    expect(run.error).toMatch(/takes one item a run, and 3 came in.*Loop Over Items/s);
    expect(testBed.emulator.requests).toHaveLength(0);
  },
  LOOK,
);

test(
  'a callback that fails verification does not resume; the genuine one does',
  async () => {
    const model = gatedModel('forged01');
    const id = await startWaiting({ modelId: 'forged01' });
    await asleep(id);
    const url = resumeUrl('forged01');
    const payload = asyncPayload();
    expect(
      (await testBed.emulator.deliver(url, payload, { secrets: ['whsec_wrong'] })).status,
    ).toBe(401);
    expect((await testBed.emulator.deliver(url, payload, { secrets: [] })).status).toBe(401);
    expect((await testBed.emulator.deliver(url, payload)).response).toContain(
      'not awaited any more',
    );
    // It is signed, so it is not answered 4xx, which would lose it.
    expect((await testBed.emulator.deliver(url, { hello: 'world' })).status).toBe(503);
    await model.respond();
    expect((await ended(id)).items('After')).toMatchObject([{ json: { succeeded: true } }]);
  },
  LOOK,
);

describe('when its deadline passes, the status decides', () => {
  test(
    'an instant model is faster than n8n can go to sleep: lost, and pointed to Predict',
    async () => {
      testBed.emulator.addModel({
        kind: 'model',
        id: 'instant1',
        name: 'Instant',
        handler: () => json({}),
      });
      const run = await ended(await startWaiting({ modelId: 'instant1' }), LOOK);
      // On a slow machine the result may come in time, which is as good.
      if (run.error)
        expect(run.error).toMatch(/was lost: it ended, but did not reach this n8n.*use Predict/s);
      else expect(run.items('After')).toMatchObject([{ json: { succeeded: true } }]);
    },
    LOOK + MINUTE,
  );

  test(
    'expired, canceled, still running past the limit: each ends with its own sentence',
    async () => {
      gatedModel('endless1');
      testBed.emulator.addModel({
        kind: 'model',
        id: 'blocked1',
        name: 'Blocked',
        asyncConcurrency: 1,
        handler: async (call) =>
          await new Promise((resolve) =>
            call.signal.addEventListener('abort', () => resolve(json({}))),
          ),
      });
      const running = await startWaiting({ modelId: 'endless1', options: { waitTimeout: 20 } });
      const blocking = await startWaiting({ modelId: 'blocked1', options: { waitTimeout: 20 } });
      await asleep(blocking);
      const expiring = await startWaiting({ modelId: 'blocked1', options: { maxTimeInQueue: 10 } });
      const canceled = await startWaiting({
        modelId: 'blocked1',
        options: { maxTimeInQueue: 600 },
      });
      await asleep(canceled);
      const requestId = await newestRequest(canceled);
      await fetch(`${testBed.emulator.url}/model-blocked1/async_request/${requestId}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${testBed.emulator.apiKey}` },
      });
      const errors = await Promise.all(
        [running, expiring, canceled].map(async (id) => (await ended(id, LOOK)).error),
      );
      expect(errors[0]).toMatch(
        /no result of async request \w+ of model endless1 within 20 seconds.*IN_PROGRESS/s,
      );
      expect(errors[1]).toMatch(/expired in the queue before it started/);
      expect(errors[2]).toMatch(/was canceled/);
    },
    LOOK + 2 * MINUTE,
  );
});

/** The ID of the request that a waiting workflow's sub-execution has submitted. */
async function newestRequest(workflowId: string): Promise<string> {
  const executions = await testBed.n8n.api.executions(workflowId);
  for (const { id } of executions) {
    const { data } = await testBed.n8n.api.call<{ data: string }>('GET', `/rest/executions/${id}`);
    const found = /"([0-9a-f]{32})"/.exec(data)?.[1];
    if (found) return found;
  }
  throw new Error('no request ID in the executions');
}

describe('restarts', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'a result that comes after n8n was ended by %s and started again',
    async (signal) => {
      const id = `restart${signal === 'SIGTERM' ? 't' : 'k'}`;
      const model = gatedModel(id);
      const workflow = await startWaiting({ modelId: id });
      await asleep(workflow);
      await testBed.kill(signal);
      await testBed.start();
      await model.respond();
      expect((await ended(workflow, LOOK)).items('After')).toMatchObject([
        { json: { succeeded: true } },
      ]);
    },
    LOOK + 2 * MINUTE,
  );

  test(
    'a result that came while n8n was down is lost or submitted again, and a late one is ignored',
    async () => {
      const lost = gatedModel('down0001');
      const again = gatedModel('down0002');
      const failing = await startWaiting({ modelId: 'down0001' });
      const resubmitting = await startWaiting({
        modelId: 'down0002',
        options: { onLostResult: 'resubmit' },
      });
      await asleep(failing);
      await asleep(resubmitting);
      await testBed.kill('SIGKILL');
      const before = testBed.emulator.deliveries.length;
      await lost.respond();
      await again.respond();
      await eventually(
        'both deliveries, tried twice',
        () => testBed.emulator.deliveries.length >= before + 4,
      );
      const first = testBed.emulator.deliveries.findLast(({ body }) => body.includes('down0002'));
      await testBed.start();
      const itemsOfSecond = async () => {
        await eventually(
          'the second submission',
          () =>
            testBed.emulator.requests.filter(
              ({ path }) => path.includes('down0002') && path.endsWith('async_predict'),
            ).length === 2
              ? true
              : undefined,
          LOOK,
        );
        await asleep(resubmitting);
        // The URL still wakes this execution, but not with the result of the first request.
        expect((await testBed.emulator.redeliver(first?.requestId ?? '')).response).toContain(
          'not awaited any more',
        );
        await again.respond();
        return (await ended(resubmitting, LOOK)).items('After');
      };
      const [failure, items] = await Promise.all([ended(failing, LOOK), itemsOfSecond()]);
      expect(failure.error).toMatch(
        /was lost: it ended, but did not reach this n8n.*WEBHOOK_FAILED/s,
      );
      expect(items).toMatchObject([{ json: { succeeded: true, metadata: { order: 'Nº 7 👋' } } }]);
      expect(items[0]?.json.request_id).not.toBe(first?.requestId);
    },
    2 * LOOK + 2 * MINUTE,
  );
});
