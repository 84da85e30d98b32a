import { readFileSync } from 'node:fs';

import { LoadOptionsContext } from 'n8n-core';
import type { INodeExecutionData, INodeParameters, ResourceMapperFields } from 'n8n-workflow';

import { deploymentIdFor, MODEL_IDS, REGIONAL_ENVIRONMENT, type Emulator } from '../../emulator';
import { nodeContext, runBaseten } from '../../host/n8n/engine';
import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId } from '../support/parameters';

const emulator = useEmulator();
const { getModelFields } = new Baseten().methods.resourceMapping;
const version = 1.1;

/** Adds a model that answers everything, with this example. Every one has an ID of its own. */
let added = 0;
function modelWith(metadata: Parameters<Emulator['addModel']>[0]['metadata']): string {
  const id = `given${(added++).toString(36).padStart(4, '0')}`;
  emulator().addModel({
    id,
    name: id,
    metadata,
    handler: () => ({ headers: { 'content-type': 'application/json' }, body: '{}' }),
  });
  return id;
}

/** Opens the form, as the editor does. */
async function form(
  parameters: INodeParameters,
  credential: Record<string, string> = {},
): Promise<ResourceMapperFields> {
  const { workflow, node, additionalData } = await nodeContext({
    parameters: { resource: 'model', operation: 'predict', ...parameters },
    credential: credentialFor(emulator(), credential),
    other: { type: new Baseten(), version },
  });
  const current = { ...additionalData, currentNodeParameters: node.parameters };
  return await getModelFields.call(new LoadOptionsContext(workflow, node, current, ''));
}

/** Runs Predict with these values in the form of the model. @returns the body that was sent */
async function sentWith(
  modelId: string,
  modelFields: object,
  more: INodeParameters = {},
  items: INodeExecutionData[] = [{ json: {} }],
): Promise<{ body: unknown; error?: { message: string; description?: string | null } }> {
  emulator().clearRequests();
  const { error } = await runBaseten({
    parameters: {
      resource: 'model',
      operation: 'predict',
      modelId: byId(modelId),
      modelFields: { mappingMode: 'defineBelow', ...modelFields } as INodeParameters,
      ...more,
    },
    items,
    credential: credentialFor(emulator()),
    other: { type: new Baseten(), version },
  });
  const [request] = emulator().requests;
  return { body: request?.json(), error };
}

const idsOf = ({ fields }: ResourceMapperFields) => fields.map(({ id }) => id);

const EXAMPLE = {
  prompt: 'a red fox',
  steps: 4,
  upscale: false,
  sizes: [1, 2],
  options: { seed: 1 },
  stream: true,
};

test('the form has a field for each of the example, with its value beside the name', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { fields } = await form({ modelId: byId(modelId) });
  expect(fields.map(({ displayName, type }) => `${displayName}: ${type}`)).toStrictEqual([
    'prompt (e.g. a red fox): string',
    'steps (e.g. 4): number',
    'upscale (e.g. false): options',
    'sizes (e.g. [1,2]): array',
    'options (e.g. {"seed":1}): object',
  ]);
});

test('what was entered is sent with its type, and what was left empty is not', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  const value = { prompt: 'a fox', steps: '4', upscale: false, sizes: '[1]', options: null };
  expect((await sentWith(modelId, { value, schema })).body).toStrictEqual({
    prompt: 'a fox',
    steps: 4,
    upscale: false,
    sizes: [1],
  });
  const none = { prompt: null, steps: null, upscale: '' };
  expect((await sentWith(modelId, { value: none, schema })).body).toStrictEqual({});
  expect((await sentWith(modelId, { value: null })).body).toStrictEqual({});
});

test('expressions give each item its own values, and may give nothing', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  const value = {
    prompt: '={{ $json.text }}',
    steps: '={{ $json.steps }}',
    options: '={{ $json.options }}',
  };
  const items = [{ json: { text: 'one', steps: '7', options: { seed: 2 } } }];
  expect((await sentWith(modelId, { value, schema }, {}, items)).body).toStrictEqual({
    prompt: 'one',
    steps: 7,
    options: { seed: 2 },
  });
  expect((await sentWith(modelId, { value, schema }, {}, [{ json: {} }])).body).toStrictEqual({});
});

