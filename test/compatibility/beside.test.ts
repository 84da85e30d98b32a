import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

/**
 * If the other class drops our address, our node calls Baseten's own hosts. Here they can't be
 * found.
 */
const AWAY_FROM_BASETEN = {
  NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'awayFromBaseten.cjs'))}`,
};

let emulator: Emulator;
let n8n: N8n;
let folder: TemporaryFolder;
/** Their IDs. A credential of their package has a key and nothing else. */
let credentials: { theirs: string; ours: string };

beforeAll(async () => {
  const host = await installedHost();
  emulator = await startEmulator({ port: 0 });
  folder = await temporaryFolder('beside');
  await installOther();
  n8n = await startN8n({ host, userFolder: folder.path, env: AWAY_FROM_BASETEN });
  credentials = {
    theirs: await n8n.api.createCredential(credential({ apiKey: emulator.apiKey })),
    ours: await n8n.api.createCredential(credential(emulatorCredential(emulator))),
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

test('their credential class is the one n8n uses, and its test works', async () => {
  const test = async (apiKey: string) =>
    await n8n.api.testCredential({ id: credentials.theirs, ...credential({ apiKey }) });
  expect(await test(emulator.apiKey)).toMatchObject({ status: 'OK' });
  expect(await test('wrong-key-4711')).toMatchObject({ status: 'Error' });
});

test.each(['theirs', 'ours'] as const)(
  'their chat model answers with a credential saved as %s',
  async (whose) => {
    const run = await ask(whose);
    expect(run.error).toBeUndefined();
    expect(run.lastItems[0]?.json.text).toContain('Simulated answer');
  },
  MINUTE,
);

test("our node takes the key of a credential of theirs and calls Baseten's hosts", async () => {
  expect((await callChain('theirs')).error).toContain('chain-sumscor1.api.baseten.co');
});

describe('what n8n withholds from our credential while theirs is installed', () => {
  test('its endpoints: the node calls Baseten', async () => {
    expect((await callChain('ours')).error).toContain('chain-sumscor1.api.baseten.co');
  });

  test('its webhook secret: the node says there is none, and submits nothing', async () => {
    emulator.clearRequests();
    const run = await runExample('wait-for-result.json', 'ours');
    expect(run.error).toContain('There is no webhook secret');
    expect(emulator.requests).toEqual([]);
  });
});

test(
  'our credential is whole again when theirs is removed',
  async () => {
    await n8n.kill('SIGTERM');
    await rm(join(folder.path, '.n8n/nodes/node_modules', OTHER), { recursive: true });
    n8n = await startN8n({
      host: await installedHost(),
      userFolder: folder.path,
      project: false,
      env: AWAY_FROM_BASETEN,
    });
    expect((await callChain('ours')).error).toBeUndefined();
  },
  5 * MINUTE,
);

async function callChain(whose: 'theirs' | 'ours'): Promise<Run> {
  return await runExample('call-chain.json', whose);
}

async function runExample(file: string, whose: 'theirs' | 'ours'): Promise<Run> {
  return await runWith(readExample({ file }), whose);
}

async function ask(whose: 'theirs' | 'ours'): Promise<Run> {
  return await runWith(asking(), whose);
}

/** Runs a workflow from its trigger "Start" with the credential of one package. */
async function runWith(workflow: WorkflowJson, whose: 'theirs' | 'ours'): Promise<Run> {
  const id = await n8n.api.importWorkflow(workflow, { basetenApi: credentials[whose] });
  return await n8n.api.runAndWait(id, startingTrigger(workflow)?.name ?? '');
}

function credential(data: Record<string, unknown>): CredentialJson {
  return { name: 'Baseten', type: 'basetenApi', data };
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
