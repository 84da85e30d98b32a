import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { instantModel, placeOf, Waits } from '../support/waits';

const MINUTE = 60_000;
const WAITS = 400;
/** How many are begun at once. */
const AT_ONCE = 2;
const MOST_OPEN = 10;

let testBed: SimulatedTestBed;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

test(
  `of ${WAITS} results of a model that answers at once none is lost`,
  async () => {
    const waits = new Waits(placeOf(testBed));
    instantModel(testBed, 'instant1');
    const delivered = () => testBed.emulator.deliveries.length;
    const { id, call } = await waits.publish({ modelId: 'instant1' });
    for (let begun = 0; begun < WAITS; begun += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, call));
      await eventually('most results', () => delivered() > begun - MOST_OPEN, 5 * MINUTE);
    }
    await waits.allEnded(id, 5 * MINUTE);
    const executions = await waits.executions(id);
    expect(executions).toHaveLength(2 * WAITS);
    expect(executions.filter(({ status }) => status !== 'success')).toStrictEqual([]);
    expect(testBed.emulator.deliveries.filter(({ status }) => status !== 200)).toStrictEqual([]);
  },
  30 * MINUTE,
);
