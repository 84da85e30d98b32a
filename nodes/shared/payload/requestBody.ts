import { randomUUID } from 'crypto';

import { isBlank } from '../json';
import { setAt } from './dataPath';
import type { Body } from '../http/client';
import type { StoredFile } from './files';

export type { Body };
import { UserInputError } from '../errors/userInputError';

/** A file from an item's binary data that is sent as bytes. */
export interface Upload {
  content: Buffer | StoredFile;
  mimeType: string;
  fileName?: string;
}

/** A file from an item's binary data, in memory. */
export interface InputFile extends Upload {
  content: Buffer;
}

export interface Field {
  name: string;
  value: unknown;
}

/**
 * Reads JSON from a parameter, which is text or, from an expression, already data.
 * @param label the parameter's name on screen
 * @throws {UserInputError} with the parser's words where the text is no JSON
 */
export function parseJson(value: unknown, label: string): unknown {
  if (isBlank(value)) {
    throw new UserInputError(
      `${label} is empty`,
      'Enter JSON, such as {"prompt": "a red fox"}; {} where the model takes nothing.',
    );
  }
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw invalidJson(label, error);
  }
}

/** Like `parseJson`, for parameters that must hold a JSON object. */
export function parseJsonObject(value: unknown, label: string): Record<string, unknown> {
  const json = parseJson(value, label);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UserInputError(
      `${label} is not a JSON object`,
      'Enter an object in braces, such as {"order": 17}.',
    );
  }
  return json as Record<string, unknown>;
}

/** Builds an object of name/value pairs; a dotted name nests. Values keep their type. */
export function nestFields(fields: Field[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { name, value } of fields) {
    if (name.trim() !== '') setAt(body, name, value);
  }
  return body;
}

/** Puts files into JSON as base64, each at its dotted path. The data that was given stays as it was. */
export function withFiles(json: unknown, files: Array<{ path: string; file: InputFile }>): unknown {
  if (files.length === 0) return json;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UserInputError(
      'Files can only be put into a JSON object',
      'Make the input an object, such as {}.',
    );
  }
  const copy = structuredClone(json) as Record<string, unknown>;
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

/** Builds a form: fields as text (objects as JSON), files with their name and type. */
export async function multipartBody(
  fields: Field[],
  files: Array<{ path: string; file: Upload }>,
): Promise<Body> {
  const form = new FormData();
  for (const { name, value } of fields) {
    // A form has no null.
    if (name.trim() === '' || value === undefined || value === null) continue;
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  // A file that is read while it is sent is not there yet: a mark holds its place.
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
  // Node writes the form the same way that its fetch would send it.
  const encoded = new Response(form);
  const content = Buffer.from(await encoded.arrayBuffer());
  return {
    content: stored.length === 0 ? content : withStored(content, stored),
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
  };
}

/** Closes what was opened of a body and not read to its end. */
export function closeBody(body: Body | undefined): void {
  if (body && !Buffer.isBuffer(body.content)) body.content.close?.();
}

/** A form with files in the places of their marks. */
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
    'Look for a missing comma, quote or brace. An expression that gives an object needs no quotes around it.',
  );
}
