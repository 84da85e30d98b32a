import { readExample } from '../../host/demo/examples';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { type Fault, json, MODEL_IDS } from '../../emulator';
import type { SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';

const MINUTE = 60_000;
const MOST_ROWS = 60;

interface Row {
  id: number;
  text: string;
  status: string;
  label: string | null;
  request_id: string;
  attempts: number;
  error: string;
}

let testBed: SimulatedTestBed;
beforeEach(async () => {
  testBed = await startTestBed({ host: await installedHost(), withProxy: true });
}, 20 * MINUTE);
afterEach(async () => await testBed?.close(), MINUTE);

/** The example with schedules that run every few seconds, and with this many rows. */
function hurried(count: number): WorkflowJson {
  const workflow = readExample({ file: 'reliable-batch.json' });
  const text = JSON.stringify(workflow)
    .replace('{"field":"minutes","minutesInterval":1}', '{"field":"seconds","secondsInterval":3}')
    .replace('{"field":"minutes","minutesInterval":5}', '{"field":"seconds","secondsInterval":4}')
    .replace('$now.minus({ minutes: 5 })', '$now.minus({ seconds: 8 })')
    .replace(/"jsCode":"(?:[^"\\]|\\.)*"/, () => `"jsCode":${JSON.stringify(rowsCode(count))}`);
  expect(text).toMatch(/"secondsInterval":3.*"secondsInterval":4/s);
  return JSON.parse(text) as WorkflowJson;
}

const rowsCode = (count: number) =>
  `return Array.from({ length: ${count} }, (_, n) => ` +
  '({ json: { text: "Review " + n, status: "new" } }));';

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
  const table = tables.data.find(({ name }) => name === 'baseten_batch');
  if (!table) return [];
  const path = `/rest/projects/${table.projectId}/data-tables/${table.id}/rows?take=${2 * MOST_ROWS}`;
  return (await api.call<Page<Row>>('GET', path)).data;
}

/** How often something was submitted so far. */
const submissions = () =>
  testBed.emulator.requests.filter(({ path }) => path.endsWith('/async_predict')).length;

/** How often Baseten was asked for a status so far. */
const looks = () =>
  testBed.emulator.requests.filter(({ path }) => path.includes('/async_request/')).length;

test(
  'every row ends with exactly one result, n8n killed in the middle',
  async () => {
    // The model responds to a third, and to the rest when n8n is down. The label has the text of
    // its row, so that a mix-up would show.
    let requests = 0;
    let down: () => void = () => {};
    const whenDown = new Promise<void>((resolve) => (down = resolve));
    testBed.emulator.addModel({
      kind: 'model',
      id: MODEL_IDS.sentiment,
      name: 'Sentiment',
      handler: async (call) => {
        if (++requests > MOST_ROWS / 3) await whenDown;
        await call.clock.sleep(300);
        return json({ label: `label of ${(call.json() as { text: string }).text}` });
      },
    });
    const ROWS = MOST_ROWS;
    const id = await testBed.add(hurried(ROWS));
    const done = async () => (await rows()).filter(({ status }) => status === 'done').length;
    await testBed.n8n.api.runAndWait(id, '1 Fill the Table');
    await eventually('a part of the results', async () => (await done()) >= ROWS / 6, MINUTE);
    await testBed.kill('SIGKILL');
    down();
    // Baseten gives up on a result after its second attempt.
    const givenUp = () =>
      testBed.emulator.deliveries.filter(({ status = 500 }) => status >= 500).length;
    await eventually('results that are given up', () => givenUp() >= ROWS / 3, MINUTE);
    await testBed.start();
    await eventually('all rows done', async () => (await done()) === ROWS, 3 * MINUTE);

    const table = await rows();
    expect(table.map(({ text, label }) => [text, label])).toEqual(
      Array.from({ length: ROWS }, (_, n) => [`Review ${n}`, `label of Review ${n}`]),
    );
    // Some were submitted again, since their results were lost when n8n was down.
    expect(submissions()).toBeGreaterThan(ROWS);
  },
  8 * MINUTE,
);

describe('while Baseten runs the requests of all rows', () => {
  const ROWS = 4;

  /** Starts the batch, with a model that never responds, and waits until all is submitted. */
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
    const id = await testBed.add(hurried(ROWS));
    await testBed.n8n.api.runAndWait(id, '1 Fill the Table');
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
      await eventually(
        'all rows failed',
        async () => (await rows()).every(({ status }) => status === 'failed'),
        8 * MINUTE,
      );
      expect(submissions()).toBe(5 * ROWS);
      for (const { error } of await rows())
        expect(error).toMatch(/^Submitted 5 times, and no result came: Baseten did not find/);
      // Nothing goes on when all have failed.
      const before = testBed.emulator.requests.length;
      const later = Date.now() + 10_000;
      await eventually('time for a few more runs', () => Date.now() > later);
      expect(testBed.emulator.requests).toHaveLength(before);
    },
    12 * MINUTE,
  );
});
