import { UserInputError } from '../errors/userInputError';
import { isRecord } from '../json';
import { firstChangedNumber } from './readJson';

/**
 * JSON as a person wrote it. It goes out with every character as it is: JavaScript would change
 * long numbers, spaces and the order of some names.
 */
export class JsonText {
  /**
   * @param text valid JSON
   * @param value the same as data
   * @param label name of the parameter on screen, for messages
   */
  constructor(
    readonly text: string,
    readonly value: unknown,
    private readonly label: string,
  ) {}

  /**
   * The JSON as data, for something that must be put into it or that can't take text.
   * @throws {UserInputError} if a number would be changed
   */
  toData(): unknown {
    const number = firstChangedNumber(this.text);
    if (number === undefined) return this.value;
    throw new UserInputError(
      `The number ${number} in ${this.label} would be changed`,
      'n8n can’t hold it exactly, and here the JSON can’t go out as it was written. ' +
        'Put it in quotes, if the model takes text there, or use a number with fewer digits.',
    );
  }
}

/**
 * JSON as data, for something that can't take text.
 * @throws {UserInputError} if a number would be changed
 */
export function toData(json: unknown): unknown {
  return json instanceof JsonText ? json.toData() : json;
}

/**
 * Writes JSON for a request. `JsonText` goes in as it is, also as a field.
 * @throws {UserInputError} if something in it can't be written as JSON
 */
export function toJsonText(json: unknown): string {
  if (json instanceof JsonText) return wellFormed(json.text);
  if (isRecord(json) && Object.values(json).some((value) => value instanceof JsonText)) {
    const fields = Object.entries(json).filter(([, value]) => value !== undefined);
    return `{${fields.map(([name, value]) => `${toJsonText(name)}:${toJsonText(value)}`).join(',')}}`;
  }
  const text = stringify(json);
  // JSON has no other word for them, so a null may be one.
  if (text.includes('null')) assertFinite(json);
  return wellFormed(text);
}

function stringify(json: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(json);
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
  if (text !== undefined) return text;
  throw notJson(`it is ${json === undefined ? 'nothing' : `a ${typeof json}`}`);
}

/** @throws {UserInputError} if a number is not finite; JSON would say null instead */
function assertFinite(json: unknown): void {
  const left: unknown[] = [json];
  for (let value = left.pop(); value !== undefined || left.length > 0; value = left.pop()) {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw notJson(`${value} is not a number in JSON`);
    if (typeof value !== 'object' || value === null || 'toJSON' in value) continue;
    for (const inner of Object.values(value)) left.push(inner);
  }
}

/** Half of a pair of characters, as JSON escapes it, which servers refuse. */
const ESCAPE = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\./g;
const HALF = /^\\u[dD][89a-fA-F][\da-fA-F]{2}$/;

/**
 * Puts U+FFFD in the place of halves of emoji, as a text splitter leaves them. UTF-8 does so by
 * itself with those that are not escaped.
 */
function wellFormed(text: string): string {
  if (!text.includes('\\ud') && !text.includes('\\uD')) return text;
  return text.replace(ESCAPE, (escape) => (HALF.test(escape) ? '\\ufffd' : escape));
}

function notJson(why: string): UserInputError {
  return new UserInputError(
    `The input can't be written as JSON: ${why}`,
    'Check that the expressions give texts, finite numbers, lists and objects.',
  );
}
