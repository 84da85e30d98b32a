import { embed, withName, type EmbeddingSource } from '../../../shared/embeddings';
import { FailedEntry } from '../../../shared/run/batches';
import { NoVector } from '../../../shared/vectors';
import type { BatchOperation } from '../operation';
import { withMain } from '../../../shared/run/outputField';
import { sayingTextLength } from './textLength';
import { TOKENS_PER_MINUTE } from '../../../shared/parameters/options';
import {
  DIMENSIONS,
  embedderParameters,
  packedOptions,
  readBatchSize,
  readDimensions,
  readEmbedder,
  readText,
  textParameter,
} from '../../../shared/parameters/embedding';

/** What a request says besides the texts, and what is asked for it. */
interface Fields extends Omit<EmbeddingSource, 'url' | 'subject'>, Record<string, unknown> {
  dimensions?: number;
}

/**
 * Turns texts into vectors, with a deployment that has an OpenAI-compatible server.
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const create: BatchOperation = {
  name: 'Create',
  value: 'create',
  action: 'Create embeddings',
  callsDeployment: true,
  description: 'Turn texts into vectors. Many items share a request.',
  properties: [
    ...embedderParameters(),
    textParameter('The text to turn into a vector'),
    packedOptions([DIMENSIONS, TOKENS_PER_MINUTE]),
  ],
  readPart({ context, itemIndex, connection, options }) {
    const { url, subject, ...source } = readEmbedder(context, itemIndex, connection.endpoints);
    return {
      text: readText(context, itemIndex),
      url,
      subject,
      fields: { ...source, dimensions: readDimensions(options.own) },
      batchSize: readBatchSize(options.own),
    };
  },
  async executeBatch({ texts, itemIndexes, url, subject, fields, connection, send }) {
    const { dimensions, ...source } = fields as Fields;
    const model = { ...source, url, subject, dimensions };
    const vectors = await sayingTextLength({ texts, itemIndexes, subject }, async () =>
      withName(model, { connection, send }, async (named) => await embed(texts, named, send)),
    );
    return vectors.map((vector, position) =>
      vector instanceof NoVector
        ? new FailedEntry(vector.toFailure(subject, 'this item'))
        : withMain({ json: { embedding: vector, index: itemIndexes[position] } }, vector),
    );
  },
};
