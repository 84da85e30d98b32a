import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { Baseten } from '../../nodes/Baseten/Baseten.node';
import type { Embeddings } from '../../nodes/EmbeddingsBaseten/embeddings';
import { EmbeddingsBaseten } from '../../nodes/EmbeddingsBaseten/EmbeddingsBaseten.node';
import type { Reranker } from '../../nodes/RerankerBaseten/reranker';
import { RerankerBaseten } from '../../nodes/RerankerBaseten/RerankerBaseten.node';
import { ASKED, givenModel } from '../support/chatModel';
import { credentialFor, useEmulator } from '../support/emulator';
import { OPERATIONS, REQUEST_PARAMETERS } from '../support/operations';
import { chat } from '../support/parameters';
import { subNodeContext } from '../support/subNodeContext';

const emulator = useEmulator();

/** A credential with the key of a Frontier Gateway. */
const gateway = (more: Record<string, string> = {}) =>
  credentialFor(emulator(), {
    apiKey: emulator().gatewayKey,
    authorization: 'apiKey',
    ...more,
  });

function expectGatewayKey(): void {
  const sent = emulator().requests.map(({ headers }) => headers.authorization);
  expect(new Set(sent)).toStrictEqual(new Set([`Api-Key ${emulator().gatewayKey}`]));
}

describe.each(['auto', 'n8n'])('with the connection %s', (connection) => {
  test.each(OPERATIONS)('%s: %s sends a gateway’s key as such', async (resource, operation) => {
    const parameters = { ...REQUEST_PARAMETERS, resource, operation } as typeof REQUEST_PARAMETERS;
    await runBaseten({ credential: gateway({ connection }), parameters });
    expectGatewayKey();
  });

  test('a chat is answered', async () => {
    const { items } = await runBaseten({ credential: gateway({ connection }), parameters: chat() });
    expect(items[0]?.json.content).toContain('Hello');
  });
});

test.each(Object.entries(new Baseten().methods.listSearch))(
  'the list %s sends a gateway’s key as such',
  async (_list, search) => {
    const values: Record<string, unknown> = { modelId: MODEL_IDS.echo, target: 'production' };
    const context = {
      getNode: () => ({ name: 'Baseten', parameters: values }),
      getCredentials: async () => gateway(),
      getCurrentNodeParameter: (name: string) => values[name],
      getCurrentNodeParameters: () => values,
      getNodeParameter: (name: string, fallback: unknown) => values[name] ?? fallback,
      helpers: {},
    } as unknown as ILoadOptionsFunctions;
    // The key may not manage, so most lists have an error instead.
    await search.call(context).catch((error: unknown) => error);
    expectGatewayKey();
  },
);

test('the chat model is answered', async () => {
  const parameters = { source: 'modelApi', model: MODEL_API_SLUGS.chat };
  const model = await givenModel({ parameters, credential: gateway() });
  expect(JSON.stringify(await model.generate(ASKED))).toContain('Hello');
  expectGatewayKey();
});

test('the embeddings get their vectors', async () => {
  const parameters = { source: 'deployment', modelId: MODEL_IDS.embedder };
  const { context } = subNodeContext({ parameters, credential: gateway() });
  const { response } = await new EmbeddingsBaseten().supplyData.call(context, 0);
  expect(await (response as Embeddings).embedQuery('a')).toHaveLength(256);
  expectGatewayKey();
});

test('the reranker ranks', async () => {
  const parameters = { modelId: MODEL_IDS.reranker };
  const { context } = subNodeContext({ parameters, credential: gateway() });
  const { response } = await new RerankerBaseten().supplyData.call(context, 0);
  const documents = [{ pageContent: 'a', metadata: {} }];
  expect(await (response as Reranker).compressDocuments(documents, 'a')).toHaveLength(1);
  expectGatewayKey();
});

test('a gateway’s key that is sent as a workspace’s is refused, and the error says what to set', async () => {
  const credential = gateway({ authorization: 'bearer' });
  const { error } = await runBaseten({ credential, parameters: chat() });
  expect(error?.message).toBe('Baseten refused the API key');
  expect(error?.description).toContain('Key Type Frontier Gateway');
  expect(JSON.stringify([error, error?.description])).not.toContain(emulator().gatewayKey);
});
