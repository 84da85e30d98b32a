import { join } from 'node:path';
import { EXAMPLES } from '../../host/demo/examples';
import { ensureHost } from '../../host/install/install';
import { OlderN8nApi } from '../../host/n8n/olderApi';
import { PROJECT } from '../../host/install/pack';
import { progressLines } from '../../host/install/progress';
import { openStage, play, type Stage } from '../../host/demo/stage';
import { chainOf } from '../../host/n8n/workflowJson';

const MINUTE = 60_000;

/** The examples that need nothing newer than the nodes themselves do. */
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
];

/** n8n 1.x has one connection to SQLite otherwise, on which the transactions of parallel webhooks get in each other's way. */
const SQLITE_POOL = { DB_SQLITE_POOL_SIZE: '4' };

let stage: Stage;

beforeAll(async () => {
  const progress = progressLines();
  const host = await ensureHost(progress.show, undefined, join(PROJECT, 'host/oldest')).finally(
    progress.stop,
  );
  stage = await openStage({ host, Api: OlderN8nApi, env: SQLITE_POOL });
}, 20 * MINUTE);

afterAll(async () => await stage?.close(), MINUTE);

test('every node loads', async () => {
  const types = await stage.n8n.api.nodeTypes();
  expect(types.filter((type) => type.startsWith('n8n-nodes-baseten.')).sort()).toEqual([
    'n8n-nodes-baseten.baseten',
    'n8n-nodes-baseten.basetenTool',
    'n8n-nodes-baseten.basetenTrigger',
    'n8n-nodes-baseten.basetenWait',
    'n8n-nodes-baseten.embeddingsBaseten',
    'n8n-nodes-baseten.lmChatBaseten',
  ]);
});

test('the credential test accepts a right key', async () => {
  expect(await stage.n8n.api.testCredential(stage.credential)).toMatchObject({ status: 'OK' });
});

test.each(CORE)(
  '%s gives what it should',
  async (file) => {
    const { outcome, failure } = await play(stage, exampleOf(file));
    expect(failure).toBeUndefined();
    expect(outcome?.summary).not.toBe('');
  },
  2 * MINUTE,
);

test('the embeddings reach a vector store', async () => {
  const workflow = await stage.add(embedding());
  const run = await stage.n8n.api.runAndWait(workflow, 'Start');
  expect(run.error).toBeUndefined();
  expect(run.items('Insert')).not.toHaveLength(0);
});

describe('what this n8n is too old for', () => {
  test.each(['wait-for-result.json', 'wait-in-a-loop.json'])(
    '%s says so and submits nothing',
    async (file) => {
      stage.emulator?.clearRequests();
      const { failure } = await play(stage, exampleOf(file));
      expect(failure).toContain('Wait for Result needs n8n 2.0 or newer');
      expect(stage.emulator?.requests).toEqual([]);
    },
  );

  test('the chat model says that the AI SDK is missing, and what to use instead', async () => {
    const { failure } = await play(stage, exampleOf('agent-with-tool.json'));
    expect(failure).toContain('lacks the AI SDK');
    expect(failure).toContain('Chat → Complete needs no SDK');
  });
});

function exampleOf(file: string) {
  const example = EXAMPLES.find((each) => each.file === file);
  if (!example) throw new Error(`${file} is no example`);
  return example;
}

/** A text into a vector store, with the node versions of the time: the example has later ones. */
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
        { basetenApi: { id: 'baseten-demo', name: 'Baseten' } },
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
