import { json, modelError, type ModelCall } from '../../emulator';
import { chainOf } from '../../host/n8n/workflowJson';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import {
  gatedModel,
  instantModel,
  itemsNode,
  noOp,
  placeOf,
  WAIT_HERE,
  waitNode,
  Waits,
  waitWorkflow,
  webhookOf,
} from '../support/waits';

const MINUTE = 60_000;
/**
 * How long it may take until a deadline is noticed: once a minute n8n looks for those that have
 * passed, and the node looks at the status for the first time after a minute.
 */
const LOOK = 4 * MINUTE;

let testBed: SimulatedTestBed;
let waits: Waits;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
  waits = new Waits(placeOf(testBed));
  instantModel(testBed, 'instant1');
  testBed.emulator.addModel({
    kind: 'model',
    id: 'failing1',
    name: 'Fails for odd numbers',
    asyncConcurrency: 64,
    handler: (call) =>
      numberOf(call) % 2 ? modelError(422, 'no such voice') : json({ n: numberOf(call) }),
  });
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

const numberOf = (call: ModelCall) => (call.json() as { n: number }).n;

test(
  '100 items of mixed models come in the order of the input, each with what became of it',
  async () => {
    testBed.emulator.addModel({
      kind: 'model',
      id: 'slowish1',
      name: 'Slow',
      asyncConcurrency: 64,
      async handler(call) {
        await call.clock.sleep((numberOf(call) * 97) % 3000);
        return json({ n: numberOf(call) });
      },
    });
    const value = '={{ ["instant1", "slowish1", "failing1"][$json.n % 3] }}';
    const modelId = { __rl: true, mode: 'id', value };
    const id = await waits.start({
      items: 100,
      parameters: { modelId },
      onError: 'continueRegularOutput',
    });
    const run = await waits.ended(id, LOOK);
    expect(run.error).toBeUndefined();
    const expected = Array.from({ length: 100 }, (_, n) => {
      if (n % 3 === 0) return { data: { answered: { n } }, succeeded: true };
      if (n % 3 === 1) return { data: { n }, succeeded: true };
      return n % 2 ? { details: { itemIndex: n } } : { data: { n }, succeeded: true };
    });
    expect(run.items(WAIT_HERE)).toMatchObject(
      expected.map((each, item) => ({ json: each, pairedItem: { item } })),
    );
    await waits.allEnded(id);
  },
  LOOK,
);

test(
  'results of megabytes that come together all arrive, although n8n takes 16 MiB at once',
  async () => {
    const text = 'x'.repeat(3_500_000);
    testBed.emulator.addModel({
      kind: 'model',
      id: 'large1',
      name: 'Large',
      asyncConcurrency: 64,
      handler: (call) => json({ n: numberOf(call), text }),
    });
    const id = await waits.start({ modelId: 'large1', items: 5 });
    const run = await waits.ended(id, 2 * LOOK);
    expect(run.error).toBeUndefined();
    const numbers = run.items(WAIT_HERE).map((item) => (item.json.data as { n: number }).n);
    expect(numbers).toStrictEqual([0, 1, 2, 3, 4]);
    await waits.allEnded(id);
  },
  3 * LOOK,
);

test(
  'a manual run waits like any other',
  async () => {
    const model = gatedModel(testBed, 'manual01');
    const start = { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1 };
    const trigger = { ...start, parameters: {} };
    const id = await testBed.add(waitWorkflow('manual', { modelId: 'manual01', trigger }));
    const execution = await testBed.n8n.api.run(id, 'Start');
    await model.respond();
    const run = await testBed.n8n.api.waitFor(execution, LOOK);
    expect(run.error).toBeUndefined();
    expect(run.items('After')).toMatchObject([{ json: { data: { answered: { n: 0 } } } }]);
    await waits.allEnded(id);
  },
  LOOK,
);

test(
  'Retry On Fail does not submit again what has failed after the sleep',
  async () => {
    testBed.emulator.clearRequests();
    const parameters = { input: '{"n":1}' };
    const id = await waits.start({ modelId: 'failing1', parameters, retryOnFail: true });
    expect((await waits.ended(id, LOOK)).error).toMatch(/The inference of model failing1 failed/);
    expect(waits.submissions('failing1')).toHaveLength(1);
    await waits.allEnded(id);
  },
  LOOK,
);

