import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { ResponseHead, BasetenStream } from '../http/client';
import { lastName, takeAt } from './dataPath';
import { notBasetenFailure, notJsonFailure } from '../errors/basetenError';
import { storable } from './files';
import { UserInputError } from '../errors/userInputError';

export type OutputFormat = 'auto' | 'json' | 'text' | 'file';

export interface OutputSettings {
  format: OutputFormat;
  /** Binary property that a file goes to. */
  binaryProperty: string;
  /** Dotted paths in a JSON answer that hold base64. */
  base64Fields: string[];
}

type BinaryHelpers = Pick<IExecuteFunctions['helpers'], 'prepareBinaryData'>;

/** Up to this size a file is held before it is stored: so it is asked for again where it breaks off. */
const SMALL_FILE_BYTES = 1_000_000;
/** What n8n's recognition of file types asks for. */
const TELLING_BYTES = 4100;

/** Whether an answer is a file that should go into n8n's store while it comes; told by its head alone. */
export function isLargeFile(head: ResponseHead, format: OutputFormat): boolean {
  const type = mediaType(head);
  const isFile =
    format === 'file' || (format === 'auto' && type !== undefined && formatOf(type) === 'file');
  const isSmall = Number(head.headers['content-length'] || NaN) <= SMALL_FILE_BYTES;
  return isFile && !isSmall;
}

/**
 * Makes an item of an answer. What is still coming goes into n8n's binary store as it comes.
 * @param subject what was called, for messages
 * @throws {BasetenError} where the answer is not what the format asks for, or breaks off
 * @throws {UserInputError} where a field that should hold base64 holds something else
 */
export async function toItem(
  response: BasetenStream,
  { format, binaryProperty, base64Fields }: OutputSettings,
  helpers: BinaryHelpers,
  subject: string,
): Promise<INodeExecutionData> {
  const { body } = response;
  const type = mediaType(response);
  const actual = format === 'auto' && Buffer.isBuffer(body) ? detectFormat(type, body) : format;
  if (actual === 'file' || !Buffer.isBuffer(body)) {
    return {
      json: {},
      binary: { [binaryProperty]: await toBinary(helpers, body, binaryProperty, type) },
    };
  }
  if (actual === 'text') return { json: { output: body.toString('utf8') } };
  const answer = parseResponse(body, subject);
  const json = toObject(answer);
  // Paths are those of the answer, wherever in the item it stands.
  return await moveBase64(json, base64Fields, helpers, json === answer ? undefined : 'output');
}

/** A JSON object as it is; a list or a single value under `output`. */
export function toObject(json: unknown): IDataObject {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObject ? (json as IDataObject) : { output: json as IDataObject[] };
}

/** Reads an answer that must be JSON. @throws {BasetenError} where it is not */
export function parseResponse(body: Buffer, subject: string): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw notJsonFailure(body, subject);
  }
}

/** Reads an answer that must be a JSON object. @throws {BasetenError} where it is not */
export function parseResponseObject(body: Buffer, subject: string): Record<string, unknown> {
  const json = parseResponse(body, subject);
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw notBasetenFailure(subject);
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
    const value =
      takeAt(item.json, path) ??
      (inside === undefined ? undefined : takeAt(item.json[inside], path));
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
  content: Buffer | AsyncIterable<Uint8Array>,
  name: string,
  type: string | undefined,
): Promise<IBinaryData> {
  const told = type === 'application/octet-stream' ? undefined : type;
  const binary = Buffer.isBuffer(content)
    ? await storeWhole(helpers, content, told)
    : await storeComing(helpers, content, told);
  binary.fileName ??= `${name}.${binary.fileExtension ?? 'txt'}`;
  return binary;
}

/** @param isCut whether these are only the first bytes of a file */
async function storeWhole(
  helpers: BinaryHelpers,
  content: Buffer,
  type: string | undefined,
  isCut = false,
): Promise<IBinaryData> {
  const binary = await helpers.prepareBinaryData(content, undefined, type);
  // n8n calls bytes that it doesn't recognise plain text.
  if (type === undefined && binary.mimeType === 'text/plain' && !isText(content, isCut)) {
    binary.mimeType = 'application/octet-stream';
    delete binary.fileType;
    binary.fileExtension = 'bin';
  }
  return binary;
}

/** Stores a file while it comes. n8n recognises only bytes that are at hand: so its first ones go ahead of it. */
async function storeComing(
  helpers: BinaryHelpers,
  body: AsyncIterable<Uint8Array>,
  type: string | undefined,
): Promise<IBinaryData> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    const { bytes: start, isWhole } = await readStart(chunks);
    if (isWhole) return await storeWhole(helpers, start, type);
    const whole = storable(followedBy(start, chunks));
    if (type !== undefined) return await helpers.prepareBinaryData(whole, undefined, type);
    const { mimeType, fileExtension } = await storeWhole(
      helpers,
      start.subarray(0, TELLING_BYTES),
      undefined,
      true,
    );
    return { ...(await helpers.prepareBinaryData(whole, undefined, mimeType)), fileExtension };
  } finally {
    // Where the store gave up, the connection is still open. Nobody waits for it to close.
    chunks.return?.().catch(() => undefined);
  }
}

/** Reads as many bytes as a small file has at most. */
async function readStart(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const held: Uint8Array[] = [];
  for (let length = 0; length <= SMALL_FILE_BYTES;) {
    const next = await chunks.next();
    if (next.done) return { bytes: Buffer.concat(held), isWhole: true };
    held.push(next.value);
    length += next.value.length;
  }
  return { bytes: Buffer.concat(held), isWhole: false };
}

async function* followedBy(
  start: Buffer,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield start;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}

function decodeBase64(value: unknown, path: string): { content: Buffer; type?: string } {
  const dataUrl =
    typeof value === 'string' ? /^data:([^;,]*)(?:;[^;,]*)*;base64,/i.exec(value) : null;
  // Line breaks are common in base64, spaces are a sign of prose.
  const text =
    typeof value === 'string'
      ? value
          .slice(dataUrl?.[0].length ?? 0)
          .trim()
          .replace(/[\r\n]+/g, '')
      : '';
  if (text === '' || text.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    throw new UserInputError(
      `The answer's field "${path}" holds no base64 text`,
      'Check the paths in Base64 Fields against the answer: run the node once without them and look at its output.',
    );
  }
  return { content: Buffer.from(text, 'base64'), type: dataUrl?.[1] || undefined };
}

function detectFormat(type: string | undefined, body: Buffer): Exclude<OutputFormat, 'auto'> {
  if (type === undefined)
    return body.length === 0 || looksLikeJson(body) ? 'json' : isText(body) ? 'text' : 'file';
  return formatOf(type);
}

function formatOf(type: string): Exclude<OutputFormat, 'auto'> {
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

function isText(content: Buffer, isCut = false): boolean {
  try {
    // A cut may go through a character.
    return !new TextDecoder('utf-8', { fatal: true })
      .decode(content, { stream: isCut })
      .includes('\0');
  } catch {
    return false;
  }
}

function mediaType({ headers }: ResponseHead): string | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type || undefined;
}

function freeName(name: string, taken: object): string {
  let free = name;
  for (let count = 2; free in taken; count++) free = `${name}_${count}`;
  return free;
}
