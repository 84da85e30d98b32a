import type { INodeProperties } from 'n8n-workflow';

import { TRUNCATE } from '../shared/engine';
import { WAKE_FIRST } from '../shared/management/wakeFirst';
import { addressing } from '../shared/parameters/addressing';
import { MAX_RETRIES, TIMEOUT } from '../shared/parameters/options';
import { DEFAULT_TOP_N } from './reranker';

/** The parameters of Reranker Baseten. */
export const properties: INodeProperties[] = [
  {
    displayName:
      'This node must be connected to a vector store with Rerank Results turned on. ' +
      '<a data-action="openSelectiveNodeCreator" data-action-parameter-connectiontype="ai_vectorStore">Insert one</a>',
    name: 'notice',
    type: 'notice',
    default: '',
    typeOptions: { containerClass: 'ndv-connection-hint-notice' },
  },
  ...addressing('model'),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      MAX_RETRIES,
      TIMEOUT,
      {
        displayName: 'Top N',
        name: 'topN',
        type: 'number',
        typeOptions: { minValue: 1, numberPrecision: 0 },
        default: DEFAULT_TOP_N,
        description: 'How many documents are given back, the best first',
      },
      TRUNCATE,
      WAKE_FIRST,
    ],
  },
];
