import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { Document, Reranker } from '../../../nodes/RerankerBaseten/reranker';
import { RerankerBaseten } from '../../../nodes/RerankerBaseten/RerankerBaseten.node';
import { fakeHttp } from '../../support/fakeHttp';
import { subNodeContext } from '../../support/subNodeContext';

interface Body {
  query: string;
  texts: string[];
}

const DOCUMENTS: Document[] = ['a', 'bbb', '', 'bb', ' '].map((pageContent, page) => ({
  pageContent,
  metadata: { page, source: 'x.pdf' },
}));

/**
 * The sub-node's reranker, with a model that likes long texts.
 * @param refusal of all requests
 */
async function supplied(
  parameters: Record<string, unknown> = {},
  refusal?: { status: number; body: string },
) {
  const sent: Array<Body & { url: string }> = [];
  const { context, log } = subNodeContext({
    parameters: { modelId: 'abcd1234', target: 'production', ...parameters },
  });
  fakeHttp('fetch', async ({ url, body }) => {
    const request = JSON.parse(String(body)) as Body;
    sent.push({ url, ...request });
    const ranked = request.texts.map((text, index) => ({ index, score: text.length / 10 }));
    return refusal ?? { body: JSON.stringify(ranked.reverse()) };
  });
  const { response } = await new RerankerBaseten().supplyData.call(context, 0);
  return { reranker: response as Reranker, log, sent };
}

test('gives the best documents back, with their score in the metadata', async () => {
  const { reranker, sent } = await supplied();
  expect(await reranker.compressDocuments(DOCUMENTS, 'How long?')).toStrictEqual([
    { pageContent: 'bbb', metadata: { page: 1, source: 'x.pdf', relevanceScore: 0.3 } },
    { pageContent: 'bb', metadata: { page: 3, source: 'x.pdf', relevanceScore: 0.2 } },
    { pageContent: 'a', metadata: { page: 0, source: 'x.pdf', relevanceScore: 0.1 } },
  ]);
  const url = 'https://model-abcd1234.api.baseten.co/environments/production/sync/rerank';
  expect(sent).toStrictEqual([{ url, query: 'How long?', texts: ['a', 'bbb', 'bb'] }]);
  expect(DOCUMENTS[1]?.metadata).toStrictEqual({ page: 1, source: 'x.pdf' });
});

test('gives as many back as Top N says, and lets the engine cut long texts', async () => {
  const { reranker, sent } = await supplied({ options: { topN: 1, truncate: true } });
  const best = await reranker.compressDocuments(DOCUMENTS, 'q');
  expect(best.map(({ pageContent }) => pageContent)).toStrictEqual(['bbb']);
  expect(sent[0]).toMatchObject({ truncate: true });
});

test.each([[[]], [[{ pageContent: ' ', metadata: {} }]]])(
  'sends nothing if there is nothing to rank: %j',
  async (documents: Document[]) => {
    const { reranker, sent } = await supplied();
    expect(await reranker.compressDocuments(documents, 'q')).toStrictEqual([]);
    expect(sent).toStrictEqual([]);
  },
);

test('bears documents without metadata', async () => {
  const { reranker } = await supplied();
  const documents = [{ pageContent: 'a' }] as Document[];
  expect(await reranker.compressDocuments(documents, 'q')).toStrictEqual([
    { pageContent: 'a', metadata: { relevanceScore: 0.1 } },
  ]);
});

test('writes calls and documents to the execution’s log', async () => {
  const { reranker, log } = await supplied({ options: { topN: 1 } });
  const response = await reranker.compressDocuments(DOCUMENTS, 'q');
  expect(log).toStrictEqual([
    {
      type: 'ai_reranker',
      input: [[{ json: { query: 'q', documents: DOCUMENTS } }]],
      output: [[{ json: { response } }]],
    },
  ]);
});

test('a refusal is an error of the sub-node, in n8n’s log, too', async () => {
  const refusal = { status: 403, body: '{"error": "key-123 may not"}' };
  const { reranker, log } = await supplied({}, refusal);
  const error = await reranker.compressDocuments(DOCUMENTS, 'q').catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(NodeApiError);
  expect(error).toMatchObject({
    message: 'The API key may not call model abcd1234',
    functionality: 'configuration-node',
    httpCode: '403',
  });
  expect(JSON.stringify(error)).not.toContain('key-123');
  expect(log[0]?.output).toBe(error);
});

test('a document that is too long is named, with its length', async () => {
  const body = '{"error": "`inputs` must have less than 512 tokens. Given: 600"}';
  const { reranker } = await supplied({}, { status: 422, body });
  await expect(reranker.compressDocuments(DOCUMENTS, 'q')).rejects.toMatchObject({
    message: 'Text 1, with the query, is too long for model abcd1234: it has 2 characters',
    description: expect.stringContaining('turn on Truncate in the options'),
  });
});

test('an empty query is an error before anything is sent', async () => {
  const { reranker, sent } = await supplied();
  await expect(reranker.compressDocuments(DOCUMENTS, ' ')).rejects.toThrow('The query is empty');
  expect(sent).toStrictEqual([]);
});

test.each([
  [{ options: { topN: 0 } }, "Top N can't be 0"],
  [{ modelId: '' }, 'Model ID is empty'],
])('parameters that can’t be used are an error of the sub-node: %j', async (parameters, words) => {
  const error = await supplied(parameters).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(NodeOperationError);
  expect(error).toMatchObject({ functionality: 'configuration-node' });
  expect((error as Error).message).toContain(words);
});
