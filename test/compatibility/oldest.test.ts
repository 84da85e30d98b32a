import { join } from 'node:path';
import { EXAMPLES } from '../../host/demo/examples';
import { OlderN8nApi } from '../../host/n8n/olderApi';
import { PROJECT } from '../../host/install/pack';
import { runExample } from '../../host/demo/runExample';
import { FAST_WEBHOOKS, type SimulatedTestBed } from '../../host/n8n/testBed';
import { chainOf } from '../../host/n8n/workflowJson';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';

const MINUTE = 60_000;

/** The examples that need no newer n8n than the nodes do. */
const CORE = [
  'classify-reviews.json',
  'generate-image.json',
  'submit-and-poll.json',
  'wake-then-predict.json',
  'call-chain.json',
  'async-to-trigger.json',
  'burst-of-completions.json',
  'chat-with-json.json',
  'describe-an-image.json',
  'durable-batch.json',
  'streaming-chat.json',
];

let testBed: SimulatedTestBed;

beforeAll(async () => {
  const host = await installedHost({ pinFolder: join(PROJECT, 'host/oldest') });
  testBed = await startTestBed({ host, Api: OlderN8nApi, env: FAST_WEBHOOKS });
}, 20 * MINUTE);

afterAll(async () => await testBed?.close(), MINUTE);

test('every node loads', async () => {
  const types = await testBed.n8n.api.nodeTypes();
  expect(types.filter((type) => type.startsWith('n8n-nodes-baseten.')).sort()).toEqual([
    'n8n-nodes-baseten.baseten',
    'n8n-nodes-baseten.basetenEventTrigger',
    'n8n-nodes-baseten.basetenTool',
    'n8n-nodes-baseten.basetenTrigger',
    'n8n-nodes-baseten.basetenWait',
    'n8n-nodes-baseten.embeddingsBaseten',
    'n8n-nodes-baseten.lmChatBaseten',
    'n8n-nodes-baseten.rerankerBaseten',
  ]);
});

test('the credential test accepts a right key', async () => {
  expect(await testBed.n8n.api.testCredential(testBed.credential)).toMatchObject({ status: 'OK' });
});

test.each(CORE)(
  '%s gives what it should',
  async (file) => {
    const { outcome, failure } = await runExample(testBed, exampleOf(file));
    expect(failure).toBeUndefined();
    expect(outcome?.summary).not.toBe('');
  },
  6 * MINUTE,
);

test('the embeddings reach a vector store', async () => {
  const workflow = await testBed.add(embedding());
  const run = await testBed.n8n.api.runAndWait(workflow, 'Start');
  expect(run.error).toBeUndefined();
  expect(run.items('Insert')).not.toHaveLength(0);
});

describe('what this n8n is too old for', () => {
  test.each(['wait-for-result.json', 'wait-for-several.json'])(
    '%s says so and submits nothing',
    async (file) => {
      testBed.emulator.clearRequests();
      const { failure } = await runExample(testBed, exampleOf(file));
      expect(failure).toContain('Wait for Result needs n8n 2.41.0 or newer');
      expect(testBed.emulator.requests).toEqual([]);
    },
  );

  test('the chat model says that the AI SDK is missing, and what to use instead', async () => {
    const { failure } = await runExample(testBed, exampleOf('agent-with-tool.json'));
    expect(failure).toContain('lacks the AI SDK');
    expect(failure).toContain('Chat → Message a Model');
  });
});

function exampleOf(file: string) {
  const example = EXAMPLES.find((each) => each.file === file);
  if (!example) throw new Error(`${file} is not an example`);
  return example;
}

/**
 * Puts a text into a vector store, with node versions that this n8n knows: the example has later
 * ones.
 */
function embedding() {
  const workflow = chainOf('Embed', [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    {
      name: 'Text',
      type: 'n8n-nodes-base.code',
      typeVersion: 2,
      parameters: { jsCode: "return [{ json: { text: 'Bread dough rests for an hour.' } }];" },
    },
    {
      name: 'Insert',
      type: '@n8n/n8n-nodes-langchain.vectorStoreInMemory',
      typeVersion: 1,
      parameters: { mode: 'insert', memoryKey: 'texts' },
    },
  ]);
  const sub = (
    name: string,
    type: string,
    parameters = {},
    credentials?: Record<string, { id: string; name: string }>,
  ) => ({
    id: name,
    name,
    type,
    typeVersion: 1,
    position: [0, 200] as [number, number],
    parameters,
    credentials,
  });
  const into = (node: string, type: string) => ({ [type]: [[{ node, type, index: 0 }]] });
  return {
    ...workflow,
    nodes: [
      ...workflow.nodes,
      sub('Loader', '@n8n/n8n-nodes-langchain.documentDefaultDataLoader'),
      sub('Splitter', '@n8n/n8n-nodes-langchain.textSplitterCharacterTextSplitter'),
      sub(
        'Embeddings',
        'n8n-nodes-baseten.embeddingsBaseten',
        {
          source: 'deployment',
          modelId: { __rl: true, mode: 'id', value: 'embedd01' },
          target: 'production',
        },
        { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten' } },
      ),
    ],
    connections: {
      ...workflow.connections,
      Loader: into('Insert', 'ai_document'),
      Splitter: into('Loader', 'ai_textSplitter'),
      Embeddings: into('Insert', 'ai_embedding'),
    },
  };
}
