import { type Fault, json, MODEL_IDS } from '../../emulator';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import type { Run } from '../../host/n8n/run';
import {
  batchCaller,
  callBatch,
  type Hurry,
  hurriedBatch,
  type RowResult,
  textOf,
} from '../support/durableBatch';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';

const MINUTE = 60_000;
const HURRY: Hurry = { submitEvery: 2, lookEvery: 2, overdue: 5 };

interface Row {
  id: number;
  key: string;
  status: string;
  request_id: string;
  attempts: number;
  error: string;
}

let testBed: SimulatedTestBed;
let caller: string;

/** Before each test of a `describe`: an n8n with the batch, and a workflow that calls it. */
function useBatch(hurry: Hurry): void {
  beforeEach(async () => {
    testBed = await startTestBed({ host: await installedHost(), withProxy: true });
    const batch = await testBed.add(hurriedBatch(hurry));
    caller = await testBed.add(batchCaller(batch, MODEL_IDS.sentiment, 'call'));
  }, 20 * MINUTE);
  afterEach(async () => await testBed?.close(), MINUTE);
}

/** A page of n8n's data table routes. */
interface Page<T> {
  count: number;
  data: T[];
}

async function rows(): Promise<Row[]> {
  const { api } = testBed.n8n;
  const tables = await api.call<Page<{ id: string; projectId: string; name: string }>>(
    'GET',
    '/rest/data-tables-global?take=10',
  );
  const table = tables.data.find(({ name }) => name === 'Baseten batches');
  if (!table) return [];
  const path = `/rest/projects/${table.projectId}/data-tables/${table.id}/rows?take=200`;
  return (await api.call<Page<Row>>('GET', path)).data;
}

/** How many rows have this status. */
const count = async (wanted: string) =>
  (await rows()).filter(({ status }) => status === wanted).length;

/** How often something was submitted so far. */
const submissions = () =>
  testBed.emulator.requests.filter(({ path }) => path.endsWith('/async_predict')).length;

/** How often Baseten was asked for a status so far. */
const looks = () =>
  testBed.emulator.requests.filter(({ path }) => path.includes('/async_request/')).length;

/** What the newest call of the batch gave its caller. */
async function results(): Promise<RowResult[]> {
  const [newest] = await testBed.n8n.api.executions(caller);
  const run: Run = await testBed.n8n.api.waitFor(newest?.id as string, 5 * MINUTE);
  if (run.error) throw new Error(run.error);
  return run.items('Results').map((item) => item.json as unknown as RowResult);
}

describe('a call that sleeps in the database of n8n', () => {
  useBatch({ ...HURRY, overdue: 8 });

  test(
    'the caller gets every result once and in order, n8n killed in the middle; called again, it goes on',
    async () => {
      const ROWS = 60;
      // The model responds to a third, and to the rest when n8n is down. It fails for every tenth.
      let requests = 0;
      let down: () => void = () => {};
      const whenDown = new Promise<void>((resolve) => (down = resolve));
      const fails = (row: number) => row % 10 === 7;
      testBed.emulator.addModel({
        kind: 'model',
        id: MODEL_IDS.sentiment,
        name: 'Sentiment',
        asyncConcurrency: 8,
        handler: async (call) => {
          if (++requests > ROWS / 3) await whenDown;
          await call.clock.sleep(100);
          const { text } = call.json() as { text: string };
          if (fails(Number(text.split(' ').at(-1)))) return json({ error: `no label` }, 400);
          return json({ label: `label of ${text}` });
        },
      });
      const wanted = (rowCount: number) =>
        Array.from({ length: rowCount }, (_, row) =>
          fails(row)
            ? { key: `row ${row}`, status: 'failed', output: null }
            : {
                key: `row ${row}`,
                status: 'succeeded',
                output: { label: `label of ${textOf('b', row)}` },
              },
        );

      await callBatch(testBed.url, 'call', { batch: 'b', rows: ROWS });
      // What was not submitted yet could not be lost.
      await eventually(
        'all submissions and a part of the results',
        async () => submissions() >= ROWS && (await count('succeeded')) >= ROWS / 6,
        2 * MINUTE,
      );
      await testBed.kill('SIGKILL');
      down();
      // Baseten gives up on a result after its second attempt. An attempt that is under way may
      // still be held by the proxy until n8n is there again.
      const givenUp = () => {
        const refused = testBed.emulator.deliveries.filter(({ status = 0 }) => status >= 500);
        return refused.length - new Set(refused.map(({ requestId }) => requestId)).size;
      };
      await eventually('results that are given up', () => givenUp() >= ROWS / 3, MINUTE);
      await testBed.start();
      const first = await results();
      expect(first).toMatchObject(wanted(ROWS));
      expect(first.every(({ status, error }) => (status === 'failed') === Boolean(error))).toBe(
        true,
      );
      // Some were submitted again, since their results were lost when n8n was down.
      const submitted = submissions();
      expect(submitted).toBeGreaterThan(ROWS);

      // Two rows more under the same name: only these are submitted.
      await callBatch(testBed.url, 'call', { batch: 'b', rows: ROWS + 2 });
      const second = await results();
      expect(second).toMatchObject(wanted(ROWS + 2));
      // A later failure of a row that failed may name another request. Nothing else changes.
      const lasting = ({ request_id, ...row }: RowResult) =>
        row.status === 'succeeded' ? { ...row, request_id } : row;
      expect(second.slice(0, ROWS).map(lasting)).toEqual(first.map(lasting));
      expect(submissions()).toBe(submitted + 2);
    },
    12 * MINUTE,
  );
});