test(
  'a late repeat of a result wakes no Wait node of the user’s that sleeps after it',
  async () => {
    const wait = {
      name: 'Their Wait',
      type: 'n8n-nodes-base.wait',
      typeVersion: 1.1,
      parameters: { resume: 'webhook', httpMethod: 'POST', options: {} },
      webhookId: 'their-wait',
    };
    const model = gatedModel(testBed, 'theirs01');
    const id = await waits.start({ modelId: 'theirs01', then: [wait] });
    await waits.asleep(id, model);
    const [requestId = ''] = await waits.requestIds(id);
    const keeper = await waits.keeper(id);
    await model.respond();
    const parent = await waits.parent(id);
    const statusOf = async (execution: string) =>
      (await waits.executions(id)).find((each) => each.id === execution)?.status;
    await testBed.n8n.api.waitFor(keeper, LOOK);
    await eventually('their Wait node asleep', async () => (await statusOf(parent)) === 'waiting');
    for (let repeat = 0; repeat < 3; repeat++)
      expect((await testBed.emulator.redeliver(requestId)).status).toBe(404);
    expect(await statusOf(parent)).toBe('waiting');
    const url = waits.resumeUrl('theirs01').replace(/\/baseten\?/, '?');
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(200);
    const run = await waits.ended(id);
    expect(run.error).toBeUndefined();
    expect(run.items(WAIT_HERE)).toMatchObject([{ json: { request_id: requestId } }]);
    expect(run.timesRun('Their Wait')).toBe(1);
  },
  LOOK,
);

test(
  'a late repeat of a result wakes no later run of the node in a loop',
  async () => {
    const model = gatedModel(testBed, 'looping1');
    const { id, call } = await waits.publishWorkflow((path) => {
      const wait = waitNode({ modelId: 'looping1' });
      const workflow = chainOf(path, [webhookOf(path), itemsNode(2), wait]);
      const loop = {
        id: 'loop',
        name: 'Loop',
        type: 'n8n-nodes-base.splitInBatches',
        typeVersion: 3,
        position: [330, 0] as [number, number],
        parameters: { options: {} },
      };
      workflow.nodes.push(loop);
      const to = (node: string) => [{ node, type: 'main', index: 0 }];
      workflow.connections.Items = { main: [to('Loop')] };
      workflow.connections.Loop = { main: [[], to(WAIT_HERE)] };
      workflow.connections[WAIT_HERE] = { main: [to('Loop')] };
      return workflow;
    });
    await call();
    await waits.asleep(id, model);
    const [first = ''] = await waits.requestIds(id);
    await model.respond();
    await eventually('the second submission', () => waits.submissions('looping1').length === 2);
    await model.reached(1);
    const repeat = async () => (await testBed.emulator.redeliver(first)).status;
    await eventually('a repeat that is taken', async () => (await repeat()) === 200);
    expect((await waits.executions(id)).at(0)?.status).toBe('waiting');
    await model.respond();
    const run = await waits.ended(id, LOOK);
    expect(run.error).toBeUndefined();
    expect(run.items('Loop').map(({ json: { data } }) => data)).toStrictEqual([
      { answered: { n: 0 } },
      { answered: { n: 1 } },
    ]);
  },
  LOOK,
);

test(
  'two nodes of a workflow wait side by side, each for its own result',
  async () => {
    const { id, call } = await waits.publishWorkflow((path) => {
      const one = { ...waitNode({ modelId: 'instant1' }), name: 'One' };
      const workflow = chainOf(path, [webhookOf(path), itemsNode(3), one, noOp('After One')]);
      const node = workflow.nodes[2] as (typeof workflow.nodes)[0];
      const input = '={{ { n: $json.n + 100 } }}';
      const parameters = { ...node.parameters, input };
      workflow.nodes.push(
        { ...node, id: 'two', name: 'Two', position: [440, 200], parameters },
        { ...noOp('After Two'), id: 'z', position: [660, 200] },
      );
      const to = (name: string) => ({ node: name, type: 'main', index: 0 });
      workflow.connections.Items = { main: [[to('One'), to('Two')]] };
      workflow.connections.Two = { main: [[to('After Two')]] };
      return workflow;
    });
    await call();
    const run = await waits.ended(id, LOOK);
    expect(run.error).toBeUndefined();
    const numbers = (name: string) => run.items(name).map(({ json: { data } }) => data);
    const answers = (...all: number[]) => all.map((n) => ({ answered: { n } }));
    expect(numbers('After One')).toStrictEqual(answers(0, 1, 2));
    expect(numbers('After Two')).toStrictEqual(answers(100, 101, 102));
    await waits.allEnded(id);
  },
  LOOK,
);

