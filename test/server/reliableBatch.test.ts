import { readExample } from '../../host/demo/examples';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { json, MODEL_IDS } from '../../emulator';
import { type SimulatedTestBed, startTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';

const MINUTE = 60_000;
const ROWS = 60;

interface Row {
  id: number;
  text: string;
  status: string;
  label: string | null;
  request_id: string;
}

let testBed: SimulatedTestBed;
beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);

/** The example with schedules that run every few seconds, and with more rows. */
function hurried(): WorkflowJson {
  const workflow = readExample({ file: 'reliable-batch.json' });
  const text = JSON.stringify(workflow)
    .replace('{"field":"minutes","minutesInterval":1}', '{"field":"seconds","secondsInterval":3}')
    .replace('{"field":"minutes","minutesInterval":5}', '{"field":"seconds","secondsInterval":4}')
    .replace('$now.minus({ minutes: 5 })', '$now.minus({ seconds: 8 })')
    .replace(/"jsCode":"(?:[^"\\]|\\.)*"/, () => `"jsCode":${JSON.stringify(rowsCode())}`);
  expect(text).toMatch(/"secondsInterval":3.*"secondsInterval":4/s);
  return JSON.parse(text) as WorkflowJson;
}

const rowsCode = () =>
  `return Array.from({ length: ${ROWS} }, (_, n) => ` +
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
  const path = `/rest/projects/${table.projectId}/data-tables/${table.id}/rows?take=${2 * ROWS}`;
  return (await api.call<Page<Row>>('GET', path)).data;
}

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
        if (++requests > ROWS / 3) await whenDown;
        await call.clock.sleep(300);
        return json({ label: `label of ${(call.json() as { text: string }).text}` });
      },
    });
    const id = await testBed.add(hurried());
    const done = async () => (await rows()).filter(({ status }) => status === 'done').length;
    await testBed.n8n.api.runAndWait(id, '1 Fill the Table');
    await eventually('a part of the results', async () => (await done()) >= ROWS / 6, MINUTE);
    await testBed.kill('SIGKILL');
    down();
    // Baseten gives up on a result after its second attempt.
    const givenUp = () =>
      testBed.emulator.deliveries.filter(({ status }) => status === undefined).length;
    await eventually('results that are given up', () => givenUp() >= ROWS / 3, MINUTE);
    await testBed.start();
    await eventually('all rows done', async () => (await done()) === ROWS, 3 * MINUTE);

    const table = await rows();
    expect(table.map(({ text, label }) => [text, label])).toEqual(
      Array.from({ length: ROWS }, (_, n) => [`Review ${n}`, `label of Review ${n}`]),
    );
    // Some were submitted again, since their results were lost when n8n was down.
    const submissions = testBed.emulator.requests.filter(({ path }) =>
      path.endsWith('/async_predict'),
    );
    expect(submissions.length).toBeGreaterThan(ROWS);
  },
  8 * MINUTE,
);
