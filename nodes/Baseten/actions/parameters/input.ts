import type {
  IBinaryData,
  IDisplayOptions,
  IExecuteFunctions,
  INodeProperties,
  INodePropertyOptions,
} from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';

import type { Body } from '../../../shared/http/client';
import { isBlank } from '../../../shared/json';
import {
  FIELD_TYPES,
  nestFields,
  readField,
  withFiles,
  type Field,
  type FileEncoding,
} from '../../../shared/payload/fields';
import { storedFile } from '../../../shared/payload/files';
import { multipartBody } from '../../../shared/payload/form';
import { cleanType, typeOfBytes } from '../../../shared/payload/mediaType';
import {
  binaryBody,
  jsonBody,
  readJsonText,
  type InputFile,
  type Upload,
} from '../../../shared/payload/requestBody';
import { readChoice, toChoice } from '../../../shared/parameters/choice';
import { UserInputError } from '../../../shared/errors/userInputError';

/** The parameter for where an input that must be JSON comes from. */
const JSON_INPUT_MODE = {
  name: 'inputMode',
  label: 'Input Mode',
  values: ['json', 'fields', 'item'],
  fallback: 'json',
} as const;

/** The same for an input that may also be a file or a form. */
const INPUT_MODE = {
  ...JSON_INPUT_MODE,
  values: ['json', 'fields', 'item', 'binary', 'multipart'],
} as const;

const FIELD_TYPE = { label: 'Type', values: FIELD_TYPES } as const;
const ENCODING = { label: 'Encoding', values: ['base64', 'dataUrl'] } as const;

const JSON_MODES: INodePropertyOptions[] = [
  { name: 'JSON', value: 'json', description: 'Write the input as JSON' },
  { name: 'Fields', value: 'fields', description: 'Build the input from names and values' },
  { name: 'Whole Item', value: 'item', description: "Send the incoming item's JSON as it is" },
];

const BYTE_MODES: INodePropertyOptions[] = [
  {
    name: 'Binary File',
    value: 'binary',
    description: 'Send the bytes of a file as the whole body',
  },
  { name: 'Form (Multipart)', value: 'multipart', description: 'Send fields and files as a form' },
];

/** What differs between the inputs of operations. */
interface InputSettings {
  /** Whether the body may also be a file or a form. */
  bytes: boolean;
  /** The default of the JSON field. */
  initial: string;
  /** When n8n shows the parameters. */
  displayOptions?: IDisplayOptions;
}

/**
 * Makes the parameters for what is sent to a model or chain: JSON in three ways and, if `bytes` is
 * set, files and forms.
 */
