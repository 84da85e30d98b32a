// Decisions: docs/decisions.md, "Embeddings and the reranker are plain objects".

import { NodeConnectionTypes, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import { toConnectionWithKey } from '../shared/connection/connection';
import { toText } from '../shared/embeddings';
import { readEngine, readEngineFields } from '../shared/engine';
import { hidingSecrets, toSubNodeError } from '../shared/errors/nodeErrors';
import { secretsOf } from '../shared/errors/redact';
import { createClient } from '../shared/http/client';
import { NO_LIMITS, RunFlow } from '../shared/http/flow/runFlow';
import { withWakeFirst } from '../shared/management/wakeFirst';
import { readItemOptions, readWholeNumber } from '../shared/parameters/options';
import { RERANK_ROUTE, rankTexts } from '../shared/rerank';
import { loggedCall } from '../shared/run/loggedCall';

/** So many documents are given back unless the user sets it, as n8n's own reranker does. */
export const DEFAULT_TOP_N = 3;

/** A document of a vector store. LangChain's documents have the same fields. */
export interface Document {
  pageContent: string;
  metadata: Record<string, unknown>;
}

/** What a vector store calls. LangChain's document compressors have the same method. */
export interface Reranker {
  /**
   * Chooses the documents that answer a query best.
   * @returns copies of them, the best first, with their score in `metadata.relevanceScore`
   */
  compressDocuments(documents: Document[], query: string): Promise<Document[]>;
}

/**
 * Makes the reranker that a vector store calls.
 * @param itemIndex position of the item whose parameters are read
 * @throws {NodeOperationError} if a parameter can't be used
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function createReranker(
  context: ISupplyDataFunctions,
  itemIndex: number,
): Promise<Reranker> {
  try {
    const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
    const { endpoints } = connection;
    const engine = readEngine(context, itemIndex, { endpoints, route: RERANK_ROUTE });
    const { own: options, ...sendOptions } = readItemOptions(context, itemIndex);
    const client = withWakeFirst(createClient(context, connection), {
      context,
      itemIndex,
      endpoints,
      options,
    });
    const topN = readWholeNumber(options, {
      name: 'topN',
      label: 'Top N',
      range: [1, 100_000],
      fallback: DEFAULT_TOP_N,
    });
    const fields = readEngineFields({ truncate: options.truncate });
    const flow = new RunFlow(NO_LIMITS);

    async function rerank(all: Document[], query: string): Promise<Document[]> {
      // Engines refuse an empty text, and it answers nothing.
      const documents = all.filter(({ pageContent }) => pageContent.trim() !== '');
      if (documents.length === 0) return [];
      const texts = documents.map(({ pageContent }) => pageContent);
      const ranking = { query: toText(query, 'The query'), texts, engine, fields };
      const ranked = await rankTexts(ranking, {
        flow,
        send: async (request, signal) =>
          await client.send(request, { ...sendOptions, signal, flow }),
        cancel: context.getExecutionCancelSignal(),
      });
      return ranked.slice(0, topN).flatMap(({ index, score }) => {
        const document = documents[index];
        // A store may keep the document that it gave, so that one stays as it is.
        return document
          ? { ...document, metadata: { ...document.metadata, relevanceScore: score } }
          : [];
      });
    }

    return {
      compressDocuments: async (documents, query) =>
        await loggedCall(
          { context, itemIndex, type: NodeConnectionTypes.AiReranker, connection },
          { query, documents: documents as unknown as IDataObject[] },
          async () =>
            await hidingSecrets(secretsOf(connection), async () => await rerank(documents, query)),
        ),
    };
  } catch (error) {
    throw toSubNodeError(context.getNode(), error, itemIndex);
  }
}
