// Decisions: docs/decisions.md, "The node finds out how much a deployment takes".

import type { INodeProperties } from 'n8n-workflow';

import type { SendOptions } from '../http/client';
import { isBlank } from '../json';
import type { RunLimits } from '../http/flow/runFlow';
import { UserInputError } from '../errors/userInputError';
import { readParameter, type ParameterContext } from './parameter';

/** How often a failed request is repeated; the sub-nodes have this option, too. */
export const MAX_RETRIES: INodeProperties = {
  displayName: 'Max Retries',
  name: 'maxRetries',
  type: 'number',
  typeOptions: { minValue: 0, maxValue: 20, numberPrecision: 0 },
  default: 3,
  description:
    'How often a request is repeated after a rate limit (429), a server error (500, 502, 503, 504) or a lost connection',
};

/** The time limit for one response, in seconds; the sub-nodes have this option, too. */
export const TIMEOUT: INodeProperties = {
  displayName: 'Timeout',
  name: 'timeout',
  type: 'number',
  typeOptions: { minValue: 1, maxValue: 3600 },
  default: 300,
  description: 'Seconds to wait for one response, from 1 to 3600',
};

/** Sends slow requests twice. Off by default, since only the user knows whether that does harm. */
export const HEDGE_AFTER: INodeProperties = {
  displayName: 'Hedge After (Ms)',
  name: 'hedgeAfter',
  type: 'number',
  typeOptions: { minValue: 0, numberPrecision: 0 },
  default: 0,
  description:
    'Milliseconds after which a slow request is sent a second time; the first response counts and the other request is aborted. At most one item in ten gets a second request, so a run of fewer than ten items gets none. Use it only if running the model twice does no harm. 0 means never.',
};

/** How many tokens may be spent in a minute, for operations that cost tokens. */
export const TOKENS_PER_MINUTE: INodeProperties = {
  displayName: 'Tokens per Minute',
  name: 'tokensPerMinute',
  type: 'number',
  typeOptions: { minValue: 0 },
  default: 0,
  description:
    'How many tokens the requests may cost in a minute. They are guessed from the length of the text before a request, and corrected by what its response says. Executions that run at the same time share this limit if they use the same key and model. 0 means no limit.',
};

/** Options of every operation. */
const COMMON: INodeProperties[] = [
  {
    displayName: 'Max Concurrency',
    name: 'maxConcurrency',
    type: 'number',
    typeOptions: { minValue: 0, maxValue: 256, numberPrecision: 0 },
    default: 0,
    description:
      'How many items are in flight at once, from 1 to 256. 0 means as many as the deployment takes without slowing down, which the node finds out while it runs. The results keep the order of the input.',
  },
  MAX_RETRIES,
  {
    displayName: 'Requests per Minute',
    name: 'requestsPerMinute',
    type: 'number',
    typeOptions: { minValue: 0 },
    default: 0,
    description:
      'How many requests may start in a minute, evenly spaced. Executions that run at the same time share this limit if they use the same key and model. 0 means no limit.',
  },
  TIMEOUT,
];

/**
 * Makes the Options collection of an operation.
 * @param own the options that only this operation has
 * @param defaults of options that every operation has, where this one's differ
 * @returns the collection, with the options of every operation, sorted by name as n8n wants it
 */
export function optionsCollection(
  own: INodeProperties[] = [],
  defaults: Record<string, number> = {},
): INodeProperties {
  const common = COMMON.map((option) => ({
    ...option,
    default: defaults[option.name] ?? option.default,
  }));
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: sorted([...own, ...common]),
  };
}

/** An Options collection with more options. */
export function withOptions(collection: INodeProperties, more: INodeProperties[]): INodeProperties {
  const options = collection.options as INodeProperties[];
  return { ...collection, options: sorted([...options, ...more]) };
}

/** By name, as n8n wants it. */
function sorted(options: INodeProperties[]): INodeProperties[] {
  return options.sort((a, b) => a.displayName.localeCompare(b.displayName));
}

