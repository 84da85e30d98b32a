import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { BasetenResponse } from './client';
import { lastName, takeAt } from './dataPath';
import { answerFailure } from './errors';
import { UserInputError } from './userError';

export type OutputFormat = 'auto' | 'json' | 'text' | 'file';

export interface OutputSettings {
  format: OutputFormat;
  /** Binary property that a file goes to. */
  binaryProperty: string;
  /** Dotted paths in a JSON answer that hold base64. */
  base64Fields: string[];
}

type BinaryHelpers = Pick<IExecuteFunctions['helpers'], 'prepareBinaryData'>;

/**
 * Makes an item of an answer.
 * @param subject what was called, for messages
 * @throws {BasetenError} where the answer is not what the format asks for
 * @throws {UserInputError} where a field that should hold base64 holds something else
 */
export async function toItem(
  response: BasetenResponse,
  settings: OutputSettings,
  helpers: BinaryHelpers,
  subject: string,
): Promise<INodeExecutionData> {
  const type = mediaType(response);
  switch (settings.format === 'auto' ? detectFormat(type, response.body) : settings.format) {
    case 'text':
      return { json: { output: response.body.toString('utf8') } };
    case 'file': {
      const binary = await toBinary(helpers, response.body, settings.binaryProperty, type);
      return { json: {}, binary: { [settings.binaryProperty]: binary } };
    }
    default: {
      const json = toObject(parseAnswer(response.body, subject));
      return await moveBase64(json, settings.base64Fields, helpers);
    }
  }
}

/** A JSON object as it is; a list or a single value under `output`. */
export function toObject(json: unknown): IDataObject {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObject ? (json as IDataObject) : { output: json as IDataObject[] };
}

/** Reads an answer that must be JSON. @throws {BasetenError} where it is not */
export function parseAnswer(body: Buffer, subject: string): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw notJson(body, subject);
  }
}

/** Reads an answer that must be a JSON object. @throws {BasetenError} where it is not */
export function parseAnswerObject(body: Buffer, subject: string): Record<string, unknown> {
  const json = parseAnswer(body, subject);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw answerFailure(`The answer of ${subject} is not what Baseten answers`, 'Check that the credential’s URLs lead to Baseten.');
}

/**
 * Moves base64 text out of an item's JSON into binary data, under the path's last name.
 * @param inside field of the JSON that a path may also start in
 * @throws {UserInputError} where a field holds something else; the JSON is as it was then
 */
export async function moveBase64(
  json: IDataObject,
  paths: string[],
  helpers: BinaryHelpers,
  inside?: string,
): Promise<INodeExecutionData> {
  if (paths.length === 0) return { json };
  const item: INodeExecutionData = { json: structuredClone(json) };
  for (const path of paths) {
    const value = takeAt(item.json, path) ?? (inside === undefined ? undefined : takeAt(item.json[inside], path));
    // A model may leave a field out; what is there must be base64.
    if (value === undefined) continue;
    const { content, type } = decodeBase64(value, path);
    item.binary ??= {};
    const name = freeName(lastName(path), item.binary);
    item.binary[name] = await toBinary(helpers, content, name, type);
  }
  return item;
}

/** Splits a comma-separated list of paths. */
export function toPaths(list: string): string[] {
  return list
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

async function toBinary(
  helpers: BinaryHelpers,
  content: Buffer,
  name: string,
  type: string | undefined,
): Promise<IBinaryData> {
  const told = type === undefined || type === 'application/octet-stream' ? undefined : type;
  const binary = await helpers.prepareBinaryData(content, undefined, told);
  // n8n calls bytes that it doesn't recognise plain text.
  if (told === undefined && binary.mimeType === 'text/plain' && !isText(content)) {
    binary.mimeType = 'application/octet-stream';
    delete binary.fileType;
    binary.fileExtension = 'bin';
  }
  binary.fileName ??= `${name}.${binary.fileExtension ?? 'txt'}`;
  return binary;
}

function decodeBase64(value: unknown, path: string): { content: Buffer; type?: string } {
  const dataUrl = typeof value === 'string' ? /^data:([^;,]*)[^,]*;base64,/i.exec(value) : null;
  // Line breaks are common in base64, spaces are a sign of prose.
  const text = typeof value === 'string' ? value.slice(dataUrl?.[0].length ?? 0).trim().replace(/[\r\n]+/g, '') : '';
  if (text === '' || text.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    throw new UserInputError(
      `The answer's field "${path}" holds no base64 text`,
      'Check the paths in Base64 Fields against the answer: run the node once without them and look at its output.',
    );
  }
  return { content: Buffer.from(text, 'base64'), type: dataUrl?.[1] || undefined };
}

function detectFormat(type: string | undefined, body: Buffer): Exclude<OutputFormat, 'auto'> {
  if (type === undefined) return body.length === 0 || looksLikeJson(body) ? 'json' : isText(body) ? 'text' : 'file';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  return type.startsWith('text/') ? 'text' : 'file';
}

function looksLikeJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function isText(content: Buffer): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(content).includes('\0');
  } catch {
    return false;
  }
}

function mediaType({ headers }: BasetenResponse): string | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type || undefined;
}

function freeName(name: string, taken: object): string {
  let free = name;
  for (let count = 2; free in taken; count++) free = `${name}_${count}`;
  return free;
}

function notJson(body: Buffer, subject: string): Error {
  const start = isText(body) ? `It starts with: ${body.toString('utf8', 0, 200)}` : 'It holds binary data.';
  return answerFailure(
    `The answer of ${subject} is not complete JSON`,
    `${start}\nIf the model answers with text or a file, choose that as Output Format; if the answer was cut off, try again.`,
  );
}
