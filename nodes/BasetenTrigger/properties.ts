import type { INodeProperties } from 'n8n-workflow';

/** What the trigger asks for. */
export const properties: INodeProperties[] = [
  {
    displayName:
      'Give this node’s Production URL to Submit Async as its Webhook URL. Publish the workflow first and keep it published: Baseten posts each result once, and once more if that fails.',
    name: 'notice',
    type: 'notice',
    default: '',
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
    description: 'Which ends of a request start the workflow',
    options: [
      {
        name: 'Failed',
        value: 'failed',
        description: 'The model or chain failed; the errors tell why',
      },
      { name: 'Succeeded', value: 'succeeded', description: 'The model or chain answered' },
    ],
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      {
        displayName: 'Base64 Fields',
        name: 'base64Fields',
        type: 'string',
        default: '',
        placeholder: 'e.g. image, data.audio',
        description:
          'Comma-separated paths in the result that hold base64. Each is moved to binary data.',
      },
      {
        displayName: 'Group Deliveries',
        name: 'groupDeliveries',
        type: 'boolean',
        default: true,
        description:
          'Whether deliveries that arrive at the same moment, or while an execution is being recorded, start one together, an item each. A burst is received several times faster this way.',
      },
      {
        displayName: 'Ignore Duplicates',
        name: 'ignoreDuplicates',
        type: 'boolean',
        default: true,
        description: 'Whether a delivery of a request that was received before starts nothing',
      },
      {
        displayName: 'Max Group Size',
        name: 'maxGroupSize',
        type: 'number',
        typeOptions: { minValue: 1, numberPrecision: 0 },
        default: 100,
        description:
          'Most deliveries in one execution. Those of more than 8 MB together are divided, too.',
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
        description: 'Seconds that a delivery may be old, against replayed ones; 0 takes any age',
      },
    ],
  },
];
