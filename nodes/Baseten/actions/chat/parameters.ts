import type { INodeProperties } from 'n8n-workflow';

import { CHAT_OPTIONS_WITH_CHOICE } from '../../../shared/parameters/chatOptions';
import { optionsCollection, TOKENS_PER_MINUTE } from '../../../shared/parameters/options';
import { sourceParameters } from '../../../shared/parameters/source';

const PROMPT: INodeProperties[] = [
  {
    displayName: 'Prompt Type',
    name: 'promptType',
    type: 'options',
    default: 'simple',
    description: 'What the model is given',
    options: [
      {
        name: 'Messages',
        value: 'messages',
        description: 'A conversation, with images, audio or videos if the model takes them',
      },
      { name: 'Simple', value: 'simple', description: 'One text' },
    ],
  },
  {
    displayName: 'Prompt',
    name: 'prompt',
    type: 'string',
    typeOptions: { rows: 4 },
    default: '',
    required: true,
    placeholder: 'e.g. Summarise this text in one sentence: …',
    description: 'What to say to the model',
    displayOptions: { show: { promptType: ['simple'] } },
  },
  {
    displayName: 'Messages',
    name: 'messages',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true, sortable: true },
    placeholder: 'Add Message',
    default: { message: [{ role: 'user', content: '', imageBinaryProperties: '' }] },
    description: 'The conversation so far, oldest first',
    displayOptions: { show: { promptType: ['messages'] } },
    options: [
      {
        displayName: 'Message',
        name: 'message',
        values: [
          {
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'user',
            description: 'Who says it',
            options: [
              { name: 'Assistant', value: 'assistant', description: 'The model, earlier' },
              { name: 'System', value: 'system', description: 'Instructions for the model' },
              { name: 'User', value: 'user', description: 'The person' },
            ],
          },
          {
            displayName: 'Text',
            name: 'content',
            type: 'string',
            typeOptions: { rows: 3 },
            default: '',
            placeholder: 'e.g. What is in this picture?',
            description: 'The text of the message',
          },
          {
            displayName: 'With Audio',
            name: 'audioBinaryProperties',
            type: 'string',
            default: '',
            placeholder: 'e.g. data, https://example.com/talk.mp3',
            description:
              'Input binary fields that contain WAV or MP3 audio, and addresses of such audio, separated by commas. The node downloads an address, because chat takes the bytes of audio only.',
            displayOptions: { show: { role: ['user'] } },
          },
          {
            displayName: 'With Images',
            name: 'imageBinaryProperties',
            type: 'string',
            default: '',
            placeholder: 'e.g. data, https://example.com/fox.png',
            description:
              'Input binary fields that contain images, and addresses of images, separated by commas',
            displayOptions: { show: { role: ['user'] } },
          },
          {
            displayName: 'With Videos',
            name: 'videoBinaryProperties',
            type: 'string',
            default: '',
            placeholder: 'e.g. data, https://example.com/walk.mp4',
            description:
              'Input binary fields that contain videos, and addresses of videos, separated by commas',
            displayOptions: { show: { role: ['user'], '/source': ['deployment'] } },
          },
        ],
      },
    ],
  },
  {
    displayName: 'Simplify',
    name: 'simplify',
    type: 'boolean',
    default: true,
    description: 'Whether to return a simplified version of the response instead of the raw data',
  },
];

const INCLUDE_COST: INodeProperties = {
  displayName: 'Include Cost',
  name: 'includeCost',
  type: 'boolean',
  default: false,
  description:
    'Whether to put what the answer costs into usage.cost, in dollars, by the prices of your workspace. It is left out if the API key may not read them, and for deployments, which cost by the minute.',
};

const OPTIONS: INodeProperties[] = [
  ...CHAT_OPTIONS_WITH_CHOICE,
  INCLUDE_COST,
  {
    displayName: 'Seed',
    name: 'seed',
    type: 'number',
    typeOptions: { numberPrecision: 0 },
    default: 0,
    description: 'With the same seed and request, models try to give the same answer',
  },
  {
    displayName: 'Stop Sequences',
    name: 'stop',
    type: 'string',
    default: '',
    placeholder: 'e.g. END, ###',
    description:
      'Comma-separated texts at which the model stops. An expression may give a list, whose texts may contain commas.',
  },
  {
    displayName: 'System Message',
    name: 'systemMessage',
    type: 'string',
    typeOptions: { rows: 3 },
    default: '',
    placeholder: 'e.g. You are a helpful assistant',
    description: 'Instructions that go before the conversation',
  },
  {
    displayName: 'Tool Choice',
    name: 'toolChoice',
    type: 'string',
    default: 'auto',
    placeholder: 'e.g. auto',
    description:
      'Whether the model calls tools: auto, none, required, or the name of the function that it must call. An object of the API works, too.',
  },
  {
    displayName: 'Tools',
    name: 'tools',
    type: 'json',
    typeOptions: { rows: 6 },
    default: '[]',
    placeholder:
      '[{ "type": "function", "function": { "name": "get_weather", "parameters": { … } } }]',
    description:
      'Functions that the model may call, as a JSON list. The output has its calls under "toolCalls".',
  },
];

/** The parameters of a chat completion. */
export const chatParameters: INodeProperties[] = [
  ...sourceParameters('language model'),
  ...PROMPT,
  optionsCollection([...OPTIONS, TOKENS_PER_MINUTE]),
];
