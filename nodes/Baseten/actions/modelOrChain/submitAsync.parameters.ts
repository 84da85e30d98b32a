import type { INodeProperties } from 'n8n-workflow';

import type { SubmitAsyncBody } from '../../../shared/async/requests';
import type { OwnerKind } from '../../../shared/connection/endpoints';
import { withoutUndefined } from '../../../shared/json';
import { addressing } from '../../../shared/parameters/addressing';
import { JSON_FILES } from '../../../shared/parameters/files';
import { readChoiceOption } from '../../../shared/parameters/choice';
import type { ParameterContext } from '../../../shared/parameters/parameter';
import {
  optionsCollection,
  readNumber,
  readWholeNumber,
  type Options,
} from '../../../shared/parameters/options';
import { parseJsonObject } from '../../../shared/payload/requestBody';
import type { ItemJob } from '../../../shared/waiting/job';
import type { Metadata } from '../../../shared/webhook/metadata';
import { JSON_MODES, withModelFields, type InputMode } from '../parameters/inputModes';
import { inputParameters } from '../parameters/inputParameters';

/** Seconds: the longest time that Baseten lets a request wait in its queue, and an hour of work. */
const LONGEST_WAIT = 259_200 + 3_600;

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
        description: 'Baseten posts the result to a URL, such as the one of a Baseten Trigger',
      },
      {
        name: 'Wait for Result',
        value: 'wait',
        description: 'Pause this workflow until all results have arrived, then continue with them',
        // An agent's tool call can't be put to sleep.
        displayOptions: { hide: { '@tool': [true] } },
      },
      {
        name: 'None',
        value: 'none',
        description: 'The model stores its output itself; you can only ask for its status',
      },
    ],
  },
  {
    displayName:
      'The credential needs a webhook secret. All items of a run are submitted, up to 1,000, and the workflow goes on when all results are there. Once it sleeps, Retry On Fail does nothing any more. If the time limit of this workflow passes meanwhile, results still arrive, but a wait that fails shows as canceled.',
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
    description:
      'Where Baseten posts the result: a public https:// address. Use the Production URL of a published workflow; a Test URL works in a manual execution only.',
    displayOptions: { show: { delivery: ['webhook'] } },
  },
  {
    displayName: 'Metadata',
    name: 'metadata',
    type: 'json',
    default: '{}',
    placeholder: '{ "order": 1042 }',
    description:
      'A JSON object of up to 4 KiB that comes out of the Baseten Trigger together with the result. It is signed for this model or chain and this Webhook URL, and valid for four days.',
  },
];

const ON_LOST_RESULT = {
  name: 'onLostResult',
  label: 'On Lost Result',
  values: ['fail', 'resubmit'],
} as const;

const WAIT_ONLY = { show: { '/delivery': ['wait'] } };

/** Options: how results are awaited. */
export const WAIT_OPTIONS: INodeProperties[] = [
  {
    displayName: 'On Lost Result',
    name: 'onLostResult',
    type: 'options',
    default: 'fail',
    description:
      'What to do when the request ended but its result did not reach this n8n, for example because n8n was down for both deliveries',
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
    description: 'Seconds to wait for the result; after that the node fails',
  },
];

/** Options: how Baseten queues requests. */
export const QUEUE_OPTIONS: INodeProperties[] = [
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
    description: 'Which requests in the queue run first',
    options: [
      { name: '0 (First)', value: 0 },
      { name: '1', value: 1 },
      { name: '2 (Last)', value: 2 },
    ],
  },
];

const OPTIONS: INodeProperties[] = [
  ...[...JSON_FILES, ...WAIT_OPTIONS].map((option) => ({ ...option, displayOptions: WAIT_ONLY })),
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
    description: 'Longest wait between two runs in milliseconds, from 0 to 60000',
  },
  ...QUEUE_OPTIONS,
];

/**
 * Parameters of Submit Async.
 * @see https://docs.baseten.co/inference/async
 */
export function submitAsyncProperties(kind: OwnerKind): INodeProperties[] {
  return [
    ...addressing(kind),
    ...inputParameters({ modes: submitModes(kind), initial: '{}' }),
    SIZE_NOTICE,
    ...DELIVERY,
    optionsCollection(OPTIONS),
  ];
}

/** Where the input can come from. */
export function submitModes(kind: OwnerKind): readonly InputMode[] {
  return kind === 'model' ? withModelFields(JSON_MODES) : JSON_MODES;
}

/**
 * Reads the metadata of an item; empty if the field is.
 * @throws {UserInputError} if it is not a JSON object
 */
export function readMetadata(context: ParameterContext, itemIndex: number): Metadata {
  const value = context.getNodeParameter('metadata', itemIndex, {});
  return value === '' || value === null ? {} : parseJsonObject(value, 'Metadata');
}

/**
 * Reads how Baseten queues and repeats an item. Only what the user set is sent, so that Baseten's
 * own defaults hold for the rest.
 * @throws {UserInputError} if a number is out of range
 */
export function readQueueing(
  options: Options,
): Omit<SubmitAsyncBody, 'model_input' | 'webhook_endpoint'> {
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

/**
 * Reads how long to wait for the result of an item, and what to do if it is lost.
 * @throws {UserInputError} if the time is out of range, or On Lost Result is none of its values
 */
export function readWaitOptions(options: Options): Pick<ItemJob, 'waitTimeout' | 'onLostResult'> {
  return {
    waitTimeout: readNumber(options, {
      name: 'waitTimeout',
      label: 'Wait Timeout',
      range: [1, LONGEST_WAIT],
      fallback: 7200,
    }),
    onLostResult: readChoiceOption(options, ON_LOST_RESULT) ?? 'fail',
  };
}
