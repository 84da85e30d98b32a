import type { INodeProperties } from 'n8n-workflow';

import { isBlank } from '../../../shared/json';
import type { Options } from '../../../shared/parameters/options';
import { parseJsonObject } from '../../../shared/payload/requestBody';

/** Seconds: a long recording and a large picture take minutes, and Baseten gives them 20. */
export const MEDIA_TIMEOUT = 1200;

/** Option: fields of the request that a format does not know. */
export const EXTRA_INPUT: INodeProperties = {
  displayName: 'Extra Input',
  name: 'extraInput',
  type: 'json',
  default: '{}',
  placeholder: '{ "guidance_scale": 3.5 }',
  description:
    'More fields of the model’s input, as a JSON object. They go where the model’s other fields are, and replace what is set here.',
};

/**
 * Reads what the user adds to a request.
 * @throws {UserInputError} if it is not a JSON object
 */
export function readExtraInput({ extraInput }: Options): Record<string, unknown> {
  return isBlank(extraInput) ? {} : parseJsonObject(extraInput, 'Extra Input');
}

/** @returns an option that is a text, without blanks around it; nothing if it is empty */
export function readTextOption(options: Options, name: string): string | undefined {
  const value = options[name];
  const isText = typeof value === 'string' || typeof value === 'number';
  return isText && !isBlank(value) ? String(value).trim() : undefined;
}
