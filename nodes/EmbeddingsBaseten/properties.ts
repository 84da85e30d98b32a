import type { INodeProperties } from 'n8n-workflow';

import { WAKE_FIRST } from '../shared/management/wakeFirst';
import { BATCH_SIZE, DIMENSIONS, embedderParameters } from '../shared/parameters/embedding';
import { MAX_RETRIES, TIMEOUT } from '../shared/parameters/options';

/** The parameters of Embeddings Baseten. */
export const properties: INodeProperties[] = [
  {
    displayName:
      'This node must be connected to a vector store. ' +
      '<a data-action="openSelectiveNodeCreator" data-action-parameter-connectiontype="ai_vectorStore">Insert one</a>',
    name: 'notice',
    type: 'notice',
    default: '',
    typeOptions: { containerClass: 'ndv-connection-hint-notice' },
  },
  ...embedderParameters(),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [BATCH_SIZE, DIMENSIONS, MAX_RETRIES, TIMEOUT, WAKE_FIRST],
  },
];
