import type { INodeParameters } from 'n8n-workflow';

import { CHAIN_IDS, MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, chat, echo } from '../support/parameters';

const emulator = useEmulator({ wakeMs: 0 });
const items = [{ json: { text: 'one' } }, { json: { text: 'two' } }];

/** Runs an operation for two items, with a model that sleeps. @returns what was asked for */
async function runAsleep(parameters: INodeParameters, modelId: string) {
  for (const deployment of emulator().owner('model', modelId).deployments) deployment.scaleToZero();
  const options = { ...(parameters.options as object), wakeFirst: true, timeout: 20 };
  const credential = credentialFor(emulator());
  const { error } = await runBaseten({
    credential,
    parameters: { modelId: byId(modelId), ...parameters, options },
    items,
  });
  expect(error?.message).toBeUndefined();
  return emulator().requests.map(({ method, path }) => `${method} ${path}`);
}

const OPERATIONS: Array<[string, string, INodeParameters]> = [
  ['Predict', MODEL_IDS.echo, { resource: 'model', operation: 'predict', input: '{}' }],
  [
    'Call Route',
    MODEL_IDS.echo,
    { resource: 'model', operation: 'callRoute', route: byId('/health') },
  ],
  [
    'Submit Async',
    MODEL_IDS.echo,
    { resource: 'model', operation: 'submitAsync', delivery: 'none', input: '{}' },
  ],
  ['Complete', MODEL_IDS.llm, { ...chat(), source: 'deployment', model: byId('') }],
  [
    'Create',
    MODEL_IDS.embedder,
    { resource: 'embedding', operation: 'create', source: 'deployment', text: 'x' },
  ],
  [
    'Rerank',
    MODEL_IDS.reranker,
    { resource: 'embedding', operation: 'rerank', query: 'x', texts: '["a"]' },
  ],
  ['Classify', MODEL_IDS.reranker, { resource: 'embedding', operation: 'classify', text: 'x' }],
  [
    'Transcribe',
    MODEL_IDS.libraryWhisper,
    {
      resource: 'audio',
      operation: 'transcribe',
      audioSource: 'url',
      audioUrl: 'https://example.com/a.mp3',
      requestFormat: 'whisperInput',
    },
  ],
  [
    'Generate Speech',
    MODEL_IDS.kokoro,
    { resource: 'audio', operation: 'generateSpeech', text: 'x', requestFormat: 'textVoice' },
  ],
  [
    'Generate',
    MODEL_IDS.flux,
    { resource: 'image', operation: 'generate', prompt: 'x', requestFormat: 'flux' },
  ],
];

test.each(OPERATIONS)(
  '%s wakes a deployment that sleeps once, before its first request',
  async (_, modelId, parameters) => {
    const [look, wake, lookAgain, ...others] = await runAsleep(parameters, modelId);
    expect([look, wake, lookAgain]).toStrictEqual([
      `GET /management/v1/models/${modelId}/environments/production`,
      `POST /model-${modelId}/production/wake`,
      `GET /management/v1/models/${modelId}/environments/production`,
    ]);
    const calls = others.filter((request) => !request.includes('/environments/production'));
    expect(calls.filter((request) => request.includes('wake'))).toStrictEqual([]);
    expect(others.length).toBeGreaterThan(0);
  },
);

test('Run Async wakes a deployment that sleeps once, before anything is queued', async () => {
  const [production] = emulator().owner('model', MODEL_IDS.flux).deployments;
  production?.scaleToZero();
  await runBaseten({
    credential: credentialFor(emulator(), { webhookSecret: emulator().webhookSecrets.join(',') }),
    parameters: {
      resource: 'image',
      operation: 'generate',
      modelId: byId(MODEL_IDS.flux),
      prompt: 'x',
      requestFormat: 'flux',
      options: { wakeFirst: true, runAsync: true },
    },
    items,
  });
  const [look, wake, lookAgain, ...others] = emulator().requests.map(({ path }) => path);
  expect([look, wake, lookAgain]).toStrictEqual([
    `/management/v1/models/${MODEL_IDS.flux}/environments/production`,
    `/model-${MODEL_IDS.flux}/production/wake`,
    `/management/v1/models/${MODEL_IDS.flux}/environments/production`,
  ]);
  expect(others.filter((path) => path.endsWith('/wake'))).toStrictEqual([]);
});

test('nothing is asked for unless the option is on, nor for a Model API', async () => {
  const credential = credentialFor(emulator());
  await runBaseten({ credential, parameters: echo({ input: '{}' }) });
  await runBaseten({ credential, parameters: chat({ options: { wakeFirst: true } }) });
  expect(emulator().requests).toHaveLength(2);
});

test('a chain can’t be woken, so Run does not offer it', async () => {
  const parameters = { resource: 'chain', operation: 'run', chainId: byId(CHAIN_IDS.echo) };
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: { ...parameters, input: '{}', options: { wakeFirst: true } },
  });
  expect(error).toBeUndefined();
  expect(emulator().requests).toHaveLength(1);
});

test('an item of a model that can’t wake fails by itself', async () => {
  const [production] = emulator().owner('model', MODEL_IDS.flaky).deployments;
  production?.enterStatus('INACTIVE');
  const models = [{ json: { id: MODEL_IDS.flaky } }, { json: { id: MODEL_IDS.echo } }];
  const { items: output } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({
      modelId: byId('={{ $json.id }}'),
      input: '{"a":1}',
      options: { wakeFirst: true },
    }),
    items: models,
    onError: 'continueRegularOutput',
  });
  expect(output.map(({ json }) => json)).toMatchObject([
    { error: `model ${MODEL_IDS.flaky} can't wake: its deployment is INACTIVE` },
    { a: 1 },
  ]);
});
