import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { readChoice } from '../../../shared/parameters/choice';
import { toPaths } from '../../../shared/payload/base64Fields';
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

/** The parameters for how a response becomes an item. */
export const outputParameters: INodeProperties[] = [
  {
    displayName: 'Output Format',
    name: 'outputFormat',
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
  },
  {
    displayName: 'Put Output File in Field',
    name: 'outputBinaryProperty',
    type: 'string',
    default: 'data',
    hint: 'The name of the output binary field to put the file in',
    displayOptions: { show: { outputFormat: ['auto', 'file'] } },
  },
  {
    displayName: 'Base64 Fields',
    name: 'base64Fields',
    type: 'string',
    default: '',
    placeholder: 'e.g. image, data.0.b64_json',
    description:
      'Comma-separated paths in the JSON response that hold base64. Each is moved to binary data, under the last part of its path.',
    displayOptions: { show: { outputFormat: ['auto', 'json'] } },
  },
];

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
  const text = (name: string, fallback: string) =>
    String(context.getNodeParameter(name, itemIndex, fallback) ?? fallback).trim();
  return {
    format: readChoice(context, OUTPUT_FORMAT, itemIndex),
    binaryProperty: toPropertyName(text('outputBinaryProperty', 'data') || 'data'),
    base64Fields: toPaths(text('base64Fields', '')),
    fileName: readFileName(options.fileName),
    fullResponse: options.fullResponse === true,
  };
}

function toPropertyName(name: string): string {
  if (!isUnsafeName(name)) return name;
  throw new UserInputError(
    `Put Output File in Field can't be ${JSON.stringify(name)}`,
    'JavaScript keeps this name for itself. Choose another one, such as data.',
  );
}

function readFileName(value: unknown): string | undefined {
  const isText = typeof value === 'string' || typeof value === 'number';
  return isText ? safeFileName(String(value)) : undefined;
}