test('an empty cell of a table is a value of a text alone', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  const cell = '={{ $json.cell }}';
  const value = { prompt: cell, steps: cell, upscale: cell, sizes: cell, options: cell };
  const { body } = await sentWith(modelId, { value, schema }, {}, [{ json: { cell: '' } }]);
  expect(body).toStrictEqual({ prompt: '' });
});

test('a value of the wrong type is named with its field before anything is sent', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  const many = await sentWith(modelId, { value: { steps: '={{ "many" }}' }, schema });
  expect(many.error?.message).toBe('The field "steps" is not a number: "many"');
  const half = await sentWith(modelId, { value: { options: '={{ "[" }}' }, schema });
  expect(half.error?.message).toMatch(/^The field "options" is not valid JSON/);
  expect([many.body, half.body]).toStrictEqual([undefined, undefined]);
});

test('values without fields, as another program may write them, are sent as they are', async () => {
  const modelId = modelWith({});
  const value = { prompt: 'a fox', steps: 4, note: '', 'a.b': true };
  expect((await sentWith(modelId, { value })).body).toStrictEqual(value);
});

test('files go into the fields, too', async () => {
  const modelId = modelWith({ example_model_input: { prompt: 'a', image: '' } });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  const files = { file: [{ path: 'image', binaryPropertyName: 'photo', encoding: 'base64' }] };
  const items = [binaryItem('photo', Buffer.from('x'), 'image/png')];
  const sent = await sentWith(modelId, { value: { prompt: 'b' }, schema }, { files }, items);
  expect(sent.body).toStrictEqual({ prompt: 'b', image: 'eA==' });
});

test('of a list as example the first object has the fields, and a list is sent', async () => {
  const modelId = modelWith({ example_model_input: ['none', { text: 'a' }, { other: 1 }] });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  expect(schema.map(({ id }) => id)).toStrictEqual(['text']);
  const { body } = await sentWith(modelId, { value: { text: 'b' }, schema });
  expect(body).toStrictEqual([{ text: 'b' }]);
});

test.each([
  ['a text', 'say this', 'string', 'say that'],
  ['a text that is JSON', '"say this"', 'string', 'say that'],
  ['a list of texts', ['a', 'b'], 'array', ['c']],
  ['a number', 5, 'number', 6],
])('%s as example is one field for the whole input', async (_, example, type, value) => {
  const modelId = modelWith({ example_model_input: example });
  const { fields: schema } = await form({ modelId: byId(modelId) });
  expect(schema).toMatchObject([{ id: 'input', type }]);
  expect((await sentWith(modelId, { value: { input: value }, schema })).body).toStrictEqual(value);
});

test('a text that holds the JSON of an object is that object', async () => {
  const modelId = modelWith({ example_model_input: '{"prompt": "a fox"}' });
  expect(idsOf(await form({ modelId: byId(modelId) }))).toStrictEqual(['prompt']);
});

test.each([
  ['no example', undefined],
  ['an empty object', {}],
  ['an empty list', []],
  ['stream alone', { stream: true }],
])('with %s the form says what to do', async (_, example_model_input) => {
  const modelId = modelWith({ example_model_input });
  expect(await form({ modelId: byId(modelId) })).toStrictEqual({
    fields: [],
    emptyFieldsNotice: expect.stringContaining('has no example input of this model'),
  });
});

test.each<[string, INodeParameters, Record<string, string>, string]>([
  ['no model', { modelId: byId('') }, {}, 'Choose a model'],
  [
    'a model from an expression',
    { modelId: byId('={{ $json.id }}') },
    {},
    'comes from an expression',
  ],
  [
    'a target without its environment',
    { modelId: byId(MODEL_IDS.image), target: 'environment', environment: byId('') },
    {},
    'Choose the deployment, too',
  ],
  ['a model that does not exist', { modelId: byId('nosuch99') }, {}, 'Baseten did not find'],
  [
    'a key without the right',
    { modelId: byId(MODEL_IDS.image) },
    { apiKey: 'limited' },
    'Enter a <b>Management API Key</b>',
  ],
  [
    'a wrong key',
    { modelId: byId(MODEL_IDS.image) },
    { apiKey: 'wrong' },
    'Baseten refused the API key',
  ],
  ['an ID with HTML in it', { modelId: byId('<img src=x>') }, {}, 'model &lt;img src=x&gt;'],
])('for %s the form says so in one sentence', async (_, parameters, credential, words) => {
  const apiKey = credential.apiKey === 'limited' ? emulator().inferenceOnlyKey : credential.apiKey;
  const { fields, emptyFieldsNotice } = await form(parameters, apiKey ? { apiKey } : {});
  expect(fields).toStrictEqual([]);
  expect(emptyFieldsNotice).toContain(words);
  expect(emptyFieldsNotice).not.toContain('<img');
});

