import { embed } from '../../../shared/embeddings';
import { FailedEntry } from '../../../shared/run/batches';
import { NoVector } from '../../../shared/vectors';
import type { BatchOperation } from '../operation';
import { withMain } from '../outputField';
import { readSource, sourceParameters } from '../../../shared/parameters/source';
import { TOKENS_PER_MINUTE } from '../../../shared/parameters/options';
import {
  DIMENSIONS,
  packedOptions,
  readBatchSize,
  readDimensions,
  readText,
  textParameter,
} from '../../../shared/parameters/embedding';

/**
 * Turns texts into vectors, with a Model API or a deployment with an OpenAI-compatible server.
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const create: BatchOperation = {
  name: 'Create',
  value: 'create',
  action: 'Create embeddings',
  callsDeployment: true,
  description: 'Turn texts into vectors. Many items share a request.',
  properties: [
    ...sourceParameters('embeddings'),
    textParameter('The text to turn into a vector'),
    packedOptions([DIMENSIONS, TOKENS_PER_MINUTE]),
  ],
  readPart({ context, itemIndex, connection, options }) {
    const source = readSource(context, itemIndex, connection.endpoints);
    return {
      text: readText(context, itemIndex),
      url: source.openAiUrl('/embeddings'),
      subject: source.subject,
      fields: { model: source.model, dimensions: readDimensions(options.own) },
      batchSize: readBatchSize(options.own),
    };
  },
  async executeBatch({ texts, itemIndexes, url, subject, fields, send }) {
    const { model, dimensions } = fields as { model: string; dimensions?: number };
    const vectors = await embed(texts, { url, subject, model, dimensions }, send);
    return vectors.map((vector, position) =>
      vector instanceof NoVector
        ? new FailedEntry(vector.toFailure(subject, 'this item'))
        : withMain({ json: { embedding: vector, index: itemIndexes[position] } }, vector),
    );
  },
};
