import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import type { INodeParameters } from 'n8n-workflow';

import {
  deploymentIdFor,
  type Emulator,
  MODEL_API_SLUGS,
  MODEL_IDS,
  startEmulator,
} from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor } from '../support/emulator';
import { DocumentWatch } from '../support/managementDocument';
import { OPERATIONS, REQUEST_PARAMETERS } from '../support/operations';
import { byId } from '../support/parameters';

/** Where n8n looks for the fields of an operation that has not run yet. */
const FOLDER = join(__dirname, '../../nodes/Baseten/__schema__/v1.1.0');
/** Set by `npm run schemas`: the files are written, and not compared. */
const WRITES = process.env.WRITE_SCHEMAS === 'true';

/** What the model or the route decides. So nobody knows the fields before the first run. */
const FREE = ['model/predict', 'model/callRoute', 'chain/run', 'managementApi/callRoute'];

/** Operations that need other parameters than the rest. */
const SPECIAL: Record<string, INodeParameters> = {
  'audio/transcribe': { modelId: byId(MODEL_IDS.libraryWhisper), requestFormat: 'whisperInput' },
  'audio/generateSpeech': { modelId: byId(MODEL_IDS.kokoro) },
  'image/generate': { modelId: byId(MODEL_IDS.flux) },
  'embedding/create': { modelId: byId(MODEL_IDS.embedder), model: byId(''), source: 'deployment' },
  'embedding/rerank': { modelId: byId(MODEL_IDS.reranker) },
  'embedding/classify': { modelId: byId(MODEL_IDS.reranker) },
  'chat/complete': { model: byId(MODEL_API_SLUGS.chat) },
  'deployment/activate': { target: 'environment', environment: byId('staging') },
  'deployment/deactivate': { target: 'environment', environment: byId('staging') },
  'deployment/promote': { deploymentId: byId(deploymentIdFor(MODEL_IDS.echo, 'staging')) },
};

// Operations change deployments, so each test has a Baseten of its own.
let emulator: Emulator;
const { watchManagement, differences } = new DocumentWatch();
beforeEach(async () => {
  // A promotion has to be under way when it is controlled.
  const isControlled = expect.getState().currentTestName?.includes('controlPromotion');
  emulator = await startEmulator({ changeMs: isControlled ? 60_000 : 0, watchManagement });
});
afterEach(async () => {
  await emulator.close();
  expect(differences).toStrictEqual([]);
});

async function run(parameters: INodeParameters) {
  const credential = credentialFor(emulator);
  const { items, error } = await runBaseten({ credential, parameters });
  if (error) throw new Error(`${error.message} ${error.description ?? ''}`);
  return items.map(({ json }) => json);
}

const STAGING = deploymentIdFor(MODEL_IDS.echo, 'staging');
const inStaging = { target: 'environment', environment: byId('staging') };

/** What has to be there before an operation can do anything. Returns parameters for it. */
const PREPARATIONS: Record<string, () => Promise<INodeParameters>> = {
  'asyncRequest/get': submit,
  'asyncRequest/cancel': submit,
  'deployment/getLogs': async () => {
    const deployment = deploymentIdFor(MODEL_IDS.echo, 'production');
    emulator.logs.add(deployment, { message: 'loading', level: 'INFO' });
    return await Promise.resolve({});
  },
  'deployment/retry': async () => {
    await run({
      ...REQUEST_PARAMETERS,
      ...inStaging,
      resource: 'deployment',
      operation: 'deactivate',
    });
    emulator.lifecycle.failNext(STAGING, 'DEPLOY_FAILED');
    const activate = { ...REQUEST_PARAMETERS, ...inStaging, operation: 'activate' };
    await expect(run({ ...activate, resource: 'deployment' })).rejects.toThrow('DEPLOY_FAILED');
    return inStaging;
  },
  'environment/controlPromotion': async () => {
    await run({
      ...REQUEST_PARAMETERS,
      resource: 'deployment',
      operation: 'promote',
      deploymentId: byId(STAGING),
      environment: byId('production'),
      options: { waitUntilDone: false },
    });
    return { environment: byId('production'), action: 'cancel' };
  },
};

async function submit(): Promise<INodeParameters> {
  const call = { ...REQUEST_PARAMETERS, resource: 'model', operation: 'submitAsync' };
  const [submitted] = await run(call);
  return { requestId: String(submitted?.request_id) };
}

async function prepared(resource: string, operation: string): Promise<INodeParameters> {
  const name = `${resource}/${operation}`;
  const more = await PREPARATIONS[name]?.();
  return { ...REQUEST_PARAMETERS, resource, operation, ...SPECIAL[name], ...more };
}

interface Schema {
  type: string;
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** The schema of a value, as n8n shows it in the panel of fields. */
function schemaOf(value: unknown): Schema {
  if (value === null) return { type: 'null' };
  if (Array.isArray(value))
    return { type: 'array', ...(value.length > 0 && { items: schemaOf(value[0]) }) };
  if (typeof value !== 'object') return { type: typeof value };
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const properties = entries.map(([key, inner]) => [key, schemaOf(inner)]);
  return { type: 'object', properties: Object.fromEntries(properties) as Record<string, Schema> };
}

const fileOf = (resource: string, operation: string) => join(FOLDER, resource, `${operation}.json`);
const known = OPERATIONS.filter(
  ([resource, operation]) => !FREE.includes(`${resource}/${operation}`),
);

test.each(known)(
  '%s/%s gives the fields that n8n shows before it ran',
  async (resource, operation) => {
    const [json] = await run(await prepared(resource, operation));
    expect(json).toBeDefined();
    const text = `${JSON.stringify({ ...schemaOf(json), version: 1 }, null, 2)}\n`;
    const file = fileOf(resource, operation);
    if (WRITES) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    expect(JSON.parse(text)).toStrictEqual(JSON.parse(readFileSync(file, 'utf8')));
  },
);

test('no file is left of an operation that there is no longer', () => {
  const files = readdirSync(FOLDER, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.json'));
  expect(files.sort()).toStrictEqual(
    known
      .map(([resource = '', operation = '']) => relative(FOLDER, fileOf(resource, operation)))
      .sort(),
  );
});
