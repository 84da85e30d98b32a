import type { INodeParameters } from 'n8n-workflow';

import { MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { createEmbeddings } from '../../nodes/EmbeddingsBaseten/embeddings';
import { createReranker } from '../../nodes/RerankerBaseten/reranker';
import { ASKED, givenModel } from '../support/chatModel';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';
import { subNodeContext } from '../support/subNodeContext';

const emulator = useEmulator({ wakeMs: 0 });
const HINT = 'Its deployment is WAKING_UP, so the time went into waking up. Turn on Wake First';
const options = { timeout: 1, maxRetries: 0 };
const place = { source: 'deployment', target: 'production' };

/** A deployment that is waking up: what is sent to it gets no answer in time. */
function wakingUp(id: string): string {
  const [production] = emulator().owner('model', id).deployments;
  production?.enterStatus('WAKING_UP');
  emulator().faults.add({ kind: 'hang', match: { path: /(predict|sync\/.*)$/ }, times: 'always' });
  return id;
}

/** What a call of a sub-node throws. */
const thrown = async (call: Promise<unknown>) =>
  await call.then(
    () => undefined,
    (error: unknown) => error as { description?: string },
  );

/** A sub-node's form, with the credential of the emulator. */
const subNode = (parameters: Record<string, unknown>) =>
  subNodeContext({
    parameters: { ...place, options, ...parameters },
    credential: credentialFor(emulator()),
  }).context;

describe('a timeout says if the deployment was waking up', () => {
  const form = (modelId: string): INodeParameters => ({
    ...place,
    modelId: byId(modelId),
    model: byId('m'),
    options,
  });

  test.each<[string, string, INodeParameters]>([
    ['model predict', MODEL_IDS.sleeper, { inputMode: 'json', input: '{}' }],
    ['embedding create', MODEL_IDS.embedder, { text: 'a' }],
    ['embedding classify', MODEL_IDS.sentiment, { text: 'a' }],
    ['chat complete', MODEL_IDS.sleeper, { prompt: 'a' }],
  ])('%s', async (name, id, parameters) => {
    const [resource = '', operation = ''] = name.split(' ');
    const { error } = await runBaseten({
      credential: credentialFor(emulator()),
      parameters: { resource, operation, ...form(wakingUp(id)), ...parameters },
    });
    expect(error?.description).toContain(HINT);
  });

  test('embeddings for a vector store', async () => {
    const modelId = wakingUp(MODEL_IDS.embedder);
    const embeddings = await createEmbeddings(subNode({ modelId, model: 'm' }), 0);
    const error = await thrown(embeddings.embedQuery('a'));
    expect(error?.description).toContain(HINT);
  });

  test('a reranker for a vector store', async () => {
    const reranker = await createReranker(subNode({ modelId: wakingUp(MODEL_IDS.reranker) }), 0);
    const documents = [{ pageContent: 'a', metadata: {} }];
    const error = await thrown(reranker.compressDocuments(documents, 'b'));
    expect(error?.description).toContain(HINT);
  });

  test('a chat model for an agent', async () => {
    const model = await givenModel({
      parameters: { ...place, options, modelId: wakingUp(MODEL_IDS.sleeper), model: 'm' },
      credential: credentialFor(emulator()),
    });
    const error = await thrown(model.generate(ASKED));
    expect(error?.description).toContain(HINT);
  });
});
