import { checker } from './validate';

export interface EmbeddingRequest {
  model: string;
  input: string | string[];
  encoding_format?: 'float' | 'base64' | null;
  dimensions?: number | null;
  user?: string | null;
}

/** Body of `POST …/v1/embeddings`. Throws 400 for anything else. */
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
