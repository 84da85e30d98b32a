import { randomUUID } from 'crypto';

import { UserInputError } from '../errors/userInputError';
import type { Body } from '../http/client';
import { isBlank, isRecord } from '../json';
import { setAt } from './dataPath';
import type { StoredFile } from './files';

/** A file from an item's binary data that is sent as bytes. */
export interface Upload {
  content: Buffer | StoredFile;
  /** Media type; empty if it is not known. */
  mimeType: string;
  fileName?: string;
}

/** A file from an item's binary data, in memory. */
export interface InputFile extends Upload {
  content: Buffer;
}

/** A name with its value, as the user enters it in a list of fields. */
export interface Field {
  /** Dots make nested fields; a field with a blank name is left out. */
  name: string;
  value: unknown;
}

/**
 * Reads JSON from a parameter. The parameter holds text, or data if it comes from an expression.
 * @param value what the parameter holds
 * @param label the parameter's name on screen
 * @throws {UserInputError} if it is empty, or is text that is not JSON; the parser's words are in
 * it
 */
export function parseJson(value: unknown, label: string): unknown {
  if (isBlank(value)) {
    throw new UserInputError(
      `${label} is empty`,
      'Enter JSON, such as {"prompt": "a red fox"}, or {} if the model takes no input.',
    );
  }
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw invalidJson(label, error);
  }
}

/**
 * Like `parseJson`, for a parameter that must hold a JSON object.
 * @throws {UserInputError} if it is not a JSON object
 */
export function parseJsonObject(value: unknown, label: string): Record<string, unknown> {
  const json = parseJson(value, label);
  if (isRecord(json)) return json;
  throw new UserInputError(
    `${label} is not a JSON object`,
    'Enter an object in braces, such as {"order": 17}.',
  );
}

/**
 * Builds an object from fields. Values keep their type.
 * @throws {UserInputError} if a name can't be used as a path
 */
export function nestFields(fields: Field[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { name, value } of fields) {
    if (name.trim() !== '') setAt(body, name, value);
  }
  return body;
}

/**
 * Puts files into a copy of JSON as base64, each at its dotted path.
 * @param json the JSON, which must be an object if there are files; it is not changed
 * @throws {UserInputError} if it is not an object, or a path can't be used
 */
export function withFiles(json: unknown, files: Array<{ path: string; file: InputFile }>): unknown {
  if (files.length === 0) return json;
  if (!isRecord(json)) {
    throw new UserInputError(
      'Files can only be put into a JSON object',
      'Make the input an object, such as {}.',
    );
  }
  const copy = structuredClone(json);
  for (const { path, file } of files) setAt(copy, path, file.content.toString('base64'));
  return copy;
}

/** @returns the body of a JSON request */
export function jsonBody(json: unknown): Body {
  return { content: Buffer.from(JSON.stringify(json), 'utf8'), contentType: 'application/json' };
}

/** @returns a file's bytes as the whole body */
export function binaryBody(file: Upload): Body {
  return { content: file.content, contentType: file.mimeType || 'application/octet-stream' };
}

/**
 * Builds a multipart form. Fields become text, objects and lists as JSON. Files keep their name and
 * media type.
 * @param fields the form's text fields; those without a name or value are left out
 * @param files the form's files; `path` is the name of the form field
 * @returns the body, which reads files from n8n's store only while it is sent
 */
export async function multipartBody(
  fields: Field[],
  files: Array<{ path: string; file: Upload }>,
): Promise<Body> {
  const form = new FormData();
  for (const { name, value } of fields) {
    // A form can't express null.
    if (name.trim() === '' || value === undefined || value === null) continue;
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  // A file in n8n's store is read later, while it is sent. Until then a unique mark holds its
  // place.
  const stored: Array<{ mark: string; file: StoredFile }> = [];
  for (const { path, file } of files) {
    let bytes = file.content;
    if (!Buffer.isBuffer(bytes)) {
      const mark = randomUUID();
      stored.push({ mark, file: bytes });
      bytes = Buffer.from(mark);
    }
    form.append(
      path,
      new Blob([new Uint8Array(bytes)], { type: file.mimeType }),
      file.fileName ?? path,
    );
  }
  // Response encodes a form exactly as Node's fetch would send it.
  const encoded = new Response(form);
  const content = Buffer.from(await encoded.arrayBuffer());
  return {
    content: stored.length === 0 ? content : withStored(content, stored),
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
  };
}

/**
 * Closes the files that a body opened and did not read to their end. To be called after the
 * response, or after the last attempt.
 */
export function closeBody(body: Body | undefined): void {
  if (body && !Buffer.isBuffer(body.content)) body.content.close?.();
}

/** Puts each stored file in the place of its mark. */
function withStored(form: Buffer, stored: Array<{ mark: string; file: StoredFile }>): StoredFile {
  const pieces: Array<Buffer | StoredFile> = [];
  let rest = form;
  for (const { mark, file } of stored) {
    const at = rest.indexOf(mark);
    pieces.push(rest.subarray(0, at), file);
    rest = rest.subarray(at + mark.length);
  }
  pieces.push(rest);
  return {
    length: pieces.reduce((sum, piece) => sum + piece.length, 0),
    open: async () => oneAfterTheOther(pieces),
    close: () => stored.forEach(({ file }) => file.close()),
  };
}

async function* oneAfterTheOther(pieces: Array<Buffer | StoredFile>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) yield piece;
    else yield* await piece.open();
  }
}

function invalidJson(label: string, error: unknown): UserInputError {
  const words = error instanceof Error ? error.message : String(error);
  return new UserInputError(
    `${label} is not valid JSON: ${words}`,
    'Look for a missing comma, quote or brace. Do not put quotes around an expression that gives an object.',
  );
}
