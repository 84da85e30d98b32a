import type { INodeProperties } from 'n8n-workflow';

import { CHAT_OPTIONS } from '../shared/parameters/chatOptions';
import { WAKE_FIRST } from '../shared/management/wakeFirst';
import { MAX_RETRIES, TIMEOUT } from '../shared/parameters/options';
import { sourceParameters } from '../shared/parameters/source';

/** The parameters of the Baseten Chat Model. */
export const properties: INodeProperties[] = [
  {
    displayName:
      'This node must be connected to an AI agent or chain. ' +
      '<a data-action="openSelectiveNodeCreator" data-action-parameter-creatorview="AI">Insert one</a>',
    name: 'notice',
    type: 'notice',
    default: '',
    typeOptions: { containerClass: 'ndv-connection-hint-notice' },
  },
  ...sourceParameters('language model'),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [...CHAT_OPTIONS, MAX_RETRIES, TIMEOUT, WAKE_FIRST].sort((a, b) =>
      a.displayName.localeCompare(b.displayName),
    ),
  },
];
