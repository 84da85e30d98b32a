import type { INodeProperties } from 'n8n-workflow';

import type { SendOptions } from '../http/client';
import { hedgeOf, type Hedge } from '../http/hedge';
import type { RunSettings } from '../run/items';
import { UserInputError } from '../errors/userInputError';
import type { ParameterContext } from './locators';

export const MAX_RETRIES: INodeProperties = {
  displayName: 'Max Retries',
  name: 'maxRetries',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 20, numberPrecision: 0 },
  default: 3,
  description:
    'How often a request is repeated after a rate limit (429), a server error (500, 502, 503, 504) or a lost connection',
};

export const TIMEOUT: INodeProperties = {
  displayName: 'Timeout',
  name: 'timeout',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 3600 },
  default: 300,
  description: 'Seconds to wait for one answer, from 1 to 3600',
};

/** Option of calls that may be sent twice without harm, as the user says by setting it. */
export const HEDGE_AFTER: INodeProperties = {
  displayName: 'Hedge After (Ms)',
  name: 'hedgeAfter',
  type: 'number',
  typeOptions: { minValue: 0, numberPrecision: 0 },
  default: 0,
  description:
    'Milliseconds after which a slow request is sent a second time; the first answer counts and the other request is aborted. At most one item in ten gets a second request. Use it only where running the model twice does no harm. 0 means never.',
};

/** Options of every operation. */
const COMMON: INodeProperties[] = [
  {
    displayName: 'Max Concurrency',
    name: 'maxConcurrency',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 256, numberPrecision: 0 },
    default: 8,
    description:
      'How many items are in flight at once, from 1 to 256. The results keep the order of the input.',
  },
  MAX_RETRIES,
  {
    displayName: 'Requests per Minute',
    name: 'requestsPerMinute',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 0,
    description: 'How many items may start in a minute, evenly spaced. 0 means no limit.',
  },
  TIMEOUT,
];

/** The Options collection of an operation: its own and those that every operation has, as n8n orders them. */
export function optionsCollection(own: INodeProperties[] = []): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [...own, ...COMMON].sort((a, b) => a.displayName.localeCompare(b.displayName)),
  };
}

/** Options as the user set them; what was not set is absent. */
export function readOptions(context: ParameterContext, itemIndex: number): Record<string, unknown> {
  return context.getNodeParameter('options', itemIndex, {}) as Record<string, unknown>;
}

/**
 * Reads a number from the options.
 * @param fallback what an option that is not set comes to
 * @throws {UserInputError} where it is no number or out of range
 */
export function readNumber<Fallback extends number | undefined>(
  options: Record<string, unknown>,
  name: string,
  label: string,
  fallback: Fallback,
  [least, most]: [number, number],
): number | Fallback {
  const value = options[name];
  if (value === undefined || value === null || value === '') return fallback;
  const number = Number(value);
  if (!Number.isFinite(number) || number < least || number > most) {
    throw new UserInputError(
      `${label} can't be ${JSON.stringify(value)}`,
      `Give a number from ${least} to ${most}, or remove the option${fallback === undefined ? '' : ` to use ${fallback}`}.`,
    );
  }
  return number;
}

/**
 * How items run side by side: asked once a run, of the first item.
 * @param streams whether answers go out as they come; at the same time they would be mixed up
 */
export function readRunSettings(context: ParameterContext, streams = false): RunSettings {
  const options = readOptions(context, 0);
  const maxConcurrency = Math.floor(
    readNumber(options, 'maxConcurrency', 'Max Concurrency', 8, [1, 256]),
  );
  return {
    maxConcurrency: streams ? 1 : maxConcurrency,
    requestsPerMinute: readNumber(
      options,
      'requestsPerMinute',
      'Requests per Minute',
      0,
      [0, 1_000_000],
    ),
  };
}

/** What the requests of a run share to send slow ones twice: asked once a run, of the first item. */
export function readHedge(context: ParameterContext, requests: number): Hedge | undefined {
  const after = readNumber(readOptions(context, 0), 'hedgeAfter', 'Hedge After', 0, [0, 3_600_000]);
  return after > 0 ? hedgeOf(after, requests) : undefined;
}

/** How an item's requests are sent. */
export function readSendOptions(
  context: ParameterContext,
  itemIndex: number,
): Omit<SendOptions, 'signal'> {
  const options = readOptions(context, itemIndex);
  return {
    timeout: readNumber(options, 'timeout', 'Timeout', 300, [1, 3600]),
    maxRetries: Math.floor(readNumber(options, 'maxRetries', 'Max Retries', 3, [0, 20])),
  };
}
