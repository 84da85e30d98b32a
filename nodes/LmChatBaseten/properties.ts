import type { INodeProperties } from 'n8n-workflow';

import { MAX_RETRIES, TIMEOUT } from '../Baseten/actions/parameters/options';
import { sourceParameters } from '../Baseten/actions/parameters/source';

/** Least and most of the options that are numbers, as Baseten takes them. */
export const RANGES = {
  temperature: [0, 4],
  maxTokens: [1, 262_144],
  topP: [0, 1],
  frequencyPenalty: [-2, 2],
  presencePenalty: [-2, 2],
} satisfies Record<string, [number, number]>;

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
  ...sourceParameters(),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Frequency Penalty',
        name: 'frequencyPenalty',
        type: 'number',
        typeOptions: { minValue: -2, maxValue: 2, numberPrecision: 2 },
        default: 0,
        description: 'Makes words less likely the more often they were used, from -2 to 2',
      },
      MAX_RETRIES,
      {
        displayName: 'Max Tokens',
        name: 'maxTokens',
        type: 'number',
        typeOptions: { minValue: 1, maxValue: 262_144, numberPrecision: 0 },
        default: 1024,
        description: 'The most tokens that the answer may have, reasoning included',
      },
      {
        displayName: 'Presence Penalty',
        name: 'presencePenalty',
        type: 'number',
        typeOptions: { minValue: -2, maxValue: 2, numberPrecision: 2 },
        default: 0,
        description: 'Makes words that were used at all less likely, from -2 to 2',
      },
      {
        displayName: 'Reasoning Effort',
        name: 'reasoningEffort',
        type: 'options',
        default: 'medium',
        description: 'How long a reasoning model thinks before it answers. Not every model takes every value.',
        options: [
          { name: 'High', value: 'high' },
          { name: 'Low', value: 'low' },
          { name: 'Max', value: 'max' },
          { name: 'Medium', value: 'medium' },
          { name: 'Minimal', value: 'minimal' },
          { name: 'None', value: 'none' },
        ],
      },
      {
        displayName: 'Response Format',
        name: 'responseFormat',
        type: 'options',
        default: 'text',
        description: 'What the answer must be',
        options: [
          { name: 'JSON Object', value: 'json_object', description: 'JSON of any shape; say in the prompt which' },
          { name: 'Text', value: 'text', description: 'Text of any kind' },
        ],
      },
      {
        displayName: 'Temperature',
        name: 'temperature',
        type: 'number',
        typeOptions: { minValue: 0, maxValue: 4, numberPrecision: 2 },
        default: 1,
        description: 'How freely the model picks its words, from 0 to 4',
      },
      TIMEOUT,
      {
        displayName: 'Top P',
        name: 'topP',
        type: 'number',
        typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
        default: 1,
        description: 'Keeps the model to the likeliest words that make up this share, above 0 and up to 1',
      },
    ],
  },
];