export function inputParameters({
  bytes,
  initial,
  displayOptions,
}: InputSettings): INodeProperties[] {
  const properties: INodeProperties[] = [
    {
      displayName: 'Input Mode',
      name: 'inputMode',
      type: 'options',
      default: 'json',
      description: 'Where the input comes from',
      options: bytes ? [...JSON_MODES, ...BYTE_MODES] : JSON_MODES,
    },
    {
      displayName: 'Input',
      name: 'input',
      type: 'json',
      typeOptions: { rows: 5 },
      default: initial,
      placeholder: '{ "prompt": "a red fox" }',
      description: 'The input as JSON. The model defines which fields it takes.',
      displayOptions: { show: { inputMode: ['json'] } },
    },
    {
      displayName: 'Input Fields',
      name: 'inputFields',
      type: 'fixedCollection',
      typeOptions: { multipleValues: true },
      placeholder: 'Add Field',
      default: {},
      description:
        'Names and values of the input. A dot in a name makes a nested field, numbers from 0 on make a list.',
      displayOptions: { show: { inputMode: ['fields', ...(bytes ? ['multipart'] : [])] } },
      options: [
        {
          displayName: 'Field',
          name: 'field',
          values: [
            {
              displayName: 'Name',
              name: 'name',
              type: 'string',
              default: '',
              placeholder: 'e.g. prompt',
              description:
                'Name of the field. A dot makes a nested field: parameters.steps is steps in parameters, and inputs.0 is the first of the list inputs. Write \\. for a dot in a name.',
            },
            {
              displayName: 'Type',
              name: 'type',
              type: 'options',
              default: 'auto',
              description: 'What the value is sent as',
              options: [
                {
                  name: 'Auto',
                  value: 'auto',
                  description: 'What the expression gives. What you type is text.',
                },
                { name: 'Boolean', value: 'boolean' },
                { name: 'JSON', value: 'json' },
                { name: 'Number', value: 'number' },
                { name: 'String', value: 'string' },
              ],
            },
            {
              displayName: 'Value',
              name: 'value',
              type: 'string',
              default: '',
              description:
                'Value of the field. With the type Auto an expression keeps its type: {{ 5 }} is a number, and 5 is text.',
            },
          ],
        },
      ],
    },
    {
      displayName: 'Files',
      name: 'files',
      type: 'fixedCollection',
      typeOptions: { multipleValues: true },
      placeholder: 'Add File',
      default: {},
      description: 'Binary data to put into the input: as base64 into JSON, as a file into a form',
      displayOptions: { hide: { inputMode: ['binary'] } },
      options: [
        {
          displayName: 'File',
          name: 'file',
          values: [
            {
              displayName: 'Path',
              name: 'path',
              type: 'string',
              default: '',
              placeholder: 'e.g. image',
              description:
                'Where in the input the file goes: dots make nested fields, and numbers from 0 on a list. In a form, the name of its field.',
            },
            {
              displayName: 'Input Binary Field',
              name: 'binaryPropertyName',
              type: 'string',
              default: 'data',
              hint: 'The name of the input binary field containing the file',
            },
            {
              displayName: 'Encoding',
              name: 'encoding',
              type: 'options',
              default: 'base64',
              description: 'How the file is written into JSON. A form has its bytes.',
              displayOptions: { hide: { '/inputMode': ['multipart'] } },
              options: [
                { name: 'Base64', value: 'base64', description: 'Base64 alone' },
                {
                  name: 'Data URL',
                  value: 'dataUrl',
                  description: 'Base64 with its type before it: data:image/png;base64,…',
                },
              ],
            },
          ],
        },
      ],
    },
  ];
  if (bytes) {
    properties.push({
      displayName: 'Input Binary Field',
      name: 'binaryPropertyName',
      type: 'string',
      default: 'data',
      required: true,
      hint: 'The name of the input binary field containing the file to be sent',
      displayOptions: { show: { inputMode: ['binary'] } },
    });
  }
  return displayOptions ? updateDisplayOptions(displayOptions, properties) : properties;
}

/**
 * Reads an item's input, which must be JSON.
 * @returns data, or `JsonText` if it was given as text and nothing goes into it
 * @throws {UserInputError} if it is not valid JSON, or a file is missing
 */
export async function readJsonInput(
  context: IExecuteFunctions,
  itemIndex: number,
): Promise<unknown> {
  return withFiles(readJson(context, itemIndex), await readFiles(context, itemIndex, readFile));
}

/**
 * Reads an item's input as a request body.
 * @returns the body; `closeBody` closes its files
 * @throws {UserInputError} if it is not valid JSON, or a file is missing
 */
export async function readBody(context: IExecuteFunctions, itemIndex: number): Promise<Body> {
  switch (readChoice(context, INPUT_MODE, itemIndex)) {
    case 'binary': {
      const name = context.getNodeParameter('binaryPropertyName', itemIndex, 'data');
      return binaryBody(await readUpload(context, itemIndex, toPropertyName(name)));
    }
    case 'multipart':
      return await multipartBody(
        readFields(context, itemIndex),
        await readFiles(context, itemIndex, readUpload),
      );
    default:
      return jsonBody(await readJsonInput(context, itemIndex));
  }
}

/** Whether an item has an input. It has none if JSON was left empty and there are no files. */
export function hasInput(context: IExecuteFunctions, itemIndex: number): boolean {
  const isJson = readChoice(context, INPUT_MODE, itemIndex) === 'json';
  return (
    !isJson ||
    !isBlank(context.getNodeParameter('input', itemIndex, '')) ||
    fileList(context, itemIndex).length > 0
  );
}

