// Decisions: docs/decisions.md, "Files go into n8n's store while they arrive".

import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { notBasetenFailure, notJsonFailure } from '../errors/basetenError';
import type { BasetenStream, ResponseHead } from '../http/client';
import { isRecord } from '../json';
import { fileNameIn } from './headerValue';
import { moveFiles, type FileSettings } from './jsonFiles';
import { essenceOf } from './mediaType';
import type { ReadingNotes } from './notes';
import { readJson, readJsonLines, type JsonReading } from './readJson';
import { storeFile, type BinaryHelpers } from './storeFile';
import { decodeText, isUtf8 } from './text';

/** How a response becomes an item; `auto` goes by its content type. */
export type OutputFormat = 'auto' | 'json' | 'text' | 'file';

/** What the user chose under Output Format and below it. */
export interface OutputSettings extends FileSettings {
  format: OutputFormat;
  /** Name of the item's binary property that holds a file. */
  binaryProperty: string;
  /** Whether the item also has the response's status and headers. */
  fullResponse?: boolean;
}

/** What making an item needs besides the response. */
export interface ItemMaking {
  helpers: BinaryHelpers;
  /** What was called, for messages. */
  subject: string;
  /** Takes what had to be changed. */
  notes?: ReadingNotes;
  /** Is called if the answer is a list, a text or a single value, which stands under `output`. */
  onBare?(): void;
}

/**
 * Decides from a response's head whether its body goes into n8n's store while it is received. Its
 * length does not count: a body that was packed is longer, and n8n's client hides that it was.
 */
export function isFile(head: ResponseHead, format: OutputFormat): boolean {
  const type = mediaType(head);
  return (
    format === 'file' || (format === 'auto' && type !== undefined && formatOf(type) === 'file')
  );
}

/**
 * Makes an item from a response. A body that is not read yet goes into n8n's binary store while it
 * is received.
 * @param response the response of Baseten
 * @param settings what the user chose for the output
 * @throws {BasetenError} if the response does not have the chosen format, or breaks off
 * @throws {UserInputError} if a path of a base64 field can't be used
 */
export async function toItem(
  response: BasetenStream,
  settings: OutputSettings,
  making: ItemMaking,
): Promise<INodeExecutionData> {
  const { headers, status: statusCode } = response;
  const { fullResponse, base64Fields } = settings;
  const { file, content, mayHoldFiles } = await readContent(response, settings, making);
  const json: IDataObject = fullResponse
    ? { headers, statusCode, ...(file === undefined && { body: content as IDataObject }) }
    : file === undefined
      ? toObject(content)
      : {};
  if (file !== undefined) return { json, binary: { [settings.binaryProperty]: file } };
  const isBare = !fullResponse && json !== content;
  if (isBare) making.onBare?.();
  // Only JSON has fields.
  if (mayHoldFiles === undefined) return { json };
  const base64ToFiles = settings.base64ToFiles && mayHoldFiles;
  if (!base64ToFiles && base64Fields.length === 0) return { json };
  return await moveFiles(
    json,
    {
      ...settings,
      base64ToFiles,
      inside: fullResponse ? 'body' : isBare ? 'output' : undefined,
      onNoFile: (path) => making.notes?.notFiles.add(path),
    },
    making.helpers,
  );
}

/**
 * Makes an item's JSON, which must be an object.
 * @returns an object as it is; a list or a single value under `output`
 */
export function toObject(json: unknown): IDataObject {
  return isRecord(json) ? (json as IDataObject) : { output: json as IDataObject[] };
}

/** What is known about a response that must be JSON. */
interface JsonFacts {
  /** The response's header. */
  contentType?: string;
  /** Takes what had to be changed. */
  notes?: ReadingNotes;
}

/**
 * Reads a response that must be JSON, or a list of it with a value on each line.
 * @param body the whole body
 * @param subject what was called, for messages
 * @returns the JSON; an empty object if the body is empty
 * @throws {BasetenError} if it is not JSON
 */
export function parseResponse(body: Buffer, subject: string, facts: JsonFacts = {}): unknown {
  return readResponse(body, subject, facts).value;
}

function readResponse(
  body: Buffer,
  subject: string,
  { contentType, notes }: JsonFacts,
): Pick<JsonReading, 'value' | 'mayHoldFiles'> {
  const isLines = contentType !== undefined && LINES.test(essenceOf(contentType));
  if (body.length === 0) return { value: isLines ? [] : {}, mayHoldFiles: false };
  const text = decodeText(body, contentType, true);
  const reading = tryRead(text, isLines);
  if (reading === undefined) throw notJsonFailure(text, subject);
  if (notes && reading.bigNumbers > 0) notes.bigNumbers++;
  if (notes && reading.notFinite > 0) notes.notFinite++;
  return reading;
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

/** What a response holds. */
interface Content {
  file?: IBinaryData;
  /** Text, or data. */
  content?: unknown;
  /** Whether a text in the data may be a file. Set if the response is JSON. */
  mayHoldFiles?: boolean;
}

async function readContent(
  response: BasetenStream,
  { format, binaryProperty, fileName }: OutputSettings,
  { helpers, subject, notes }: ItemMaking,
): Promise<Content> {
  const { body, headers } = response;
  const contentType = headers['content-type'];
  const type = mediaType(response);
  const actual = format === 'auto' && Buffer.isBuffer(body) ? detectFormat(type, body) : format;
  if (actual === 'file' || !Buffer.isBuffer(body)) {
    const name = fileName ?? fileNameIn(headers['content-disposition']);
    const facts = { property: binaryProperty, type, fileName: name };
    return { file: await storeFile(helpers, body, facts) };
  }
  if (actual === 'text') return { content: decodeText(body, contentType) };
  const { value, mayHoldFiles } = readResponse(body, subject, { contentType, notes });
  return { content: value, mayHoldFiles };
}

/** Whether bytes are JSON to their end, or a list of it with a value on each line. */
export function isJson(body: Buffer): boolean {
  return tryRead(decodeText(body, '', true)) !== undefined;
}

/** Media types of JSON with a value on each line. */
const LINES = /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines)(\+json)?$/;
/** Media types of text that don't begin with `text/`. */
const TEXTS =
  /^application\/(xml|.+\+xml|(x-)?yaml|.+\+yaml|(x-)?javascript|x-www-form-urlencoded)$/;

function detectFormat(type: string | undefined, body: Buffer): Exclude<OutputFormat, 'auto'> {
  if (type !== undefined) return formatOf(type);
  if (body.length === 0 || isJson(body)) return 'json';
  return isUtf8(body) && !body.includes(0) ? 'text' : 'file';
}

function formatOf(type: string): Exclude<OutputFormat, 'auto'> {
  if (type === 'application/json' || type.endsWith('+json') || LINES.test(type)) return 'json';
  return type.startsWith('text/') || TEXTS.test(type) ? 'text' : 'file';
}

/** @returns nothing if the text is not JSON */
function tryRead(text: string, isLines = false): JsonReading | undefined {
  if (isLines) return attempt(() => readJsonLines(text));
  const reading = attempt(() => readJson(text));
  if (reading !== undefined) return reading;
  // Some servers send lines without saying so. Lines of single values may be any text.
  const lines = attempt(() => readJsonLines(text));
  return (lines?.value as unknown[] | undefined)?.every(isRecord) ? lines : undefined;
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function mediaType({ headers }: ResponseHead): string | undefined {
  return essenceOf(headers['content-type'] ?? '') || undefined;
}
