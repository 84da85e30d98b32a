import { UserInputError } from '../errors/userInputError';
import { isBlank, isRecord } from '../json';
import { withValues } from './dataPath';
import { toData } from './jsonText';
import { isKept } from './readJson';
import { readJsonText, type InputFile } from './requestBody';

/** What fields can be set to; `auto` takes what the expression gives, and typed text as text. */
export const FIELD_TYPES = ['auto', 'string', 'number', 'boolean', 'json'] as const;

/** What the value of a field must be. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** A name with its value, as the user enters it in a list of fields. */
export interface Field {
  /** Dots make nested fields; a field with a blank name is left out. */
  name: string;
  value: unknown;
}

/** How a file goes into JSON. */
export type FileEncoding = 'base64' | 'dataUrl';

/**
 * Reads a field of the form. Each part may come from an expression, which may give anything.
 * @returns the field, its value of the type that it is set to
 * @throws {UserInputError} if the value is not of that type, or the name is no text
 */
export function readField(name: unknown, value: unknown, type: FieldType = 'auto'): Field {
  if (!isBlank(name) && typeof name !== 'string' && typeof name !== 'number') {
    throw new UserInputError(
      'The name of a field is not a text',
      'If it comes from an expression, check that the expression gives a text for this item.',
    );
  }
  const read = String(name ?? '');
  return { name: read, value: typed(value, type, read) };
}

/**
 * Builds an object from fields. Values keep their type, and are not changed.
 * @throws {UserInputError} if a name can't be used as a path, or is given twice
 */
export function nestFields(fields: Field[]): Record<string, unknown> {
  const named = fields.filter(({ name }) => name.trim() !== '');
  return withValues(
    {},
    // A field inside the object must be one that JavaScript can hold.
    named.map(({ name, value }) => ({ path: name, value: toData(value) })),
  );
}

/**
 * Puts files into a copy of JSON, each at its dotted path.
 * @param json the JSON, which must be an object if there are files; it is not changed
 * @throws {UserInputError} if it is not an object, a path can't be used, or the JSON holds a number
 * that n8n would change
 */
export function withFiles(
  json: unknown,
  files: Array<{ path: string; file: InputFile; encoding: FileEncoding }>,
): unknown {
  if (files.length === 0) return json;
  const data = toData(json);
  if (!isRecord(data)) {
    throw new UserInputError(
      'Files can only be put into a JSON object',
      'Make the input an object, such as {}.',
    );
  }
  return withValues(
    data,
    files.map(({ path, file, encoding }) => ({ path, value: encoded(file, encoding) })),
  );
}

function encoded({ content, mimeType }: InputFile, encoding: FileEncoding): string {
  const base64 = content.toString('base64');
  return encoding === 'base64'
    ? base64
    : `data:${mimeType.replaceAll(' ', '') || 'application/octet-stream'};base64,${base64}`;
}

function typed(value: unknown, type: FieldType, name: string): unknown {
  // An expression that gives nothing is no value of any type.
  if (type === 'auto' || value === undefined || value === null) return value;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'number':
      return toNumber(value) ?? refuse(name, 'a number', value);
    case 'boolean':
      return toBoolean(value) ?? refuse(name, 'true or false', value);
    case 'json':
      return readJsonText(value, `The field "${name}"`);
  }
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const text = typeof value === 'string' ? value.trim() : '';
  // Stricter than `Number`, which also takes hexadecimal numbers and blank text.
  const isNumber = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text);
  return isNumber && isKept(text) ? Number(text) : undefined;
}

function toBoolean(value: unknown): boolean | undefined {
  const text = String(value).trim().toLowerCase();
  return text === 'true' || text === '1'
    ? true
    : text === 'false' || text === '0'
      ? false
      : undefined;
}

function refuse(name: string, wanted: string, value: unknown): never {
  const shown = JSON.stringify(value)?.slice(0, 100) ?? typeof value;
  throw new UserInputError(
    `The field "${name}" is not ${wanted}: ${shown}`,
    'Change the value, or the type of the field. A number must be one that n8n can hold exactly.',
  );
}