describe('a call that sleeps for some seconds', () => {
  useBatch({ ...HURRY, sleep: 5 });

  test(
    'a submission that is refused for what is in it fails its row, and other trouble passes',
    async () => {
      const ROWS = 6;
      const match = { method: 'POST', path: '/async_predict' };
      const { faults } = testBed.emulator;
      faults.add({ kind: 'status', status: 422, match });
      faults.add({ kind: 'status', status: 401, match });
      faults.add({ kind: 'lost', match });
      await callBatch(testBed.url, 'call', { batch: 'b', rows: ROWS });
      const given = await results();
      expect(given.map(({ key }) => key)).toEqual(
        Array.from({ length: ROWS }, (_, row) => `row ${row}`),
      );
      const failed = given.filter(({ status }) => status === 'failed');
      expect(failed).toHaveLength(1);
      expect(failed[0]?.error).toMatch(/422|refused/);
      // What Baseten did not take does not count, and neither does what it took twice.
      expect(given.map(({ attempts }) => attempts)).toEqual(given.map(() => 1));
    },
    5 * MINUTE,
  );

  test(
    'a row without its model ends the call before anything is stored, and says which row',
    async () => {
      const { api } = testBed.n8n;
      const batch = (
        await api.call<Array<{ id: string; name: string }>>('GET', '/rest/workflows')
      ).find(({ name }) => name === 'Durable Batch');
      const other = await testBed.add(batchCaller(batch?.id as string, '', 'nothing'));
      await callBatch(testBed.url, 'nothing', { batch: 'b', rows: 3 });
      const [execution] = await eventually('the call', async () => {
        const all = await api.executions(other);
        return all.length > 0 && all;
      });
      const run = await api.waitFor(execution?.id as string);
      expect(run.error).toMatch(/Row 1: modelId is missing\. Give the ID of the model\./);
      expect(await rows()).toEqual([]);
    },
    5 * MINUTE,
  );
});

describe('while Baseten runs the requests of all rows', () => {
  useBatch({ ...HURRY, sleep: 5 });
  const ROWS = 4;

  /** Calls the batch, with a model that never responds, and waits until all is submitted. */
  async function startBatch(): Promise<void> {
    testBed.emulator.addModel({
      kind: 'model',
      id: MODEL_IDS.sentiment,
      name: 'Sentiment',
      handler: async ({ signal }) =>
        await new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve(json({})), { once: true }),
        ),
    });
    await callBatch(testBed.url, 'call', { batch: 'b', rows: ROWS });
    const noted = async () => (await rows()).filter(({ request_id }) => request_id).length;
    await eventually('all rows submitted', async () => (await noted()) === ROWS, 2 * MINUTE);
  }

  /** Lets every look at a status fail this way. */
  function failLooks(fault: Omit<Fault, 'match' | 'times'>): void {
    testBed.emulator.faults.clear();
    const match = { method: 'GET', path: '/async_request/' };
    testBed.emulator.faults.add({ ...fault, match, times: 'always' });
  }

  test(
    'a status that cannot be had leaves a row as it is, and notes why',
    async () => {
      await startBatch();
      const faults: Array<[Omit<Fault, 'match' | 'times'>, RegExp]> = [
        [{ kind: 'status', status: 401 }, /refused the API key/],
        [{ kind: 'status', status: 403 }, /may not call/],
        [{ kind: 'status', status: 500 }, /raised an error/],
        [{ kind: 'reset' }, /connection/i],
        [{ kind: 'html' }, /crashed or could not be reached/],
      ];
      for (const [fault, reason] of faults) {
        failLooks(fault);
        await eventually(
          `rows that say ${reason}`,
          async () => (await rows()).every(({ error }) => reason.test(error)),
          2 * MINUTE,
        );
      }
      // A rate limit slows the node down, so nobody waits for the end of such a run.
      failLooks({ kind: 'status', status: 429 });
      const before = looks();
      await eventually('looks that are answered 429', () => looks() >= before + ROWS, MINUTE);
      const states = (await rows()).map(({ status, attempts }) => [status, attempts]);
      expect(states).toEqual(Array.from({ length: ROWS }, () => ['submitted', 1]));
      expect(submissions()).toBe(ROWS);
    },
    12 * MINUTE,
  );

  test(
    'a row that Baseten does not know is submitted again after two looks, five times at most',
    async () => {
      await startBatch();
      failLooks({ kind: 'status', status: 404 });
      await eventually(
        'rows that are looked at once',
        async () => (await rows()).some(({ error }) => /did not find/.test(error)),
        MINUTE,
      );
      await eventually('all rows failed', async () => (await count('failed')) === ROWS, 8 * MINUTE);
      expect(submissions()).toBe(5 * ROWS);
      const given = await results();
      expect(given.map(({ key }) => key)).toEqual(['row 0', 'row 1', 'row 2', 'row 3']);
      for (const { status, attempts, error } of given) {
        expect([status, attempts]).toEqual(['failed', 5]);
        expect(error).toMatch(/^Submitted 5 times, and no result came: Baseten did not find/);
      }
      // Nothing goes on when all have failed.
      const before = testBed.emulator.requests.length;
      const later = Date.now() + 10_000;
      await eventually('time for a few more runs', () => Date.now() > later);
      expect(testBed.emulator.requests).toHaveLength(before);
    },
    14 * MINUTE,
  );
});
