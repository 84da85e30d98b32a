import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../emulator';
import { readExample } from '../../host/demo/examples';
import { type N8n, startN8n } from '../../host/n8n/n8n';
import type { CredentialJson } from '../../host/n8n/api';
import { installPacked } from '../../host/install/pack';
import { emulatorCredential } from '../../host/n8n/testBed';
import { temporaryFolder, type TemporaryFolder } from '../../host/temporaryFolder';
import type { Run } from '../../host/n8n/run';
import { chainOf, startingTrigger, type WorkflowJson } from '../../host/n8n/workflowJson';
import { installedHost } from '../support/installedHost';

const MINUTE = 60_000;
const OTHER = '@basetenlabs/n8n-nodes-baseten';
const THEIR_ADDRESS = 'https://inference.baseten.co/v1';

/** The official package, or a small one that takes its place here. */
const otherPackage = process.env.OFFICIAL_PACKAGE || join(__dirname, 'otherPackage');

let emulator: Emulator;
let n8n: N8n;
let folder: TemporaryFolder;
/** IDs of a credential of each package's own type. */
let credentials: { theirs: string; ours: string };

beforeAll(async () => {
  const host = await installedHost();
  emulator = await startEmulator({ port: 0 });
  folder = await temporaryFolder('beside');
  await installOther();
  n8n = await startN8n({ host, userFolder: folder.path });
  credentials = {
    theirs: await n8n.api.createCredential(theirCredential(emulator.apiKey)),
    ours: await n8n.api.createCredential({
      name: 'Baseten',
      type: 'basetenWorkspaceApi',
      data: emulatorCredential(emulator),
    }),
  };
}, 20 * MINUTE);

afterAll(async () => {
  await n8n?.stop();
  await emulator?.close();
  await folder?.remove();
}, MINUTE);

test('n8n loads the nodes of both packages', async () => {
  const types = await n8n.api.nodeTypes();
  expect(types).toEqual(
    expect.arrayContaining([
      `${OTHER}.lmChatBaseten`,
      'n8n-nodes-baseten.lmChatBaseten',
      'n8n-nodes-baseten.baseten',
    ]),
  );
});

test('their credential is tested by their package', async () => {
  const test = async (apiKey: string) =>
    await n8n.api.testCredential({ id: credentials.theirs, ...theirCredential(apiKey) });
  expect(await test(emulator.apiKey)).toMatchObject({ status: 'OK' });
  expect(await test('wrong-key-4711')).toMatchObject({ status: 'Error' });
});

test(
  'their chat model answers with a credential of theirs',
  async () => {
    const run = await runWith(asking());
    expect(run.error).toBeUndefined();
    expect(run.lastItems[0]?.json.text).toContain('Simulated answer');
  },
  MINUTE,
);

test('our node calls the endpoints of a credential of ours', async () => {
  expect((await runExample('call-chain.json')).error).toBeUndefined();
});

test('our node has the webhook secret of a credential of ours', async () => {
  const run = await runExample('wait-for-result.json');
  expect(run.error ?? '').not.toContain('There is no webhook secret');
});

async function runExample(file: string): Promise<Run> {
  return await runWith(readExample({ file }));
}

/** Runs a workflow from its trigger, its nodes with a credential of their own package. */
async function runWith(workflow: WorkflowJson): Promise<Run> {
  const id = await n8n.api.importWorkflow(workflow, {
    basetenApi: credentials.theirs,
    basetenWorkspaceApi: credentials.ours,
  });
  return await n8n.api.runAndWait(id, startingTrigger(workflow)?.name ?? '');
}

function theirCredential(apiKey: string): CredentialJson {
  return { name: 'Baseten', type: 'basetenApi', data: { apiKey } };
}

/** Installs their package. Its one fixed address is replaced by the emulator's. */
async function installOther(): Promise<void> {
  const copy = join(folder.path, 'other');
  await cp(otherPackage, copy, { recursive: true });
  for (const name of await readdir(copy, { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const text = await readFile(join(copy, name), 'utf8');
    await writeFile(join(copy, name), text.replaceAll(THEIR_ADDRESS, emulator.modelApiUrl));
  }
  await installPacked(folder.path, copy);
}

/** A question to their chat model through n8n's own chain. */
function asking(): WorkflowJson {
  const workflow = chainOf('Ask', [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    {
      name: 'Ask',
      type: '@n8n/n8n-nodes-langchain.chainLlm',
      typeVersion: 1.5,
      parameters: { promptType: 'define', text: 'Hello' },
    },
  ]);
  return {
    ...workflow,
    nodes: [
      ...workflow.nodes,
      {
        id: 'Model',
        name: 'Model',
        type: `${OTHER}.lmChatBaseten`,
        typeVersion: 1,
        position: [0, 200],
        parameters: { model: 'emulator/chat' },
        credentials: { basetenApi: { id: '', name: 'Baseten' } },
      },
    ],
    connections: {
      ...workflow.connections,
      Model: { ai_languageModel: [[{ node: 'Ask', type: 'ai_languageModel', index: 0 }]] },
    },
  };
}
