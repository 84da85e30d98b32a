import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { EmbeddingsBaseten } from '../../../nodes/EmbeddingsBaseten/EmbeddingsBaseten.node';
import type { Embeddings } from '../../../nodes/EmbeddingsBaseten/embeddings';
import { fakeHttp } from '../../support/fakeHttp';
import { subNodeContext } from '../../support/subNodeContext';

const node = new EmbeddingsBaseten();
const MODEL_API = { source: 'modelApi', model: 'emulator/embedder' };

interface Body {
  model: string;
  input: string[];
  dimensions?: number;
}

/**
 * The sub-node's embeddings, with a model whose vector of a text is the text's length.
 * @param status of all responses
 */
async function supplied(parameters: Record<string, unknown> = MODEL_API, status = 200) {
  const sent: Array<Body & { url: string; agent?: string }> = [];
  const { context, log } = subNodeContext({ parameters });
  fakeHttp('fetch', async ({ url, body, headers }) => {
    const request = JSON.parse(String(body)) as Body;
    sent.push({ url, agent: headers['User-Agent'], ...request });
    const rest = new Array<number>((request.dimensions ?? 1) - 1).fill(0);
    const data = request.input.map((text, index) => ({ index, embedding: [text.length, ...rest] }));
    return { status, body: JSON.stringify({ data }) };
  });
  const { response } = await node.supplyData.call(context, 0);
  return { embeddings: response as Embeddings, log, sent };
}

test('embeds documents in batches, in their order', async () => {
  const { embeddings, sent } = await supplied({
    ...MODEL_API,
    options: { batchSize: 2, dimensions: 2 },
  });
  expect(await embeddings.embedDocuments(['a', 'bb', 'ccc'])).toStrictEqual([
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
  expect(sent.map(({ input, model, dimensions }) => ({ input, model, dimensions }))).toStrictEqual([
    { input: ['a', 'bb'], model: 'emulator/embedder', dimensions: 2 },
    { input: ['ccc'], model: 'emulator/embedder', dimensions: 2 },
  ]);
});

test('embeds a query', async () => {
  const { embeddings, sent } = await supplied();
  expect(await embeddings.embedQuery('four')).toStrictEqual([4]);
  expect(sent[0]?.url).toBe('https://inference.baseten.co/v1/embeddings');
  expect(sent[0]?.agent).toMatch(/^n8n-nodes-baseten\//);
});

test('calls a deployment of the user’s own', async () => {
  const { embeddings, sent } = await supplied({
    source: 'deployment',
    modelId: 'abcd1234',
    target: 'production',
  });
  await embeddings.embedQuery('q');
  expect(sent[0]).toMatchObject({
    url: 'https://model-abcd1234.api.baseten.co/environments/production/sync/v1/embeddings',
    model: 'baseten',
  });
});

test('writes calls and vectors to the execution’s log', async () => {
  const { embeddings, log } = await supplied();
  await embeddings.embedDocuments(['a', 'bb']);
  await embeddings.embedQuery('ccc');
  expect(log).toStrictEqual([
    {
      type: 'ai_embedding',
      input: [[{ json: { documents: ['a', 'bb'] } }]],
      output: [[{ json: { response: [[1], [2]] } }]],
    },
    {
      type: 'ai_embedding',
      input: [[{ json: { query: 'ccc' } }]],
      output: [[{ json: { response: [3] } }]],
    },
  ]);
});

test('writes an error to the log and throws it, as an error of this node', async () => {
  const { embeddings, log } = await supplied(MODEL_API, 401);
  const failure = await embeddings.embedQuery('a').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NodeApiError);
  expect(failure).toMatchObject({
    message: 'Baseten refused the API key',
    functionality: 'configuration-node',
  });
  expect(log[0]?.output).toBe(failure);
  expect(JSON.stringify(log) + String((failure as Error).stack)).not.toContain('key-123');
});

test.each([
  [
    'documents',
    async (embeddings: Embeddings) => await embeddings.embedDocuments(['a', '']),
    'Text 2 is empty',
  ],
  [
    'a query',
    async (embeddings: Embeddings) => await embeddings.embedQuery(' '),
    'The text is empty',
  ],
])('refuses empty texts in %s before anything is sent', async (_, call, message) => {
  const { embeddings, sent } = await supplied();
  await expect(call(embeddings)).rejects.toThrow(message);
  expect(sent).toHaveLength(0);
});

test('is a plain object with two functions', async () => {
  const { embeddings } = await supplied();
  expect(Object.getPrototypeOf(embeddings)).toBe(Object.prototype);
  expect(Object.keys(embeddings)).toStrictEqual(['embedDocuments', 'embedQuery']);
});

test.each([
  [{ source: 'modelApi' }, 'No model is named'],
  [{ ...MODEL_API, source: 'x' }, 'Source can\'t be "x"'],
  [{ source: 'deployment', modelId: 'a', target: 'x' }, 'Target can\'t be "x"'],
  [{ ...MODEL_API, options: { batchSize: 'x' } }, 'Batch Size can\'t be "x"'],
])('says at once what is wrong with %j', async (parameters, message) => {
  const failure = await supplied(parameters).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NodeOperationError);
  expect(failure).toMatchObject({ message, functionality: 'configuration-node' });
});
