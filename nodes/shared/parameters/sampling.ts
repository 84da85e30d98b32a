import type { INodeProperties } from 'n8n-workflow';

/** Least and most of Top P. Baseten refuses 0, so the least is a little above it. */
export const TOP_P_RANGE: [number, number] = [0.001, 1];

/** The option for how long a model thinks. */
export const REASONING_EFFORT = {
  name: 'reasoningEffort',
  label: 'Reasoning Effort',
  values: ['high', 'low', 'max', 'medium', 'minimal', 'none', 'xhigh'],
} as const;

/**
 * How a model writes: the options that Chat → Message a Model and the Baseten Chat Model have in
 * common.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export const SAMPLING: INodeProperties[] = [
  {
    displayName: 'Frequency Penalty',
    name: 'frequencyPenalty',
    type: 'number',
    typeOptions: { minValue: -2, maxValue: 2, numberPrecision: 2 },
    default: 0,
    description: 'Makes a word less likely the more often it was used, from -2 to 2',
  },
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
    description: 'Makes a word less likely once it was used, from -2 to 2',
  },
  {
    displayName: 'Reasoning Effort',
    name: 'reasoningEffort',
    type: 'options',
    default: 'medium',
    description:
      'How long a reasoning model thinks before it answers. Not every model takes every value.',
    options: [
      { name: 'Extra High', value: 'xhigh' },
      { name: 'High', value: 'high' },
      { name: 'Low', value: 'low' },
      { name: 'Max', value: 'max' },
      { name: 'Medium', value: 'medium' },
      { name: 'Minimal', value: 'minimal' },
      { name: 'None', value: 'none' },
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
  {
    displayName: 'Top P',
    name: 'topP',
    type: 'number',
    typeOptions: { minValue: 0.01, maxValue: 1, numberPrecision: 2 },
    default: 1,
    description:
      'Limits the model to the most likely words that make up this share, above 0 and up to 1',
  },
];
