import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { gatedModel, placeOf, Waits } from '../support/waits';

const MINUTE = 60_000;
/** The node looks at the status after a minute, and n8n wakes it once a minute. */
const LOOK = 4 * MINUTE;

let testBed: SimulatedTestBed;
let waits: Waits;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
  waits = new Waits(placeOf(testBed));
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

const deleteExecution = async (id: string) =>
  await testBed.n8n.api.call('POST', '/rest/executions/delete', { ids: [id] });

describe('somebody deletes the keeper:', () => {
  test(
    'a single result arrives',
    async () => {
      const model = gatedModel(testBed, 'deleted1');
      const id = await waits.start({ modelId: 'deleted1' });
      await waits.asleep(id, model);
      await deleteExecution(await waits.keeper(id));
      await model.respond();
      expect((await waits.ended(id)).items('After')).toMatchObject([{ json: { succeeded: true } }]);
    },
    LOOK,
  );

  test.each(['continueRegularOutput', 'stopWorkflow'] as const)(
    'of several results the workflow gets errors, or nothing if it is to stop (%s)',
    async (onError) => {
      const model = `deleted${onError.length}`;
      const gate = gatedModel(testBed, model);
      const id = await waits.start({ modelId: model, items: 2, onError });
      await waits.asleep(id, gate, 2);
      await deleteExecution(await waits.keeper(id));
      await gate.respond();
      const run = await waits.ended(id, LOOK);
      expect(run.status).toBe('success');
      const error = 'The sub-execution that brought the results together was deleted';
      const errors = [{ json: { error } }, { json: { error } }];
      if (onError === 'stopWorkflow') expect(run.nodeNames).not.toContain('After');
      else expect(run.items('After')).toMatchObject(errors);
    },
    LOOK,
  );
});

test(
  'somebody stops the workflow: what is queued is canceled, and nothing is submitted again',
  async () => {
    const model = gatedModel(testBed, 'blocked1', undefined, 1);
    const options = { onLostResult: 'resubmit' };
    const running = await waits.start({ modelId: 'blocked1', options });
    await waits.asleep(running, model);
    const queued = await waits.start({ modelId: 'blocked1', options });
    await waits.asleep(queued);
    const [runningId] = await waits.requestIds(running);
    const [queuedId] = await waits.requestIds(queued);
    for (const id of [running, queued])
      await testBed.n8n.api.call('POST', `/rest/executions/${await waits.parent(id)}/stop`);
    const statusOf = async (requestId = '') => {
      const response = await fetch(
        `${testBed.emulator.url}/model-blocked1/async_request/${requestId}`,
        { headers: { authorization: `Bearer ${testBed.emulator.apiKey}` } },
      );
      return ((await response.json()) as { status: string }).status;
    };
    await eventually(
      'the cancellation',
      async () => (await statusOf(queuedId)) === 'CANCELED',
      LOOK,
    );
    await waits.allEnded(queued, LOOK);
    await waits.allEnded(running, LOOK);
    expect(await statusOf(runningId)).toBe('IN_PROGRESS');
    await model.respond();
    await eventually('its end', async () => (await statusOf(runningId)) !== 'IN_PROGRESS');
    expect(waits.submissions('blocked1')).toHaveLength(2);
    const statuses = (await waits.executions(running)).map(({ status }) => status);
    expect(statuses[0]).toBe('canceled');
  },
  3 * LOOK,
);

describe('the time limit of the workflow passes:', () => {
  const settings = { executionTimeout: 5 };
  /** n8n counts the seconds by itself. */
  async function limitPasses(): Promise<void> {
    const begun = performance.now();
    await eventually('the time limit', () => performance.now() - begun > 6_000);
  }

  test.each([1, 3])(
    '%i results arrive after it',
    async (items) => {
      const model = `limited${items}`;
      const gate = gatedModel(testBed, model);
      const id = await waits.start({ modelId: model, items, settings });
      await waits.asleep(id, gate, items);
      await limitPasses();
      for (let item = 0; item < items; item++) await gate.respond();
      const run = await waits.ended(id, LOOK);
      expect(run.error).toBeUndefined();
      expect(run.items('After')).toHaveLength(items);
      await waits.allEnded(id, LOOK);
    },
    2 * LOOK,
  );
});