function readJson(context: IExecuteFunctions, itemIndex: number): unknown {
  switch (readChoice(context, JSON_INPUT_MODE, itemIndex)) {
    case 'item':
      return context.getInputData()[itemIndex]?.json ?? {};
    case 'fields':
      return nestFields(readFields(context, itemIndex));
    default:
      return readJsonField(context, itemIndex);
  }
}

function readJsonField(context: IExecuteFunctions, itemIndex: number): unknown {
  const input = context.getNodeParameter('input', itemIndex);
  // With files, the JSON around them may be left empty.
  const isOnlyFiles = isBlank(input) && fileList(context, itemIndex).length > 0;
  return isOnlyFiles ? {} : readJsonText(input, 'Input');
}

function readFields(context: IExecuteFunctions, itemIndex: number): Field[] {
  const { field } = context.getNodeParameter('inputFields', itemIndex, {}) as {
    field?: Array<{ name?: unknown; value?: unknown; type?: unknown }>;
  };
  return (field ?? []).map(({ name, value, type }) =>
    readField(name, value, toChoice(type ?? 'auto', FIELD_TYPE)),
  );
}

/** A file of the form. An expression may give anything. */
interface FileFields {
  path?: unknown;
  binaryPropertyName?: unknown;
  encoding?: unknown;
}

async function readFiles<File>(
  context: IExecuteFunctions,
  itemIndex: number,
  read: (context: IExecuteFunctions, itemIndex: number, name: string) => Promise<File>,
): Promise<Array<{ path: string; file: File; encoding: FileEncoding }>> {
  return await Promise.all(
    fileList(context, itemIndex).map(async ({ path, binaryPropertyName, encoding }) => ({
      path: isTextOrNumber(path) ? String(path) : '',
      encoding: toChoice(encoding ?? 'base64', ENCODING),
      file: await read(context, itemIndex, toPropertyName(binaryPropertyName)),
    })),
  );
}

function fileList(context: IExecuteFunctions, itemIndex: number): FileFields[] {
  const { file } = context.getNodeParameter('files', itemIndex, {}) as { file?: FileFields[] };
  return file ?? [];
}

/**
 * Reads a file of an item's binary data into memory.
 * @param name the binary property
 * @returns the file, its media type in lower case; if it has none, the one of its bytes
 * @throws {UserInputError} if the item has no binary property of that name
 */
export async function readFile(
  context: IExecuteFunctions,
  itemIndex: number,
  name: string,
): Promise<InputFile> {
  const { mimeType, fileName } = binaryOf(context, itemIndex, name);
  const content = await context.helpers.getBinaryDataBuffer(itemIndex, name);
  return { content, mimeType: cleanType(mimeType) || (typeOfBytes(content) ?? ''), fileName };
}

/** Like `readFile`, but a file in n8n's store is read only while it is sent. */
async function readUpload(
  context: IExecuteFunctions,
  itemIndex: number,
  name: string,
): Promise<Upload> {
  const { id, mimeType, fileName } = binaryOf(context, itemIndex, name);
  if (id === undefined) return await readFile(context, itemIndex, name);
  const content = await storedFile(context.helpers, id, name);
  return { content, mimeType: cleanType(mimeType), fileName };
}

function binaryOf(context: IExecuteFunctions, itemIndex: number, name: string): IBinaryData {
  const binaries = context.getInputData()[itemIndex]?.binary ?? {};
  const binary = Object.hasOwn(binaries, name) ? binaries[name] : undefined;
  if (binary) return binary;
  const present = Object.keys(binaries);
  throw new UserInputError(
    `The item has no binary data in "${name}"`,
    present.length > 0
      ? `It has ${present.map((other) => `"${other}"`).join(', ')}: use one of these as Input Binary Field.`
      : 'The item has no binary data at all: put a node that reads or downloads the file before this one.',
  );
}

function toPropertyName(value: unknown): string {
  return isTextOrNumber(value) ? String(value) : '';
}

function isTextOrNumber(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
