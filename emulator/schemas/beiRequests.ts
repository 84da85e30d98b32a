import { checker } from './validate';

export interface RerankRequest {
  query: string;
  texts: string[];
  raw_scores?: boolean;
  return_text?: boolean;
  truncate?: boolean;
}

export interface ClassifyRequest {
  inputs: string[][];
  raw_scores?: boolean;
  truncate?: boolean;
}

const text = { type: 'string' };
const flag = { type: ['boolean', 'null'] };
const direction = { enum: ['Left', 'Right', 'left', 'right', null] };

/** Body of `POST …/sync/rerank`. Throws 400 for anything else. */
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

/** Body of `POST …/sync/predict` on a classifier: one list for each text. Throws 400 for anything else. */
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
