import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Body } from '../../../shared/http/client';
import { isBlank, isTextOrNumber } from '../../../shared/json';
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
import { typeOfBytes } from '../../../shared/payload/fileSignatures';
import { cleanType } from '../../../shared/payload/mediaType';
import {
  binaryBody,
  jsonBody,
  readJsonText,
  type InputFile,
  type Upload,
} from '../../../shared/payload/requestBody';
import { toChoice } from '../../../shared/choice';
import { readChoice } from '../../../shared/parameters/choice';
import { readParameter } from '../../../shared/parameters/parameter';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { InputMode } from './inputModes';
import { readModelFields } from './modelFields';

const FIELD_TYPE = { label: 'Type', values: FIELD_TYPES } as const;
const ENCODING = { label: 'Encoding', values: ['base64', 'dataUrl'] } as const;

/**
 * Reads an item's input, which must be JSON.
 * @param modes where it can come from
 * @returns data, or `JsonText` if it was given as text and nothing goes into it
 * @throws {UserInputError} if it is not valid JSON, or a file is missing
 */
export async function readJsonInput(
  context: IExecuteFunctions,
  itemIndex: number,
  modes: readonly InputMode[],
): Promise<unknown> {
  const files = await readFiles(context, itemIndex, readFile);
  switch (readInputMode(context, itemIndex, modes)) {
    case 'modelFields': {
      const { fields, toInput } = readModelFields(context, itemIndex);
      return toInput(withFiles(fields, files));
    }
    case 'item':
      return withFiles(context.getInputData()[itemIndex]?.json ?? {}, files);
    case 'fields':
      return withFiles(nestFields(readFields(context, itemIndex)), files);
    default:
      return withFiles(readJsonField(context, itemIndex), files);
  }
}

/**
 * Reads an item's input as a request body.
 * @param modes where it can come from
 * @returns the body; `closeBody` closes its files
 * @throws {UserInputError} if it is not valid JSON, or a file is missing
 */
export async function readBody(
  context: IExecuteFunctions,
  itemIndex: number,
  modes: readonly InputMode[],
): Promise<Body> {
  switch (readInputMode(context, itemIndex, modes)) {
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
      return jsonBody(await readJsonInput(context, itemIndex, modes));
  }
}

/** Whether an item has an input. It has none if JSON was left empty and there are no files. */
export function hasInput(
  context: IExecuteFunctions,
  itemIndex: number,
  modes: readonly InputMode[],
): boolean {
  const isJson = readInputMode(context, itemIndex, modes) === 'json';
  return (
    !isJson ||
    !isBlank(context.getNodeParameter('input', itemIndex, '')) ||
    fileList(context, itemIndex).length > 0
  );
}

/**
 * Reads where an item's input comes from.
 * @param modes where it can come from
 * @throws {UserInputError} if it is none of them
 */
export function readInputMode(
  context: IExecuteFunctions,
  itemIndex: number,
  modes: readonly InputMode[],
): InputMode {
  const choice = {
    name: 'inputMode',
    label: 'Input Mode',
    values: modes,
    fallback: 'json',
  } as const;
  return readChoice(context, choice, itemIndex);
}

function readJsonField(context: IExecuteFunctions, itemIndex: number): unknown {
  const input = readParameter(context, 'input', itemIndex);
  // With files, the JSON around them may be left empty.
  const isOnlyFiles = isBlank(input) && fileList(context, itemIndex).length > 0;
  return isOnlyFiles ? {} : readJsonText(input, 'Input');
}

function readFields(context: IExecuteFunctions, itemIndex: number): Field[] {
  const { field } = readParameter(context, 'inputFields', itemIndex, {}) as {
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
  const { file } = readParameter(context, 'files', itemIndex, {}) as { file?: FileFields[] };
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
export async function readUpload(
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
