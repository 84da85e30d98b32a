import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { submitAsync, type SubmitAsyncBody } from '../../../shared/async/requests';
import type { OwnerKind } from '../../../shared/connection/endpoints';
import { withoutUndefined } from '../../../shared/json';
import { parseJsonObject } from '../../../shared/payload/requestBody';
import { withMetadata, type Metadata } from '../../../shared/webhook/metadata';
import { UserInputError } from '../../../shared/errors/userInputError';
import { parseWebhookUrl } from '../../../shared/webhook/url';
import type { ItemCall, Operation } from '../operation';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { inputParameters, readJsonInput } from '../parameters/input';
import {
  optionsCollection,
  readOptions,
  readWholeNumber,
} from '../../../shared/parameters/options';
import { waitForResult } from './startWaiting';

const SIZE_NOTICE: INodeProperties = {
  displayName:
    'Baseten takes inputs of up to 256 KiB here, unless it raised the limit for your workspace. Send links to large data.',
  name: 'sizeNotice',
  type: 'notice',
  default: '',
};

const DELIVERY: INodeProperties[] = [
  {
    displayName: 'Delivery',
    name: 'delivery',
    type: 'options',
    default: 'webhook',
    description: 'How the result comes back. Baseten does not store outputs.',
    options: [
      {
        name: 'Send to Webhook',
        value: 'webhook',
        description: 'Baseten posts the result to a URL, such as that of a Baseten Trigger',
      },
      {
        name: 'Wait for Result',
        value: 'wait',
        description: 'Pause this workflow until the result is there, then go on with it',
        // An agent's tool call can't be put to sleep.
        displayOptions: { hide: { '@tool': [true] } },
      },
      {
        name: 'None',
        value: 'none',
        description: 'The model keeps its output itself; only the status can be asked for',
      },
    ],
  },
  {
    displayName:
      'Takes one item a run: put Loop Over Items before this node for more. The credential needs a webhook secret.',
    name: 'waitNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: { delivery: ['wait'] } },
  },
  {
    displayName: 'Webhook URL',
    name: 'webhookUrl',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. https://n8n.example.com/webhook/…',
    description: 'Where Baseten posts the result: an https:// address, or http:// on this machine',
    displayOptions: { show: { delivery: ['webhook'] } },
  },
  {
    displayName: 'Metadata',
    name: 'metadata',
    type: 'json',
    default: '{}',
    placeholder: '{ "order": 1042 }',
    description:
      'A JSON object that travels with the request and comes out of the Baseten Trigger with the result, up to 4 KiB',
  },
];

const WAIT_ONLY = { show: { '/delivery': ['wait'] } };

const OPTIONS: INodeProperties[] = [
  {
    displayName: 'On Lost Result',
    name: 'onLostResult',
    type: 'options',
    default: 'fail',
    description: 'What to do when the request ended but its result did not reach this n8n',
    displayOptions: WAIT_ONLY,
    options: [
      { name: 'Fail', value: 'fail', description: 'End with an error that says what happened' },
      { name: 'Submit Again', value: 'resubmit', description: 'Submit the same input again, once' },
    ],
  },
  {
    displayName: 'Wait Timeout',
    name: 'waitTimeout',
    type: 'number',
    typeOptions: { minValue: 1, numberPrecision: 0 },
    default: 7200,
    description: 'Most seconds to wait for the result; after that the node fails',
    displayOptions: WAIT_ONLY,
  },
  {
    displayName: 'Inference Initial Delay',
    name: 'inferenceInitialDelay',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 10000, numberPrecision: 0 },
    default: 1000,
    description: 'Milliseconds before Baseten runs a failed inference again, from 0 to 10000',
  },
  {
    displayName: 'Inference Max Attempts',
    name: 'inferenceMaxAttempts',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
    default: 3,
    description: 'How often Baseten runs an inference that fails with a server error, from 1 to 10',
  },
  {
    displayName: 'Inference Max Delay',
    name: 'inferenceMaxDelay',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 60000, numberPrecision: 0 },
    default: 5000,
    description: 'Most milliseconds between two runs, from 0 to 60000',
  },
  {
    displayName: 'Max Time in Queue',
    name: 'maxTimeInQueue',
    type: 'number',
    typeOptions: { minValue: 10, maxValue: 259200, numberPrecision: 0 },
    default: 600,
    description:
      'Seconds after which a request that has not started expires, from 10 to 259200 (72 hours)',
  },
  {
    displayName: 'Priority',
    name: 'priority',
    type: 'options',
    default: 0,
    description: 'Which requests of the queue come first',
    options: [
      { name: '0 (First)', value: 0 },
      { name: '1', value: 1 },
      { name: '2 (Last)', value: 2 },
    ],
  },
];

