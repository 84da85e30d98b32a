import type { Member } from '../../host/queue/queue';
import { startQueueWithEmulator, type QueueWithEmulator } from '../queue/queueWithEmulator';
import { eventually } from '../support/eventually';
import { gatedModel, instantModel, type Place, Waits } from '../support/waits';

const MINUTE = 60_000;
const WAITS = 200;
/** How many are begun at once. */
const AT_ONCE = 2;
const MOST_OPEN = 10;

let setup: QueueWithEmulator;
let waits: Waits;
beforeAll(async () => {
  setup = await startQueueWithEmulator(() => undefined, new AbortController().signal);
  waits = new Waits(placeOf(setup));
}, 20 * MINUTE);
afterAll(async () => await setup?.close(), MINUTE);

function placeOf({ queue, emulator, add }: QueueWithEmulator): Place {
  return {
    url: () => queue.proxy.url,
    api: () => queue.main.api,
    emulator,
    async add(workflow) {
      const id = await add(workflow);
      await queue.main.api.publish(id);
      return id;
    },
  };
}

const workers = (): Member[] => setup.queue.members.filter(({ kind }) => kind === 'worker');

test(
  `of ${WAITS} instant results with two workers and two webhook processors none is lost`,
  async () => {
    const { emulator } = setup;
    instantModel(setup, 'instant1');
    const delivered = () => emulator.deliveries.length;
    const { id, call } = await waits.publish({ modelId: 'instant1' });
    for (let begun = 0; begun < WAITS; begun += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, call));
      await eventually('most results', () => delivered() > begun - MOST_OPEN, 5 * MINUTE);
    }
    await waits.allEnded(id, 5 * MINUTE);
    const { rows } = await setup.queue.sql.query(
      `SELECT mode, status, count(*)::int AS count FROM execution_entity
       WHERE "workflowId" = $1 GROUP BY mode, status ORDER BY mode`,
      [id],
    );
    // The keepers and the workflows.
    expect(rows).toStrictEqual([
      { mode: 'integrated', status: 'success', count: WAITS },
      { mode: 'webhook', status: 'success', count: WAITS },
    ]);
    expect(emulator.deliveries.filter(({ status }) => status !== 200)).toStrictEqual([]);
    // Both processors took results.
    expect((await setup.queue.proxy.responses()).size).toBe(2);
    expect(workers()).toHaveLength(2);
  },
  30 * MINUTE,
);

const ENDS = (['main', 'webhook', 'worker'] as const).flatMap((kind) =>
  (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({ kind, signal })),
);

/** Ends all processes of a kind. Others are in their place when it returns. */
async function replace({ kind, signal }: (typeof ENDS)[number]): Promise<void> {
  const { queue, replacing } = setup;
  if (kind === 'main') {
    await queue.restartMain(signal);
    return;
  }
  const some = () => queue.members.filter((member) => member.kind === kind);
  const before = some();
  await replacing(async () => {
    await Promise.all(before.map(async (member) => await member.kill(signal)));
    await eventually(
      'others in their place',
      () => some().filter((member) => !before.includes(member)).length === before.length,
      2 * MINUTE,
    );
  });
}

test.each(ENDS)(
  'every $kind process ends by $signal when one of three results has come: all of them arrive',
  async (end) => {
    const model = `${end.kind}${end.signal.toLowerCase()}`;
    const gate = gatedModel(setup, model);
    const id = await waits.start({ modelId: model, items: 3 });
    await waits.asleep(id, gate, 3);
    await waits.take(gate);
    await replace(end);
    await gate.respond();
    await gate.respond();
    const items = (await waits.ended(id, 5 * MINUTE)).items('After');
    expect(items.map(({ json: { data } }) => data)).toStrictEqual(
      [0, 1, 2].map((n) => ({ answered: { n } })),
    );
    await waits.allEnded(id, 5 * MINUTE);
  },
  15 * MINUTE,
);
