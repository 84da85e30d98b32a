import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { gatedModel, instantModel, placeOf, Waits } from '../support/waits';

const MINUTE = 60_000;
/** The node looks at the status after a minute, and n8n wakes it once a minute. */
const LOOK = 4 * MINUTE;

/** Seconds that an execution may take. */
const TIME_LIMIT = 5;

/** Settings of n8n that a wait has to live with. */
const SETTINGS: Array<{ name: string; env: Record<string, string>; limit?: number }> = [
  {
    name: 'an egress policy',
    env: { N8N_SSRF_PROTECTION_ENABLED: 'true', N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.0/8' },
  },
  {
    name: 'one production execution at a time and a time limit that is shorter than the wait',
    env: { N8N_CONCURRENCY_PRODUCTION_LIMIT: '1', EXECUTIONS_TIMEOUT: String(TIME_LIMIT) },
    limit: TIME_LIMIT,
  },
];

describe.each(SETTINGS)('with $name', ({ env, limit = 0 }) => {
  let testBed: SimulatedTestBed;
  let waits: Waits;
  beforeAll(async () => {
    testBed = await startTestBed({ host: await installedHost(), env });
    waits = new Waits(placeOf(testBed));
    instantModel(testBed, 'instant1');
  }, 20 * MINUTE);
  afterAll(async () => await testBed?.close(), MINUTE);

  test(
    'results of a model that answers at once arrive',
    async () => {
      const { id, call } = await waits.publish({ modelId: 'instant1' });
      await Promise.all([call(), call(), call()]);
      await waits.allEnded(id, LOOK);
      const statuses = (await waits.executions(id)).map(({ status }) => status);
      expect(statuses).toStrictEqual(Array.from({ length: 6 }, () => 'success'));
    },
    LOOK,
  );

  test.each([1, 3])(
    '%i results that take their time arrive',
    async (items) => {
      const model = `slow000${items}`;
      const gate = gatedModel(testBed, model);
      const id = await waits.start({ modelId: model, items });
      const begun = performance.now();
      await waits.asleep(id, gate, items);
      // n8n counts these seconds by itself.
      await eventually('the time limit', () => performance.now() - begun > limit * 1200);
      for (let item = 0; item < items; item++) await gate.respond();
      const run = await waits.ended(id, LOOK);
      expect(run.error).toBeUndefined();
      expect(run.items('After').map(({ json: { data } }) => data)).toStrictEqual(
        Array.from({ length: items }, (_, n) => ({ answered: { n } })),
      );
      await waits.allEnded(id, LOOK);
    },
    2 * LOOK,
  );
});
