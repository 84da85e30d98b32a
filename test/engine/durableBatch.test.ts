import { WorkflowExecute } from 'n8n-core';
import { createRunExecutionData, type INode, type IRun, Workflow } from 'n8n-workflow';

import { MODEL_IDS } from '../../emulator';
import { readExample } from '../../host/demo/examples';
import { executionData } from '../../host/n8n/engine';
import { type WorkflowJson, withCredentials } from '../../host/n8n/workflowJson';
import { isRecord } from '../../nodes/shared/json';
// With its ending: without it some loaders find the codex file Baseten.node.json first.
import { Baseten } from '../../nodes/Baseten/Baseten.node.ts';
import { coreNodes, DataTable } from '../support/coreNodes';
import { credentialFor, useEmulator } from '../support/emulator';

const emulator = useEmulator();
const MINUTE = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();

/** Runs what stands behind a trigger of the example. */
async function runFrom(trigger: string, table: DataTable, executionId = 'execution-1') {
  const example = readExample({ file: 'durable-batch.json' });
  const { nodes, connections } = behind(trigger, withCredentials(example, {}));
  for (const { parameters } of nodes) {
    // The example keeps to a rate, which would take the test minutes.
    if (isRecord(parameters.options)) delete parameters.options.requestsPerMinute;
    // A few rows are several rounds of the loop then.
    if (parameters.batchSize === 100) parameters.batchSize = 10;
  }
  const types = { ...coreNodes(table), 'n8n-nodes-baseten.baseten': new Baseten() };
  const byName = (type: string) => types[type as keyof typeof types];
  const workflow = new Workflow({
    id: 'workflow-1',
    name: 'Durable Batch',
    nodes: nodes as unknown as INode[],
    connections: connections as never,
    active: true,
    nodeTypes: { getByName: byName, getByNameAndVersion: byName, getKnownTypes: () => ({}) },
    settings: { executionOrder: 'v1' },
  });
  const credential = credentialFor(emulator(), { webhookSecret: 'whsec_test' });
  const node = workflow.getNode(trigger) as INode;
  const data = createRunExecutionData({
    executionData: {
      nodeExecutionStack: [{ node, data: { main: [[{ json: {} }]] }, source: null }],
    },
  });
  const additionalData = await executionData(credential, executionId);
  const run: IRun = await new WorkflowExecute(
    additionalData,
    'trigger',
    data,
  ).processRunExecutionData(workflow);
  expect(run.data.resultData.error).toBeUndefined();
  return run;
}

/** The part of a workflow that a trigger starts. */
function behind(trigger: string, { nodes, connections }: WorkflowJson) {
  const links = connections as Record<string, { main: Array<Array<{ node: string }>> }>;
  const names = new Set([trigger]);
  for (const name of names)
    for (const { node } of (links[name]?.main ?? []).flat()) names.add(node);
  return { nodes: nodes.filter(({ name }) => names.has(name)), connections };
}

/** Rows as the example stores them. */
const tableOf = (count: number, more: (id: number) => object = () => ({})) =>
  new DataTable(
    Array.from({ length: count }, (_, index) => ({
      id: index + 1,
      batch: 'b',
      key: `row ${index + 1}`,
      input: JSON.stringify({ text: `text ${index + 1}` }),
      model_id: MODEL_IDS.echo,
      target: 'production',
      status: 'new',
      attempts: 1,
      request_id: '',
      submitted_at: ago(60),
      looked_at: ago(60),
      look: '',
      not_found: 0,
      output: '',
      error: '',
      ...more(index + 1),
    })),
  );

/** The texts that were submitted, in the order of the rows. */
const submitted = () =>
  emulator()
    .requests.filter(({ path }) => path.endsWith('/async_predict'))
    .map((request) => (request.json() as { model_input: { text: string } }).model_input.text)
    .sort((a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]));
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index + 1}`);

test('all new rows are submitted once, and each request is noted in its row', async () => {
  const table = tableOf(35);
  await runFrom('2 Every Minute', table);
  expect(submitted()).toStrictEqual(texts(35));
  expect(table.withStatus('submitted').filter(({ request_id: id }) => id)).toHaveLength(35);
  expect(new Set(table.rows.map(({ request_id: id }) => id)).size).toBe(35);
});

test('two runs at the same time submit no row twice', async () => {
  const table = tableOf(60);
  await Promise.all(['1', '2'].map(async (id) => await runFrom('2 Every Minute', table, id)));
  await runFrom('2 Every Minute', table, '3');
  expect(submitted()).toStrictEqual(texts(60));
});

test('a refusal and trouble are noted in the row that they belong to', async () => {
  const table = tableOf(3, (id) => ({ attempts: id }));
  const match = { method: 'POST', path: /async_predict/ };
  emulator().faults.add({ kind: 'status', status: 422, match });
  emulator().faults.add({ kind: 'status', status: 401, match });
  await runFrom('2 Every Minute', table);
  const [failed, ...others] = table.withStatus('failed');
  expect(others).toStrictEqual([]);
  expect(failed?.error).toMatch(/refused the input/);
  const troubled = table.withStatus('submitted').filter(({ request_id: id }) => id === '');
  expect(troubled).toHaveLength(1);
  expect(troubled[0]).toMatchObject({ attempts: Number(troubled[0]?.id) - 1 });
  expect(troubled[0]?.error).toMatch(/refused the API key/);
});

test('a look begins at the row that waits for the longest time, and takes 500', async () => {
  const table = tableOf(900, (id) => ({
    status: 'submitted',
    looked_at: ago(id === 300 ? 60 : id > 300 ? 10 : 8),
  }));
  await runFrom('4 Every Minute', table, 'look-1');
  const looked = table.rows.filter(({ look }) => look === 'look-1').map(({ id }) => id);
  expect([looked[0], looked.at(-1), looked.length]).toStrictEqual([300, 799, 500]);
  // They were claimed, but no request was noted.
  expect(table.withStatus('new').map(({ id }) => id)).toStrictEqual(looked);
  expect(table.withStatus('new').every(({ attempts }) => attempts === 2)).toBe(true);
});

test('a request that Baseten does not know makes its row new again at the second look', async () => {
  const table = tableOf(2, (id) => ({ status: 'submitted', request_id: `unknown${id}` }));
  await runFrom('4 Every Minute', table);
  expect(table.rows.map(({ status, not_found: times }) => [status, times])).toStrictEqual([
    ['submitted', 1],
    ['submitted', 1],
  ]);
  table.rows.forEach((row) => (row.looked_at = ago(6)));
  await runFrom('4 Every Minute', table);
  expect(table.rows.map(({ status, attempts }) => [status, attempts])).toStrictEqual([
    ['new', 2],
    ['new', 2],
  ]);
});
