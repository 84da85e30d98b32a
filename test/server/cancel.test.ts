import { Readable } from 'node:stream';

import { json, type ModelCall } from '../../emulator';
import { chainOf, type WorkflowJson } from '../../host/n8n/workflowJson';
import { emulatorCredential, type SimulatedTestBed } from '../../host/n8n/testBed';
import { eventually } from '../support/eventually';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';

const MINUTE = 60_000;
const [IN_FLIGHT, ITEMS] = [16, 60];
/** After somebody has pressed Stop, nothing may be in flight after this many milliseconds. */
const SOON_MS = 1000;
const PAUSE_SECONDS = 3;

let testBed: SimulatedTestBed;
/** The IDs of the credentials, one for each way that requests can take. */
const credentials: Record<string, string> = {};

beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost() });
  for (const connection of ['auto', 'n8n']) {
    const data = { ...emulatorCredential(testBed.emulator), connection };
    credentials[connection] = await testBed.n8n.api.createCredential({
      name: connection,
      type: 'basetenWorkspaceApi',
      data,
    });
  }
}, 20 * MINUTE);
afterAll(async () => await testBed?.close(), MINUTE);
beforeEach(() => {
  testBed.emulator.faults.clear();
  testBed.emulator.clearRequests();
});

/** Resolves when the caller has gone away. */
const gone = async ({ signal }: ModelCall) =>
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

/** A workflow whose Baseten node works on many items. */
function manyItems(modelId: string, options: object): WorkflowJson {
  return chainOf(`Stop ${modelId}`, [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    {
      name: 'Items',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      parameters: {
        jsCode: `return Array.from({ length: ${ITEMS} }, (_, n) => ({ json: { n } }));`,
      },
    },
    {
      name: 'Baseten',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'model',
        operation: 'predict',
        modelId: byId(modelId),
        inputMode: 'item',
        options,
      },
      credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
    },
    { name: 'After', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

const byId = (value: string) => ({ __rl: true, mode: 'id', value });

async function start(workflow: WorkflowJson, connection: string): Promise<string> {
  const { api } = testBed.n8n;
  return await api.run(
    await api.importWorkflow(workflow, { basetenWorkspaceApi: String(credentials[connection]) }),
    'Start',
  );
}

/**
 * Does what the editor's button *Stop* does. Returns the milliseconds until nothing is in flight.
 */
async function stop(executionId: string): Promise<number> {
  const clicked = performance.now();
  const left = eventually(
    'nothing in flight',
    () => (testBed.emulator.inFlight === 0 ? performance.now() : undefined),
    20_000,
  );
  await testBed.n8n.api.call('POST', `/rest/executions/${executionId}/stop`);
  return (await left) - clicked;
}

async function expectStopped(executionId: string): Promise<void> {
  const run = await testBed.n8n.api.waitFor(executionId);
  expect(run.status).toBe('canceled');
  expect(run.nodeNames).not.toContain('After');
}

describe.each(['auto', 'n8n'])(
  'stopping an execution in the editor, connection %s',
  (connection) => {
    test(
      'aborts every prediction in flight within a second and sends nothing more',
      async () => {
        const id = `endless${connection === 'auto' ? 1 : 2}`;
        let aborted = 0;
        const handler = async (call: ModelCall) => {
          await gone(call);
          aborted++;
          return json({});
        };
        testBed.emulator.addModel({ id, name: id, handler });
        const executionId = await start(manyItems(id, { maxConcurrency: IN_FLIGHT }), connection);
        await eventually('all in flight', () => testBed.emulator.inFlight === IN_FLIGHT);

        expect(await stop(executionId)).toBeLessThan(SOON_MS);
        expect(aborted).toBe(IN_FLIGHT);
        await expectStopped(executionId);
        expect(testBed.emulator.requests).toHaveLength(IN_FLIGHT);
      },
      MINUTE,
    );

    test(
      'ends the pause before a repeat, which is not sent',
      async () => {
        const id = `pausing${connection === 'auto' ? 1 : 2}`;
        testBed.emulator.addModel({ id, name: id, handler: () => json({}) });
        const headers = { 'retry-after': String(PAUSE_SECONDS) };
        testBed.emulator.faults.add({
          kind: 'status',
          status: 503,
          headers,
          match: { modelId: id },
          times: 'always',
        });
        const executionId = await start(manyItems(id, { maxConcurrency: 2 }), connection);
        const last = await eventually('both refused', () => {
          const [, second] = testBed.emulator.requests.filter(({ status }) => status === 503);
          return second?.receivedAt;
        });

        await stop(executionId);
        await expectStopped(executionId);
        const repeatAt = last + (PAUSE_SECONDS + 1) * 1000;
        await eventually(
          'the time of the repeat to pass',
          () => Date.now() > repeatAt || undefined,
        );
        expect(testBed.emulator.requests).toHaveLength(2);
      },
      MINUTE,
    );

    test(
      'cuts a streamed response off',
      async () => {
        const id = `streams${connection === 'auto' ? 1 : 2}`;
        let isCut = false;
        const server = (call: ModelCall) => ({
          headers: { 'content-type': 'text/event-stream' },
          body: Readable.from(words(call)),
        });
        async function* words(call: ModelCall) {
          const chunk = {
            object: 'chat.completion.chunk',
            choices: [{ index: 0, delta: { role: 'assistant', content: 'Once' } }],
          };
          yield Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
          await gone(call);
          isCut = true;
        }
        testBed.emulator.addModel({ id, name: id, handler: () => json({}), server });
        const { api, url } = testBed.n8n;
        const workflowId = await api.importWorkflow(streaming(id), {
          basetenWorkspaceApi: String(credentials[connection]),
        });
        await api.publish(workflowId);
        const reader = new AbortController();
        const { signal } = reader;
        const reading = readToTheEnd(fetch(`${url}/webhook/${id}`, { method: 'POST', signal }));
        await eventually('the stream', () => testBed.emulator.inFlight === 1);
        const [execution] = await api.executions(workflowId);

        expect(await stop(String(execution?.id))).toBeLessThan(SOON_MS);
        expect(isCut).toBe(true);
        await expectStopped(String(execution?.id));
        expect(testBed.emulator.requests).toHaveLength(1);
        reader.abort();
        await reading;
      },
      MINUTE,
    );
  },
);

/** Reads a response until it ends or breaks off. */
async function readToTheEnd(request: Promise<Response>): Promise<void> {
  try {
    await (await request).arrayBuffer();
  } catch {
    // The test ends it itself.
  }
}

/** A workflow that responds to a call with a model's words as they come. */
function streaming(modelId: string): WorkflowJson {
  return chainOf(`Stream ${modelId}`, [
    {
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2.1,
      parameters: { path: modelId, httpMethod: 'POST', responseMode: 'streaming' },
      webhookId: modelId,
    },
    {
      name: 'Baseten',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'chat',
        operation: 'complete',
        source: 'deployment',
        modelId: byId(modelId),
        model: byId('baseten'),
        prompt: 'Tell a story',
        options: {},
      },
      credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
    },
  ]);
}
