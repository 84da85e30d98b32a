// Decisions: docs/decisions.md, "Files go into n8n's store while they arrive".

import type { IBinaryData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { notBasetenFailure, notJsonFailure } from '../errors/basetenError';
import { UserInputError } from '../errors/userInputError';
import type { BasetenStream, ResponseHead } from '../http/client';
import { isRecord } from '../json';
import { lastName, takeAt } from './dataPath';
import { storable } from './files';

/** How a response becomes an item; `auto` goes by its content type. */
export type OutputFormat = 'auto' | 'json' | 'text' | 'file';

/** What the user chose under Output Format and below it. */
export interface OutputSettings {
  format: OutputFormat;
  /** Name of the item's binary property that holds a file. */
  binaryProperty: string;
  /** Dotted paths in a JSON response that hold base64. */
  base64Fields: string[];
}

type BinaryHelpers = Pick<IExecuteFunctions['helpers'], 'prepareBinaryData'>;

/**
 * Up to this size a file is read whole before it is stored, so that the request can be repeated if
 * the response breaks off.
 */
const SMALL_FILE_BYTES = 1_000_000;
/** n8n looks at this many bytes to recognise a file's type. */
const FILE_TYPE_BYTES = 4100;

/**
 * Decides from a response's head whether its body goes into n8n's store while it is received.
 * @returns whether it is a file, and not one that is known to be small
 */
export function isLargeFile(head: ResponseHead, format: OutputFormat): boolean {
  const type = mediaType(head);
  const isFile =
    format === 'file' || (format === 'auto' && type !== undefined && formatOf(type) === 'file');
  const isSmall = Number(head.headers['content-length'] || NaN) <= SMALL_FILE_BYTES;
  return isFile && !isSmall;
}

/**
 * Makes an item from a response. A body that is not read yet goes into n8n's binary store while it
 * is received.
 * @param response the response of Baseten
 * @param settings what the user chose for the output
 * @param helpers n8n's helper that stores binary data
 * @param subject what was called, for messages
 * @throws {BasetenError} if the response does not have the chosen format, or breaks off
 * @throws {UserInputError} if a field that should hold base64 holds something else
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
  const parsed = parseResponse(body, subject);
  const json = toObject(parsed);
  // Users write paths as the response has them, even if the item holds the response under `output`.
  return await moveBase64(json, base64Fields, helpers, json === parsed ? undefined : 'output');
}

/**
 * Makes an item's JSON, which must be an object.
 * @returns an object as it is; a list or a single value under `output`
 */
export function toObject(json: unknown): IDataObject {
  return isRecord(json) ? (json as IDataObject) : { output: json as IDataObject[] };
}

/**
 * Reads a response that must be JSON.
 * @param body the whole body
 * @param subject what was called, for messages
 * @returns the JSON; an empty object if the body is empty
 * @throws {BasetenError} if it is not JSON
 */
export function parseResponse(body: Buffer, subject: string): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw notJsonFailure(body, subject);
  }
}

/**
 * Reads a response that must be a JSON object.
 * @param body the whole body
 * @param subject what was called, for messages
 * @throws {BasetenError} if it is not a JSON object
 */
export function parseResponseObject(body: Buffer, subject: string): Record<string, unknown> {
  const json = parseResponse(body, subject);
  if (isRecord(json)) return json;
  throw notBasetenFailure(subject);
}

/**
 * Moves base64 text out of an item's JSON into binary data, under the last name of its path.
 * @param json the item's JSON; it is copied, not changed
 * @param paths dotted paths of the fields that hold base64; fields that are missing are skipped
 * @param helpers n8n's helper that stores binary data
 * @param inside a field of the JSON that paths may also start from
 * @returns the item, with its files
 * @throws {UserInputError} if a field holds something else
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
    // A model may leave a field out. If it is there, it must be base64.
    if (value === undefined) continue;
    const { content, type } = decodeBase64(value, path);
    item.binary ??= {};
    const name = freeName(lastName(path), item.binary);
    item.binary[name] = await toBinary(helpers, content, name, type);
  }
  return item;
}

/** Splits a comma-separated list of paths; blank ones are left out. */
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
  const knownType = type === 'application/octet-stream' ? undefined : type;
  const binary = Buffer.isBuffer(content)
    ? await storeWhole(helpers, content, knownType)
    : await storeWhileReading(helpers, content, knownType);
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
  // n8n reports bytes that it doesn't recognise as plain text.
  if (type === undefined && binary.mimeType === 'text/plain' && !isText(content, isCut)) {
    binary.mimeType = 'application/octet-stream';
    delete binary.fileType;
    binary.fileExtension = 'bin';
  }
  return binary;
}

/**
 * Stores a file while it is read. n8n can recognise the type of a buffer, but not of a stream. So
 * its first bytes are stored as a buffer before it, only to learn the type.
 */
async function storeWhileReading(
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
      start.subarray(0, FILE_TYPE_BYTES),
      undefined,
      true,
    );
    return { ...(await helpers.prepareBinaryData(whole, undefined, mimeType)), fileExtension };
  } finally {
    // If the store gave up, the connection is still open. Nothing needs to wait until it is closed.
    chunks.return?.().catch(() => undefined);
  }
}

/** Reads until it is clear whether the file is small. */
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
  // Line breaks are common in base64. Spaces are not: a text that has them is prose.
  const text =
    typeof value === 'string'
      ? value
          .slice(dataUrl?.[0].length ?? 0)
          .trim()
          .replace(/[\r\n]+/g, '')
      : '';
  if (text === '' || text.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    throw new UserInputError(
      `The field "${path}" does not hold base64 text`,
      'Check the paths in Base64 Fields: run the node once without them and compare them with its output.',
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
    // The cut may be in the middle of a character.
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
