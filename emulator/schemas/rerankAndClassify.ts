import { checker } from './validate';

/** Body of `POST …/sync/rerank` on an embeddings engine. */
export interface RerankRequest {
  query: string;
  texts: string[];
  raw_scores?: boolean;
  return_text?: boolean;
  truncate?: boolean;
}

/**
 * Body of `POST …/sync/predict` on an embeddings engine that classifies: one list for each text.
 */
export interface ClassifyRequest {
  inputs: string[][];
  raw_scores?: boolean;
  truncate?: boolean;
}

const text = { type: 'string' };
const flag = { type: ['boolean', 'null'] };
const direction = { enum: ['Left', 'Right', 'left', 'right', null] };

/**
 * Checks a `RerankRequest`.
 * @throws {Refusal} 400 if it is not valid.
 */
export const checkRerankRequest = checker<RerankRequest>(
  {
    type: 'object',
    required: ['query', 'texts'],
    properties: {
      query: text,
      texts: { type: 'array', minItems: 1, items: text },
      raw_scores: flag,
      return_text: flag,
      truncate: flag,
      truncation_direction: direction,
    },
  },
  'rerank request',
);

/**
 * Checks a `ClassifyRequest`.
 * @throws {Refusal} 400 if it is not valid.
 */
export const checkClassifyRequest = checker<ClassifyRequest>(
  {
    type: 'object',
    required: ['inputs'],
    properties: {
      inputs: {
        type: 'array',
        minItems: 1,
        items: { type: 'array', minItems: 1, maxItems: 2, items: text },
      },
      raw_scores: flag,
      truncate: flag,
      truncation_direction: direction,
    },
  },
  'classification request',
);
