import { readExample } from '../../host/demo/examples';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { json, MODEL_IDS } from '../../emulator';
import { eventually, startRestartable, type Restartable } from '../support/restartable';

const MINUTE = 60_000;
const ROWS = 60;

interface Row {
  id: number;
  text: string;
  status: string;
  label: string | null;
  request_id: string;
}

let scene: Restartable;
beforeAll(async () => {
  scene = await startRestartable();
}, 20 * MINUTE);
afterAll(async () => await scene?.close(), MINUTE);

/** The example as it is, only faster: its schedules run every few seconds, and its batch is longer. */
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
  `return Array.from({ length: ${ROWS} }, (_, n) => ({ json: { text: "Review " + n, status: "new" } }));`;

/** A page of n8n's data table routes. */
interface Page<T> {
  count: number;
  data: T[];
}

async function rows(): Promise<Row[]> {
  const { api } = scene.n8n;
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
    // A third is answered, the rest only once n8n is down; the answer names its row's text, so that a mix-up would show.
    let answered = 0;
    let down: () => void = () => {};
    const whenDown = new Promise<void>((resolve) => (down = resolve));
    scene.emulator.addModel({
      kind: 'model',
      id: MODEL_IDS.sentiment,
      name: 'Sentiment',
      handler: async (call) => {
        if (++answered > ROWS / 3) await whenDown;
        await call.clock.sleep(300);
        return json({ label: `label of ${(call.json() as { text: string }).text}` });
      },
    });
    const id = await scene.add(hurried());
    const done = async () => (await rows()).filter(({ status }) => status === 'done').length;
    await scene.n8n.api.runAndWait(id, '1 Fill the Table');
    await eventually(
      'a part of the results',
      async () => ((await done()) >= ROWS / 6 ? true : undefined),
      MINUTE,
    );
    await scene.kill('SIGKILL');
    down();
    // Baseten gives up on a result after its second attempt.
    const unanswered = () =>
      scene.emulator.deliveries.filter(({ status }) => status === undefined).length;
    await eventually(
      'results that are given up',
      () => (unanswered() >= ROWS / 3 ? true : undefined),
      MINUTE,
    );
    await scene.start();
    await eventually(
      'all rows done',
      async () => ((await done()) === ROWS ? true : undefined),
      3 * MINUTE,
    );

    const table = await rows();
    expect(table.map(({ text, label }) => [text, label])).toEqual(
      Array.from({ length: ROWS }, (_, n) => [`Review ${n}`, `label of Review ${n}`]),
    );
    // Some were submitted again, since their results were lost with n8n down.
    const submissions = scene.emulator.requests.filter(({ path }) =>
      path.endsWith('/async_predict'),
    );
    expect(submissions.length).toBeGreaterThan(ROWS);
  },
  8 * MINUTE,
);
