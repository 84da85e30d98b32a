import { responseFailure } from '../errors/basetenError';
import { UserInputError } from '../errors/userInputError';
import { isRecord } from '../json';
import { receivedOf } from './completion';
import { excerpt, withReceived } from './failures';
import { findJson } from './json';
import type { ChatCompletion } from './types';

/** The field in which the model writes its choice. */
const FIELD = 'choice';
/** Most characters of the labels that an error lists. */
const LONGEST_LIST = 300;

/**
 * Reads the labels of which an answer is one.
 * @param value a comma-separated text; or a list, whose labels may contain commas
 * @returns the labels, each once
 * @throws {UserInputError} if there is none
 */
export function toChoices(value: unknown): string[] {
  const given = Array.isArray(value) ? value : String(value ?? '').split(',');
  const labels = given.map((label) => String(label ?? '').trim()).filter((label) => label !== '');
  if (labels.length > 0) return [...new Set(labels)];
  throw new UserInputError(
    'Choices is empty',
    'Response Format is Choice, so add the option Choices and write the labels there, separated by commas.',
  );
}

/**
 * Makes the `response_format` with which a model can answer nothing but one of the labels.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function choiceFormat(choices: string[]): Record<string, unknown> {
  const schema = {
    type: 'object',
    properties: { [FIELD]: { type: 'string', enum: choices } },
    required: [FIELD],
    additionalProperties: false,
  };
  return { type: 'json_schema', json_schema: { name: FIELD, strict: true, schema } };
}

/**
 * Finds out which label an answer is. Servers that don't know schemas let the model write it in its
 * own way.
 * @param subject what was called, for messages
 * @throws {BasetenError} if it is none; the whole answer is given with the error
 */
export function choiceOf(completion: ChatCompletion, choices: string[], subject: string): string {
  const received = receivedOf(completion);
  const { content, finishReason } = received;
  // As JSON, the bare label 1.0 would be the number 1.
  const said = [content, writtenIn(content)];
  const chosen =
    choices.find((label) => said.includes(label)) ??
    choices.find((label) => said.some((each) => bare(each) !== '' && bare(label) === bare(each)));
  if (chosen !== undefined) return chosen;
  const list = choices.join(', ');
  const shown = list.length > LONGEST_LIST ? `${list.slice(0, LONGEST_LIST)}…` : list;
  const error = responseFailure(
    content.trim() === ''
      ? `The answer of ${subject} is empty, and none of the choices`
      : `The answer of ${subject} is none of the choices`,
    (finishReason === 'length'
      ? 'The answer reached the limit of tokens and was cut off there: raise Max Tokens, or switch Thinking off. '
      : 'Say in the prompt what is to be chosen. If the model does not follow schemas, use another one. ') +
      `The choices are: ${shown}.\nIt was: ${excerpt(content)}`,
  );
  throw withReceived(error, received, '');
}

function writtenIn(content: string): string {
  const json = findJson(content)?.value;
  const value = isRecord(json) ? json[FIELD] : json;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : content;
}

/** What models put around a label: quotation marks, emphasis, the end of a sentence. */
const AROUND = `"'\`*“‘”’.!`;

/** A label without what models put around one, in small letters. */
function bare(text: string): string {
  const letters = [...text.trim()];
  const isAround = (letter: string) => AROUND.includes(letter) || letter.trim() === '';
  const first = letters.findIndex((letter) => !isAround(letter));
  const last = letters.findLastIndex((letter) => !isAround(letter));
  return letters
    .slice(Math.max(first, 0), last + 1)
    .join('')
    .toLowerCase();
}