/**
 * Submits work whose result comes later; the same for models and chains.
 * @see https://docs.baseten.co/inference/async
 */
export function submitAsyncOperation(kind: OwnerKind): Operation {
  return {
    name: 'Submit Async',
    value: 'submitAsync',
    action: `Submit an async request to a ${kind}`,
    description: `Queue long work for a ${kind}; the result comes by webhook`,
    properties: [
      ...addressing(kind),
      ...inputParameters({ bytes: false, initial: '{}' }),
      SIZE_NOTICE,
      ...DELIVERY,
      optionsCollection(OPTIONS),
    ],
    async execute(call) {
      const { context, itemIndex, connection, send } = call;
      const submission = {
        owner: readOwner(context, kind, itemIndex),
        target: readTarget(context, itemIndex),
        body: { model_input: await readJsonInput(context, itemIndex), ...readQueueing(call) },
      };
      const metadata = readMetadata(call);
      const delivery = context.getNodeParameter('delivery', itemIndex, 'webhook');
      if (delivery === 'wait') return await waitForResult(call, { ...submission, metadata });
      if (delivery === 'webhook') {
        const url = parseWebhookUrl(context.getNodeParameter('webhookUrl', itemIndex, ''));
        const [secret] = connection.webhookSecrets;
        Object.assign(submission.body, {
          webhook_endpoint: withMetadata(url, metadata, secret).toString(),
        });
      } else if (delivery !== 'none') {
        // As "none" it would be submitted, and its result be gone.
        throw new UserInputError(
          `Delivery can't be ${JSON.stringify(delivery)}`,
          'Its values are "webhook", "wait" and "none".',
        );
      }
      const request_id = await submitAsync(send, connection.endpoints, submission);
      return [{ json: { request_id, metadata: metadata as IDataObject } }];
    },
  };
}

function readMetadata({ context, itemIndex }: ItemCall): Metadata {
  const value = context.getNodeParameter('metadata', itemIndex, {});
  return value === '' || value === null ? {} : parseJsonObject(value, 'Metadata');
}

/** Only what the user set is sent, so that Baseten's own defaults hold for the rest. */
function readQueueing({ context, itemIndex }: ItemCall): Partial<SubmitAsyncBody> {
  const options = readOptions(context, itemIndex);
  const whole = (name: string, label: string, fallback: number, range: [number, number]) =>
    name in options ? readWholeNumber(options, { name, label, range, fallback }) : undefined;
  const retries = withoutUndefined({
    max_attempts: whole('inferenceMaxAttempts', 'Inference Max Attempts', 3, [1, 10]),
    initial_delay_ms: whole('inferenceInitialDelay', 'Inference Initial Delay', 1000, [0, 10_000]),
    max_delay_ms: whole('inferenceMaxDelay', 'Inference Max Delay', 5000, [0, 60_000]),
  });
  return {
    ...withoutUndefined({
      priority: whole('priority', 'Priority', 0, [0, 2]),
      max_time_in_queue_seconds: whole('maxTimeInQueue', 'Max Time in Queue', 600, [10, 259_200]),
    }),
    ...(Object.keys(retries).length > 0 && { inference_retry_config: retries }),
  };
}
