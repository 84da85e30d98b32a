import { NodeConnectionTypes, type IDataObject, type ISupplyDataFunctions } from 'n8n-workflow';

import { readBatchSize, readDimensions } from '../shared/parameters/embedding';
import { readItemOptions } from '../shared/parameters/options';
import { readSource } from '../shared/parameters/source';
import { createClient } from '../shared/http/client';
import { toConnectionWithKey } from '../shared/connection/connection';
import { embedAll, type EmbedSettings } from '../shared/embeddings';
import { hidingSecrets } from '../shared/errors/nodeErrors';
import { secretsOf } from '../shared/errors/redact';
import { toSubNodeError } from '../shared/errors/nodeErrors';

/** What vector stores ask for. */
export interface Embeddings {
  /** Vectors of texts that are stored. */
  embedDocuments(documents: string[]): Promise<number[][]>;
  /** Vector of a text that is searched for. */
  embedQuery(query: string): Promise<number[]>;
}

/** How many requests are in flight at once: as many as the Baseten node has where nothing is set. */
const MAX_CONCURRENCY = 8;

/**
 * Makes what a vector store calls. A plain object: n8n's log wrapper knows LangChain's classes only, so the calls are
 * written to the execution's log here.
 * @throws {NodeOperationError} where a parameter can't be used
 */
export async function createEmbeddings(
  context: ISupplyDataFunctions,
  itemIndex: number,
): Promise<Embeddings> {
  try {
    const connection = toConnectionWithKey(await context.getCredentials('basetenApi'));
    const client = createClient(context, connection);
    const source = readSource(context, itemIndex, connection.endpoints);
    const { own: options, ...sendOptions } = readItemOptions(context, itemIndex);
    const batchSize = readBatchSize(options);
    const embedder = {
      url: source.openAiUrl('/embeddings'),
      subject: source.subject,
      model: source.model,
      dimensions: readDimensions(options),
    };
    const settings: EmbedSettings = {
      batchSize,
      settings: { maxConcurrency: MAX_CONCURRENCY, requestsPerMinute: 0 },
      send: async (request, signal) => await client.send(request, { ...sendOptions, signal }),
      cancel: context.getExecutionCancelSignal(),
    };
    const embedTexts = async (texts: string[]) =>
      await hidingSecrets(
        secretsOf(connection),
        async () => await embedAll(texts, embedder, settings),
      );
    return {
      embedDocuments: async (documents) =>
        await logged(context, itemIndex, { documents }, async () => await embedTexts(documents)),
      embedQuery: async (query) =>
        await logged(context, itemIndex, { query }, async () => {
          const [vector = []] = await embedTexts([query]);
          return vector;
        }),
    };
  } catch (error) {
    throw toSubNodeError(context.getNode(), error, itemIndex);
  }
}

/** Runs a call and writes what went in, what came out and what went wrong to the execution's log. */
async function logged<T extends number[] | number[][]>(
  context: ISupplyDataFunctions,
  itemIndex: number,
  input: IDataObject,
  call: () => Promise<T>,
): Promise<T> {
  const type = NodeConnectionTypes.AiEmbedding;
  const { index } = context.addInputData(type, [[{ json: input }]]);
  try {
    const response = await call();
    context.addOutputData(type, index, [[{ json: { response } }]]);
    return response;
  } catch (cause) {
    const error = toSubNodeError(context.getNode(), cause, itemIndex);
    context.addOutputData(type, index, error);
    throw error;
  }
}
