import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { readChoice, readChoiceOption } from '../../../shared/parameters/choice';
import { BASE64_TO_FILES, JSON_FILES } from '../../../shared/parameters/files';
import { toPaths, type FileSettings } from '../../../shared/payload/jsonFiles';
import { isUnsafeName } from '../../../shared/payload/dataPath';
import { safeFileName } from '../../../shared/payload/headerValue';
import type { OutputSettings } from '../../../shared/payload/responseItem';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Options } from '../../../shared/parameters/options';

const OUTPUT_FORMAT = {
  name: 'outputFormat',
  label: 'Output Format',
  values: ['auto', 'file', 'json', 'text'],
  fallback: 'auto',
} as const;

/**
 * How a response becomes an item, in a workflow that was written without n8n's editor. In the form
 * it is an option, which few need.
 */
export const OUTPUT_FORMAT_PARAMETER: INodeProperties = {
  displayName: OUTPUT_FORMAT.label,
  name: OUTPUT_FORMAT.name,
  type: 'hidden',
  default: 'auto',
};

/** How a response becomes an item. */
const OUTPUT_FORMAT_OPTION: INodeProperties = {
  displayName: OUTPUT_FORMAT.label,
  name: OUTPUT_FORMAT.name,
  type: 'options',
  default: 'auto',
  description: 'How the response becomes an item',
  options: [
    {
      name: 'Auto-Detect',
      value: 'auto',
      description: 'By the content type of the response',
    },
    { name: 'File', value: 'file', description: 'As binary data' },
    {
      name: 'JSON',
      value: 'json',
      description: 'As the item’s JSON. A list or a single value goes under "output".',
    },
    { name: 'Text', value: 'text', description: 'As text under "output"' },
  ],
};

/** The name of the file that a response becomes. */
export const FILE_NAME: INodeProperties = {
  displayName: 'File Name',
  name: 'fileName',
  type: 'string',
  default: '',
  placeholder: 'e.g. fox.png',
  description:
    'Name of the output file. Without it the file has the name that the model gives it, or one by its type. Several files of an item get -1, -2 and so on before the ending.',
};

/** Options of every operation whose response can be a file. */
export const OUTPUT_OPTIONS: INodeProperties[] = [
  OUTPUT_FORMAT_OPTION,
  ...JSON_FILES,
  FILE_NAME,
  {
    displayName: 'Put Output File in Field',
    name: 'outputBinaryProperty',
    type: 'string',
    default: 'data',
    hint: 'The name of the output binary field to put the file in',
    description: 'Only for a response that is a file itself',
  },
];

/** Puts status and headers beside the response. */
export const FULL_RESPONSE: INodeProperties = {
  displayName: 'Include Response Headers and Status',
  name: 'fullResponse',
  type: 'boolean',
  default: false,
  description: 'Whether to output headers and statusCode, and the response under body',
};

/**
 * Reads how an item's response becomes an item.
 * @param options the item's options
 * @throws {UserInputError} if a value is none that can be used
 */
export function readOutputSettings(
  context: IExecuteFunctions,
  itemIndex: number,
  options: Options,
): OutputSettings {
  return {
    ...readFileSettings(options),
    format:
      readChoiceOption(options, OUTPUT_FORMAT) ?? readChoice(context, OUTPUT_FORMAT, itemIndex),
    binaryProperty: toPropertyName(textOf(options.outputBinaryProperty) || 'data'),
    fullResponse: options.fullResponse === true,
  };
}

/**
 * Reads which texts of a JSON answer become files.
 * @param options the item's options
 * @throws {UserInputError} if Base64 to Files is none of its values
 */
export function readFileSettings(options: Options): FileSettings {
  return {
    base64ToFiles: readChoiceOption(options, BASE64_TO_FILES) !== 'off',
    base64Fields: toPaths(textOf(options.base64Fields)),
    fileName: readFileName(options.fileName),
  };
}

function toPropertyName(name: string): string {
  if (!isUnsafeName(name)) return name;
  throw new UserInputError(
    `Put Output File in Field can't be ${JSON.stringify(name)}`,
    'JavaScript keeps this name for itself. Choose another one, such as data.',
  );
}

/** @returns nothing if the option is empty, or no name is left of it */
export function readFileName(value: unknown): string | undefined {
  return safeFileName(textOf(value));
}

/** An expression may give anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
