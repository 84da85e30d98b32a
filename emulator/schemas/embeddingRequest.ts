import { checker } from './validate';

/** Body of `POST …/v1/embeddings`. */
export interface EmbeddingRequest {
  model: string;
  input: string | string[];
  encoding_format?: 'float' | 'base64' | null;
  dimensions?: number | null;
  user?: string | null;
}

/**
 * Checks an `EmbeddingRequest`.
 * @throws {Refusal} 400 if it is not valid.
 */
export const checkEmbeddingRequest = checker<EmbeddingRequest>(
  {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      model: { type: 'string', minLength: 1 },
      input: {
        anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }],
      },
      encoding_format: { enum: ['float', 'base64', null] },
      dimensions: { type: ['integer', 'null'], minimum: 1 },
      user: { type: ['string', 'null'] },
    },
  },
  'embeddings request',
);
