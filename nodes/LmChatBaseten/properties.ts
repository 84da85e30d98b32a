import type { INodeProperties } from 'n8n-workflow';

import { MAX_RETRIES, TIMEOUT } from '../shared/parameters/options';
import { SAMPLING, TOP_P_RANGE } from '../shared/parameters/sampling';
import { sourceParameters } from '../shared/parameters/source';

/** The least and the most that Baseten allows for each option that is a number. */
export const RANGES = {
  temperature: [0, 4],
  maxTokens: [1, 262_144],
  topP: TOP_P_RANGE,
  frequencyPenalty: [-2, 2],
  presencePenalty: [-2, 2],
} satisfies Record<string, [number, number]>;

const RESPONSE_FORMAT: INodeProperties = {
  displayName: 'Response Format',
  name: 'responseFormat',
  type: 'options',
  default: 'text',
  description: 'What the answer must be',
  options: [
    {
      name: 'JSON Object',
      value: 'json_object',
      description: 'JSON of any shape. Say in the prompt which one.',
    },
    { name: 'Text', value: 'text', description: 'Text of any kind' },
  ],
};

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
    options: [...SAMPLING, RESPONSE_FORMAT, MAX_RETRIES, TIMEOUT].sort((a, b) =>
      a.displayName.localeCompare(b.displayName),
    ),
  },
];