test('a Management API Key reads the fields where the API key is limited to inference', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { inferenceOnlyKey: apiKey, apiKey: managementApiKey } = emulator();
  const { fields } = await form({ modelId: byId(modelId) }, { apiKey, managementApiKey });
  expect(fields).toHaveLength(5);
});

test('fields that stand in the form stay if they can’t be read again', async () => {
  const parameters = {
    modelId: byId('nosuch99'),
    modelFields: { mappingMode: 'defineBelow', value: { a: 'b' }, schema: [{ id: 'a' }] },
  };
  await expect(form(parameters)).rejects.toThrow('Baseten did not find');
});

test.each<[string, INodeParameters]>([
  ['production', { target: 'production' }],
  ['development', { target: 'development' }],
  ['staging', { target: 'environment', environment: byId('staging') }],
  ['regional', { target: 'regional', environment: byId(REGIONAL_ENVIRONMENT) }],
  ['staging', { target: 'deployment' }],
])('the example is that of the %s deployment', async (role, parameters) => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const deploymentId = deploymentIdFor(modelId, role as 'staging');
  const target = { ...parameters, deploymentId: byId(deploymentId) };
  expect(idsOf(await form({ modelId: byId(modelId), ...target }))).toHaveLength(5);
  const asked = emulator().requests.map(({ path }) => path);
  expect(asked.at(-1)).toContain(`/deployments/${deploymentId}/config`);
});

test('a node that was saved before there were model fields sends its JSON', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const parameters = { resource: 'model', operation: 'predict', input: '{"prompt": "old"}' };
  await runBaseten({
    parameters: { ...parameters, modelId: byId(modelId) },
    credential: credentialFor(emulator()),
    other: { type: new Baseten(), version: 1 },
  });
  expect(emulator().requests[0]?.json()).toStrictEqual({ prompt: 'old' });
});

test('Submit Async has the fields, too', async () => {
  const modelId = modelWith({ example_model_input: EXAMPLE });
  const { fields: schema } = await form({ modelId: byId(modelId), operation: 'submitAsync' });
  const more = { operation: 'submitAsync', delivery: 'none' };
  const { body } = await sentWith(modelId, { value: { steps: '5' }, schema }, more);
  expect(body).toMatchObject({ model_input: { steps: 5 } });
});

// Baseten's own documents are not part of the project: `.ci/run` says where they are.
const inputsFile = process.env.BASETEN_MODEL_INPUTS;
if (inputsFile) {
  const templates = JSON.parse(readFileSync(inputsFile, 'utf8')) as Array<{
    template: string;
    example_model_input?: unknown;
    tags?: string[];
  }>;

  test('the public templates are 322', () => expect(templates).toHaveLength(322));

  test.each(templates)(
    '$template has a form that sends its example',
    async ({ example_model_input: example, tags }) => {
      const modelId = modelWith({ example_model_input: example, tags });
      const { fields: schema, emptyFieldsNotice } = await form({ modelId: byId(modelId) });
      const isObject = typeof example === 'object' && example !== null;
      const all = Object.entries(isObject ? example : { input: example });
      const entries = all.filter(([name, value]) => name !== 'stream' && value !== undefined);
      expect(idsOf({ fields: schema })).toStrictEqual(entries.map(([name]) => name));
      if (schema.length === 0) {
        expect(emptyFieldsNotice).toContain('Use <b>Fields</b> or <b>JSON</b>');
        return;
      }
      // The editor keeps lists and objects as text, and numbers as numbers.
      const value = entries.map(([name, entry]: [string, unknown]) => [
        name,
        typeof entry === 'object' ? JSON.stringify(entry) : entry,
      ]);
      const { body } = await sentWith(modelId, { value: Object.fromEntries(value), schema });
      expect(body).toStrictEqual(isObject ? Object.fromEntries(entries) : example);
    },
  );
}
