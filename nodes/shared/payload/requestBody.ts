import { UserInputError } from '../errors/userInputError';
import type { Body } from '../http/client';
import { isBlank, isRecord } from '../json';
import type { StoredFile } from './files';
import { JsonText, toData, toJsonText } from './jsonText';

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

/**
 * Reads JSON from a parameter, as data. The parameter holds text, or data if it comes from an
 * expression.
 * @param value what the parameter holds
 * @param label the parameter's name on screen
 * @throws {UserInputError} if it is empty, is text that is not JSON (the parser's words are in it),
 * or has a number that would be changed
 */
export function parseJson(value: unknown, label: string): unknown {
  return toData(readJsonText(value, label));
}

/**
 * Like `parseJson`, but text stays as it was written, with all its digits.
 * @throws {UserInputError} if it is empty, or is text that is not JSON
 */
export function readJsonText(value: unknown, label: string): unknown {
  if (isBlank(value)) {
    throw new UserInputError(
      `${label} is empty`,
      'Enter JSON, such as {"prompt": "a red fox"}, or {} if the model takes no input.',
    );
  }
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new UserInputError(
      `${label} is a ${typeof value}, not JSON`,
      'If it comes from an expression, check that the expression gives data for this item.',
    );
  }
  if (typeof value !== 'string') return value;
  try {
    return new JsonText(value, JSON.parse(value), label);
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
 * @returns the body of a JSON request
 * @throws {UserInputError} if something in it can't be written as JSON
 */
export function jsonBody(json: unknown): Body {
  return { content: Buffer.from(toJsonText(json), 'utf8'), contentType: 'application/json' };
}

/** @returns a file's bytes as the whole body */
export function binaryBody(file: Upload): Body {
  return { content: file.content, contentType: file.mimeType || 'application/octet-stream' };
}

/**
 * Closes the files that a body opened and did not read to their end. To be called after the
 * response, or after the last attempt.
 */
export function closeBody(body: Body | undefined): void {
  if (body && !Buffer.isBuffer(body.content)) body.content.close?.();
}

function invalidJson(label: string, error: unknown): UserInputError {
  const words = error instanceof Error ? error.message : String(error);
  return new UserInputError(
    `${label} is not valid JSON: ${words}`,
    'Look for a missing comma, quote or brace. Do not put quotes around an expression that gives an object.',
  );
}