/** The Options collection of an item as the user set it. Options that were not set are absent. */
export type Options = Record<string, unknown>;

function readOptions(context: ParameterContext, itemIndex: number): Options {
  return readParameter(context, 'options', itemIndex, {}) as Options;
}

/** A number among the options. */
export interface NumberOption<Fallback extends number | undefined = number | undefined> {
  /** Its name in the collection. */
  name: string;
  /** Its name on screen, for messages. */
  label: string;
  /** The lowest and the highest value that is allowed. */
  range: readonly [least: number, most: number];
  /** The value if the option is not set. */
  fallback?: Fallback;
}

/**
 * Reads a number from the options.
 * @returns the number, or the fallback if the option is not set or blank
 * @throws {UserInputError} if it is not a number, or out of range
 */
export function readNumber<Fallback extends number | undefined>(
  options: Options,
  { name, label, range: [least, most], fallback }: NumberOption<Fallback>,
): number | Fallback {
  const value = options[name];
  if (isBlank(value)) return fallback as Fallback;
  // `Number` would take true for 1, and a list of one number for the number.
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
  if (!Number.isFinite(number) || number < least || number > most) {
    throw new UserInputError(
      `${label} can't be ${JSON.stringify(value)}`,
      `Give a number from ${least} to ${most}, or remove the option${fallback === undefined ? '' : ` to use ${fallback}`}.`,
    );
  }
  return number;
}

/**
 * Like `readNumber`, for whole numbers.
 * @returns the number without its fraction, or the fallback if the option is not set
 * @throws {UserInputError} if it is not a number, or out of range
 */
export function readWholeNumber<Fallback extends number | undefined>(
  options: Options,
  option: NumberOption<Fallback>,
): number | Fallback {
  const number = readNumber(options, option);
  return (number === undefined ? number : Math.floor(number)) as number | Fallback;
}

/** The options that hold for a whole run. They come from its first item. */
export interface RunOptions extends RunLimits {
  /** Milliseconds after which a slow request is sent a second time; 0 means never. */
  hedgeAfter: number;
}

/** The options of one item, read once. */
export interface ItemOptions extends Pick<SendOptions, 'timeout' | 'maxRetries'> {
  /** The collection as the user set it, for the options that only one operation has. */
  own: Options;
}

/**
 * Reads what holds for a whole run, from the options of its first item.
 * @throws {UserInputError} if an option is not a number, or out of range
 */
export function readRunOptions(context: ParameterContext): RunOptions {
  const options = readOptions(context, 0);
  return {
    maxConcurrency: readWholeNumber(options, {
      name: 'maxConcurrency',
      label: 'Max Concurrency',
      range: [0, 256],
      fallback: 0,
    }),
    requestsPerMinute: readNumber(options, {
      name: 'requestsPerMinute',
      label: 'Requests per Minute',
      range: [0, 1_000_000],
      fallback: 0,
    }),
    tokensPerMinute: readNumber(options, {
      name: 'tokensPerMinute',
      label: 'Tokens per Minute',
      range: [0, 1_000_000_000],
      fallback: 0,
    }),
    hedgeAfter: readNumber(options, {
      name: 'hedgeAfter',
      label: 'Hedge After',
      range: [0, 3_600_000],
      fallback: 0,
    }),
  };
}

/**
 * Reads the options of an item.
 * @param timeout seconds, if Timeout is not set
 * @throws {UserInputError} if Timeout or Max Retries is not a number, or out of range
 */
export function readItemOptions(
  context: ParameterContext,
  itemIndex: number,
  timeout = 300,
): ItemOptions {
  const own = readOptions(context, itemIndex);
  return {
    timeout: readNumber(own, {
      name: 'timeout',
      label: 'Timeout',
      range: [1, 3600],
      fallback: timeout,
    }),
    maxRetries: readWholeNumber(own, {
      name: 'maxRetries',
      label: 'Max Retries',
      range: [0, 20],
      fallback: 3,
    }),
    own,
  };
}
