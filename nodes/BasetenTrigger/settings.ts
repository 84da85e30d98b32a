import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import { toChoice } from '../shared/choice';
import { UserInputError } from '../shared/errors/userInputError';
import { isBlank, isTextOrNumber } from '../shared/json';
import { quoted } from '../shared/quoted';
import { readChoiceOption } from '../shared/parameters/choice';
import { BASE64_TO_FILES } from '../shared/parameters/files';
import { readNumber, readWholeNumber, type Options } from '../shared/parameters/options';
import { toPaths } from '../shared/payload/jsonFiles';
import type { ReceptionSettings } from '../shared/webhook/delivery';

/** Deliveries that can start the workflow. */
const EVENTS = ['asyncResult', 'billingUsage'] as const;

/** Outcomes of a request that can start the workflow. */
const OUTCOMES = ['succeeded', 'failed'] as const;

/** The trigger's parameters. */
export interface Settings extends ReceptionSettings {
  /** Deliveries that start the workflow. */
  events: string[];
  /** Outcomes that start the workflow. */
  outcomes: string[];
  /** Models and chains whose results start the workflow; empty: all. */
  modelIds: string[];
  base64Fields: string[];
  base64ToFiles: boolean;
  ignoreDuplicates: boolean;
  groupDeliveries: boolean;
  maxGroupSize: number;
}

/**
 * Reads the trigger's parameters. An expression in them may give anything.
 * @param onUnusable is told of an option that can't be used; its default counts then, because an
 * error would lose the result. What it throws is thrown.
 * @throws {UserInputError} if it can't be told which results start the workflow
 */
export function readSettings(
  context: Pick<IWebhookFunctions | IHookFunctions, 'getNodeParameter'>,
  onUnusable: (error: UserInputError) => void,
): Settings {
  const options = context.getNodeParameter('options', {}) as Options;
  const orDefault = <T>(read: () => T, byDefault: T): T => {
    try {
      return read();
    } catch (error) {
      onUnusable(error as UserInputError);
      return byDefault;
    }
  };
  return {
    // Only false switches it off.
    verifySignature: context.getNodeParameter('verifySignature', true) !== false,
    tolerance: orDefault(() => readNumber(options, TOLERANCE), TOLERANCE.fallback),
    events: toEvents(context.getNodeParameter('events', ['asyncResult'])),
    outcomes: toOutcomes(context.getNodeParameter('outcomes', [...OUTCOMES])),
    modelIds: toList(options.modelIds, 'Model IDs'),
    base64Fields: orDefault(() => toList(options.base64Fields, 'Base64 Fields'), []),
    base64ToFiles: orDefault(() => readChoiceOption(options, BASE64_TO_FILES), 'auto') !== 'off',
    ignoreDuplicates: options.ignoreDuplicates !== false,
    groupDeliveries: options.groupDeliveries !== false,
    maxGroupSize: orDefault(() => readWholeNumber(options, GROUP_SIZE), GROUP_SIZE.fallback),
  };
}

const TOLERANCE = {
  name: 'timestampTolerance',
  label: 'Timestamp Tolerance',
  range: [0, 1e9],
  fallback: 300,
} as const;

const GROUP_SIZE = {
  name: 'maxGroupSize',
  label: 'Max Group Size',
  range: [1, 1e6],
  fallback: 100,
} as const;

/** The events that were chosen, as a list, also if an expression gives a single one. */
function toEvents(value: unknown): string[] {
  const values = [value].flat().filter((each) => !isBlank(each));
  if (values.length === 0) {
    throw new UserInputError(
      'No Events are chosen, so no delivery can start the workflow',
      'Choose Async Result, Billing Usage or both.',
    );
  }
  return values.map((each) => toChoice(each, { label: 'Events', values: EVENTS }));
}

/** The outcomes that were chosen, as a list, also if an expression gives a single one. */
function toOutcomes(value: unknown): string[] {
  const values = [value].flat().filter((each) => !isBlank(each));
  if (values.length === 0) {
    throw new UserInputError(
      'No Outcomes are chosen, so no result can start the workflow',
      'Choose Succeeded, Failed or both.',
    );
  }
  return values.map((each) => toChoice(each, { label: 'Outcomes', values: OUTCOMES }));
}

/** Texts separated by commas, or a list of texts. Anything else must not be read as none. */
function toList(value: unknown, label: string): string[] {
  const values = [value].flat().filter((each) => !isBlank(each));
  if (!values.every(isTextOrNumber)) {
    throw new UserInputError(
      `${label} can't be ${quoted(value)}`,
      'Give texts, separated by commas.',
    );
  }
  return toPaths(values.join(','));
}
