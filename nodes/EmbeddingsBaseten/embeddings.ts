// Decisions: docs/decisions.md, "Embeddings and the reranker are plain objects".

import { NodeConnectionTypes, type ISupplyDataFunctions } from 'n8n-workflow';

import { readBatchSize, readDimensions, readEmbedder } from '../shared/parameters/embedding';
import { readItemOptions } from '../shared/parameters/options';
import { createClient } from '../shared/http/client';
import { NO_LIMITS, RunFlow } from '../shared/http/flow/runFlow';
import { withWakeFirst } from '../shared/management/wakeFirst';
import { toConnectionWithKey } from '../shared/connection/connection';
import { embedAll, type EmbedSettings } from '../shared/embeddings';
import { hidingSecrets, toSubNodeError } from '../shared/errors/nodeErrors';
import { secretsOf } from '../shared/errors/redact';
import { loggedCall } from '../shared/run/loggedCall';

/** What a vector store calls. LangChain's embeddings have the same two methods. */
export interface Embeddings {
  /** Makes the vectors of texts that are stored. */
  embedDocuments(documents: string[]): Promise<number[][]>;
  /** Makes the vector of a text that is searched for. */
  embedQuery(query: string): Promise<number[]>;
}

/**
 * Makes the embeddings that a vector store calls. They are a plain object. n8n writes calls to the
 * execution's log for LangChain's classes alone, so this does it for its own calls.
 * @param itemIndex position of the item whose parameters are read
 * @throws {NodeOperationError} if a parameter can't be used
 * @see https://docs.baseten.co/engines/bei/overview
 */
export async function createEmbeddings(
  context: ISupplyDataFunctions,
  itemIndex: number,
): Promise<Embeddings> {
  try {
    const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
    const source = readEmbedder(context, itemIndex, connection.endpoints);
    const { own: options, ...sendOptions } = readItemOptions(context, itemIndex);
    const { endpoints } = connection;
    const client = withWakeFirst(createClient(context, connection), {
      context,
      itemIndex,
      endpoints,
      options,
    });
    const batchSize = readBatchSize(options);
    const model = { ...source, dimensions: readDimensions(options) };
    const flow = new RunFlow(NO_LIMITS);
    const settings: EmbedSettings = {
      batchSize,
      flow,
      connection,
      send: async (request, signal) => await client.send(request, { ...sendOptions, signal, flow }),
      cancel: context.getExecutionCancelSignal(),
    };
    const embedTexts = async (texts: string[]) =>
      await hidingSecrets(
        secretsOf(connection),
        async () => await embedAll(texts, model, settings),
      );
    const caller = { context, itemIndex, type: NodeConnectionTypes.AiEmbedding, connection };
    return {
      embedDocuments: async (documents) =>
        await loggedCall(caller, { documents }, async () => await embedTexts(documents)),
      embedQuery: async (query) =>
        await loggedCall(caller, { query }, async () => {
          const [vector = []] = await embedTexts([query]);
          return vector;
        }),
    };
  } catch (error) {
    throw toSubNodeError(context.getNode(), error, itemIndex);
  }
}
