import type { INodeProperties } from 'n8n-workflow';

import { JSON_FILES } from '../shared/parameters/files';
import { ADDRESS } from './address';

/** Parameters of the trigger. */
export const properties: INodeProperties[] = [
  {
    displayName:
      'Give this node’s Production URL to Submit Async as its Webhook URL. Publish the workflow first and keep it published: Baseten posts each result once, and once more if that fails.',
    name: 'notice',
    type: 'notice',
    default: '',
  },
  ADDRESS,
  {
    displayName:
      'If this n8n is on the internet, set N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true. Otherwise strangers can hold up all results with 80 requests a second. Results that come while n8n starts are lost, unless a proxy holds them: see A proxy in front of n8n in the guides.',
    name: 'hostNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Events',
    name: 'events',
    type: 'multiOptions',
    default: ['asyncResult'],
    description: 'Which deliveries start the workflow. Others are accepted and dropped.',
    options: [
      {
        name: 'Async Result',
        value: 'asyncResult',
        description: 'The result of an async request',
      },
      {
        name: 'Billing Usage',
        value: 'billingUsage',
        description: 'What customers of your Frontier Gateway used, an item an event',
      },
    ],
  },
  {
    displayName: 'Verify Signature',
    name: 'verifySignature',
    type: 'boolean',
    default: true,
    description:
      'Whether to take only deliveries that Baseten signed with the webhook secret of the credential. Without this anyone who knows the URL can start the workflow.',
  },
  {
    displayName: 'Outcomes',
    name: 'outcomes',
    type: 'multiOptions',
    default: ['succeeded', 'failed'],
    description:
      'Which outcomes of a request start the workflow. Other results are accepted and dropped.',
    options: [
      {
        name: 'Failed',
        value: 'failed',
        description: 'The model or chain failed; the errors say why',
      },
      {
        name: 'Succeeded',
        value: 'succeeded',
        description: 'The model or chain returned an output',
      },
    ],
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      ...JSON_FILES,
      {
        displayName: 'Group Deliveries',
        name: 'groupDeliveries',
        type: 'boolean',
        default: true,
        description:
          'Whether deliveries that arrive at the same moment, or while an execution is being recorded, start one execution together, with one item each. A burst is received several times faster this way. If one item makes a node fail, all results of the execution fail with it, and Baseten does not send them again. So set On Error of the next nodes to Continue, or turn this off.',
      },
      {
        displayName: 'Ignore Duplicates',
        name: 'ignoreDuplicates',
        type: 'boolean',
        default: true,
        description:
          'Whether to start nothing if the result of a request was received before. After a restart of n8n the last 500 are known.',
      },
      {
        displayName: 'Max Group Size',
        name: 'maxGroupSize',
        type: 'number',
        typeOptions: { minValue: 1, numberPrecision: 0 },
        default: 100,
        description:
          'Most deliveries in one execution, and so the most that fail together if a node fails. A group of more than 8 MB is split, too.',
      },
      {
        displayName: 'Model IDs',
        name: 'modelIds',
        type: 'string',
        default: '',
        placeholder: 'e.g. abcd1234, efgh5678',
        description:
          'Comma-separated IDs of the models and chains whose results start the workflow; empty means all',
      },
      {
        displayName: 'Timestamp Tolerance',
        name: 'timestampTolerance',
        type: 'number',
        typeOptions: { minValue: 0, numberPrecision: 0 },
        default: 300,
        description:
          'Seconds that the time of a delivery may differ from this machine’s clock, as a protection against replays; 0 takes any time',
      },
    ],
  },
];
