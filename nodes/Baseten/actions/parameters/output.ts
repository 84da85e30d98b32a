import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import {
  toPaths,
  type OutputFormat,
  type OutputSettings,
} from '../../../shared/payload/responseItem';

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

/** Reads how an item's response becomes an item. */
export function readOutputSettings(context: IExecuteFunctions, itemIndex: number): OutputSettings {
  const text = (name: string, fallback: string) =>
    String(context.getNodeParameter(name, itemIndex, fallback) ?? fallback).trim();
  return {
    format: text('outputFormat', 'auto') as OutputFormat,
    binaryProperty: text('outputBinaryProperty', 'data') || 'data',
    base64Fields: toPaths(text('base64Fields', '')),
  };
}