test.each([1, 3])(
  'a sub-workflow that waits for %i results gives them to the workflow that called it',
  async (items) => {
    const trigger = {
      name: 'Called',
      type: 'n8n-nodes-base.executeWorkflowTrigger',
      typeVersion: 1,
      parameters: {},
    };
    const called = await testBed.add(
      waitWorkflow(`called ${items}`, { modelId: 'instant1', trigger, items }),
    );
    const { api } = testBed.n8n;
    const { versionId } = await api.call<{ versionId: string }>('GET', `/rest/workflows/${called}`);
    await api.call('POST', `/rest/workflows/${called}/activate`, { versionId });
    const { id, call } = await waits.publishWorkflow((path) =>
      chainOf(path, [
        webhookOf(path),
        {
          name: 'Call',
          type: 'n8n-nodes-base.executeWorkflow',
          typeVersion: 1.2,
          parameters: {
            source: 'database',
            workflowId: { __rl: true, mode: 'id', value: called },
            workflowInputs: { mappingMode: 'defineBelow', value: {} },
            options: { waitForSubWorkflow: true },
          },
        },
        noOp('After'),
      ]),
    );
    await call();
    const run = await waits.ended(id, LOOK);
    expect(run.error).toBeUndefined();
    expect(run.items('After').map(({ json: { data } }) => data)).toStrictEqual(
      Array.from({ length: items }, (_, n) => ({ answered: { n } })),
    );
    await waits.allEnded(called);
  },
  LOOK,
);

describe('what stays of the incoming item', () => {
  const beside = { includeInputFields: true };
  const withField = { ...beside, options: { outputField: 'answer' } };

  test.each([1, 3])(
    'its fields beside the answer of %i items, which is in the field that is named',
    async (items) => {
      const run = await waits.ended(
        await waits.start({ modelId: 'instant1', items, parameters: withField }),
        LOOK,
      );
      expect(run.items('After').map(({ json }) => json)).toMatchObject(
        Array.from({ length: items }, (_, n) => ({
          n,
          answer: { data: { answered: { n } }, succeeded: true },
        })),
      );
    },
    LOOK,
  );

  test(
    'its fields beside an error, on both outputs',
    async () => {
      const settings = { modelId: 'failing1', items: 2, parameters: beside };
      const [regular, output] = await Promise.all(
        (['continueRegularOutput', 'continueErrorOutput'] as const).map(
          async (onError) => await waits.ended(await waits.start({ ...settings, onError }), LOOK),
        ),
      );
      const failure = { n: 1, error: 'The inference of model failing1 failed' };
      expect(regular?.items('After')).toMatchObject([{ json: { n: 0 } }, { json: failure }]);
      expect(output?.items('After')).toMatchObject([{ json: { n: 0, succeeded: true } }]);
      expect(output?.items('On Error')).toMatchObject([{ json: failure }]);
    },
    LOOK,
  );

  test(
    'its files',
    async () => {
      const jsCode = `return [{ json: { n: 7 }, binary: { note: await this.helpers
        .prepareBinaryData(Buffer.from('hello'), 'note.txt', 'text/plain') } }];`;
      const { id, call } = await waits.publishWorkflow((path) => {
        const file = { ...itemsNode(1), parameters: { jsCode } };
        const wait = waitNode({ modelId: 'instant1', parameters: beside });
        return chainOf(path, [webhookOf(path), file, wait, noOp('After')]);
      });
      await call();
      const run = await waits.ended(id, LOOK);
      expect(run.error).toBeUndefined();
      const [item] = run.items('After');
      expect(item?.json).toMatchObject({ n: 7, data: { answered: { n: 7 } } });
      expect(item && (await run.file(item, 'note')).toString()).toBe('hello');
    },
    LOOK,
  );
});
