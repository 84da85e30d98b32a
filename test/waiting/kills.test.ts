import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { gatedModel, placeOf, Waits, type Gate, type WaitSettings } from '../support/waits';

const MINUTE = 60_000;
/** The node looks at the status after a minute, and n8n wakes it once a minute. */
const LOOK = 5 * MINUTE;

let testBed: SimulatedTestBed;
let waits: Waits;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
  waits = new Waits(placeOf(testBed));
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

type Signal = 'SIGTERM' | 'SIGKILL';

let models = 0;

/** Starts a wait for a model of its own, and waits until all its requests are there. */
async function asleep(
  settings: WaitSettings = {},
): Promise<{ id: string; gate: Gate; model: string }> {
  const model = `killed${++models}`;
  const gate = gatedModel(testBed, model);
  const id = await waits.start({ modelId: model, ...settings });
  await waits.asleep(id, gate, settings.items);
  return { id, gate, model };
}

async function restart(signal: Signal): Promise<void> {
  await testBed.kill(signal);
  testBed.emulator.faults.clear();
  await testBed.start();
}

/** Lets Baseten never answer a look at the status, and waits until one is under way. */
async function look(model: string): Promise<void> {
  const isLook = (method: string, path: string) =>
    method === 'GET' && path.includes(`-${model}/async_request/`);
  const path = `-${model}/async_request/`;
  testBed.emulator.faults.add({ kind: 'hang', match: { method: 'GET', path }, times: 'always' });
  await eventually(
    'a look at the status',
    () => testBed.emulator.requests.some(({ method, path: at }) => isLook(method, at)),
    LOOK,
  );
}

const ENDED_EARLY = {
  json: { error: 'The sub-execution that waited for the results ended before they came' },
};
const CONTINUES = { onError: 'continueRegularOutput' } as const;

describe.each<Signal>(['SIGTERM', 'SIGKILL'])('n8n ends by %s and starts again', (signal) => {
  test(
    'when some results have come: they are kept',
    async () => {
      const { id, gate } = await asleep({ items: 3 });
      await waits.take(gate);
      await restart(signal);
      await gate.respond();
      await gate.respond();
      const items = (await waits.ended(id, LOOK)).items('After');
      expect(items.map(({ json: { data } }) => data)).toStrictEqual(
        [0, 1, 2].map((n) => ({ answered: { n } })),
      );
      await waits.allEnded(id, LOOK);
    },
    2 * LOOK,
  );

  test(
    'when a result was just taken: the workflow goes on, and the keeper ends by itself',
    async () => {
      const wait = {
        name: 'Their Wait',
        type: 'n8n-nodes-base.wait',
        typeVersion: 1.1,
        parameters: { resume: 'webhook', httpMethod: 'POST', options: {} },
        webhookId: 'their-wait',
      };
      const { id, gate, model } = await asleep({ then: [wait] });
      const { deliveries } = testBed.emulator;
      const before = deliveries.length;
      await gate.respond();
      await eventually('an answer', () => deliveries[before]?.status === 200);
      const parent = await waits.parent(id);
      const statusOf = async () =>
        (await waits.executions(id)).find((each) => each.id === parent)?.status;
      await eventually('their Wait node', async () => (await statusOf()) === 'waiting');
      await restart(signal);
      const keeper = await waits.keeper(id);
      await testBed.n8n.api.waitFor(keeper, LOOK);
      expect(await statusOf()).toBe('waiting');
      const url = waits.resumeUrl(model).replace(/\/baseten\?/, '?');
      expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(200);
      const run = await waits.ended(id, LOOK);
      expect(run.error).toBeUndefined();
      expect(run.nodeNames).toContain('After');
      await waits.allEnded(id, LOOK);
    },
    2 * LOOK,
  );
});

test(
  'a look at the status ends before n8n does, if that is ended politely',
  async () => {
    const { id, gate, model } = await asleep();
    await look(model);
    await restart('SIGTERM');
    await gate.respond();
    expect((await waits.ended(id, LOOK)).items('After')).toMatchObject([
      { json: { succeeded: true } },
    ]);
    await waits.allEnded(id, LOOK);
  },
  2 * LOOK,
);

test(
  'a kill during a look ends the wait with an error, or without items under "stop"',
  async () => {
    const { id, model } = await asleep(CONTINUES);
    await look(model);
    await restart('SIGKILL');
    expect((await waits.ended(id, LOOK)).items('After')).toMatchObject([ENDED_EARLY]);
    const stops = await asleep();
    await look(stops.model);
    await restart('SIGKILL');
    // An item would count as a result.
    expect((await waits.ended(stops.id, LOOK)).nodeNames).not.toContain('After');
    await waits.allEnded(id, LOOK);
    await waits.allEnded(stops.id, LOOK);
  },
  4 * LOOK,
);

test.each<Signal>(['SIGTERM', 'SIGKILL'])(
  'the end of n8n by %s while it submits ends the wait with an error',
  async (signal) => {
    const model = `submit${signal.toLowerCase()}`;
    gatedModel(testBed, model);
    const match = { method: 'POST', path: `-${model}/` };
    testBed.emulator.faults.add({ kind: 'hang', match, times: 'always' });
    const options = { timeout: 10, maxRetries: 0 };
    const id = await waits.start({ modelId: model, options, ...CONTINUES });
    await eventually('the submission', () => waits.submissions(model).length > 0);
    await restart(signal);
    const items = (await waits.ended(id, LOOK)).items('After');
    // n8n hands over our error, or one of its own if it has noted that the execution began.
    const early = expect.stringMatching(/ended before they came|did not finish/) as string;
    if (signal === 'SIGKILL') expect(items).toMatchObject([{ json: { error: early } }]);
    else
      expect(items).toMatchObject([
        { json: { error: expect.stringContaining('within 10 seconds') } },
      ]);
    await waits.allEnded(id, LOOK);
  },
  2 * LOOK,
);
