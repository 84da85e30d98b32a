import {
  brokenStreamFailure,
  BasetenError,
  httpFailure,
  responseFailure,
} from '../errors/basetenError';
import { WEB_PAGE } from '../errors/failures';
import { isPage, readable } from '../errors/responseText';
import { isRecord } from '../json';
import type { Changes } from './json';

/** What errors about an answer need to know. */
export interface AnswerSource {
  /** What was called, for messages. */
  subject: string;
  /** Removed from errors, in case a server repeats it there. */
  apiKey: string;
  /** Counts the answers in which numbers had to be changed. */
  notes?: Changes;
}

/** Fields in which an error is told if there is nothing else. */
const ERROR_FIELDS = ['detail', 'message', 'errors', 'error_message', 'msg'];
/** More fields than this are no bare error. */
const LONGEST_BARE = 5;
/** Most characters of an answer that an error shows. */
const LONGEST_EXCERPT = 1000;
/** Fields that may tell the status. */
const STATUS_FIELDS = ['code', 'status', 'status_code', 'statusCode', 'http_status', 'type'];
/** A sentence that tells of a rate limit, without any code. */
const RATE_LIMIT = /^\W*(rate limit|too many requests)/i;
/** Statuses of the codes and types that servers give as words. */
const STATUS_OF_WORDS: Array<[RegExp, number]> = [
  [/rate.?limit|too.?many|quota|exhausted/i, 429],
  [/overloaded|unavailable/i, 503],
  [/not.?found/i, 404],
  [/authentication|api.?key/i, 401],
  [/permission|forbidden/i, 403],
  [/invalid|bad.?request|validation/i, 400],
];

/**
 * Finds the error in JSON that came with a status of success: Some servers answer 200 whatever
 * happens, or meet an error when they have begun to stream.
 * @param json the body of a response, or an event of a stream
 * @returns the same error as a response with that status gives; nothing if it is no error
 */
export function failureInJson(json: unknown, source: AnswerSource): BasetenError | undefined {
  const found = Array.isArray(json) ? json.find(isRecord) : json;
  if (!isRecord(found)) return undefined;
  const error = errorIn(found);
  if (error === undefined) return undefined;
  const body = Array.isArray(found.choices) ? { error } : found;
  return failureOf([error, found], JSON.stringify(body), source);
}

/** Like `failureInJson`, for an event that the server calls an error. */
export function failureInEvent(data: string, json: unknown, source: AnswerSource): BasetenError {
  const fallback = 'The stream ended with an error event that says nothing.';
  return failureInJson(json, source) ?? failureOf([json], data.trim() || fallback, source);
}

/** Says that an answer is something else than a chat completion. @param body what came */
export function notChatFailure(body: string, { subject }: AnswerSource): BasetenError {
  const start = readable(isPage(body) ? body : body.slice(0, LONGEST_EXCERPT), (text) => text);
  if (isPage(body)) {
    return responseFailure(
      `The response of ${subject} is a web page and not a chat completion`,
      `${WEB_PAGE.hint}${start === undefined ? '' : ` Its title is: ${start}`}`,
    );
  }
  return responseFailure(
    `The response of ${subject} is not a chat completion`,
    `${start === undefined ? 'It holds binary data.' : `It was: ${start}`}\n` +
      'Check that the model serves OpenAI-compatible chat completions. ' +
      'For a model that does not, use Predict.',
  );
}

/**
 * Gives what came of an answer along with the error, since it was paid for.
 * @param received what came, as the error's details have it
 * @param text the part of it that the error shows
 */
export function withReceived(error: BasetenError, received: unknown, text: string): BasetenError {
  const detail = error.detail ?? (text.trim() === '' ? undefined : excerpt(text));
  return new BasetenError(error.message, { ...error, detail, received });
}

/** Whether an error says that the connection was lost. */
export function isLostConnection(error: unknown): error is BasetenError {
  return error instanceof BasetenError && error.kind === 'connection';
}

/** A lost connection becomes an error about the stream. Any other error stays as it is. */
export function streamFailure(error: unknown, subject: string): unknown {
  return isLostConnection(error) ? brokenStreamFailure(subject, error) : error;
}

/** The start of a text, if it is long. */
export function excerpt(text: string): string {
  return text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)}…` : text;
}

function errorIn(json: Record<string, unknown>): unknown {
  if (isSaid(json.error)) return json.error;
  if (json.object === 'error' || json.type === 'error') return json;
  const { choices, usage } = json;
  if (Array.isArray(choices)) {
    const failed: unknown = choices.find((choice) => isRecord(choice) && isSaid(choice.error));
    return isRecord(failed) ? failed.error : undefined;
  }
  // Frameworks and gateways tell errors in these fields alone.
  const isBare = usage === undefined && Object.keys(json).length <= LONGEST_BARE;
  const said = isBare ? ERROR_FIELDS.map((name) => json[name]).find(isSaid) : undefined;
  if (said === undefined) return undefined;
  const [first]: unknown[] = Array.isArray(said) ? said : [];
  return isRecord(first) ? { ...json, ...first } : json;
}

function isSaid(error: unknown): boolean {
  if (Array.isArray(error)) return error.length > 0;
  if (isRecord(error)) return Object.keys(error).length > 0;
  return typeof error === 'string' ? error !== '' : error === true || Number(error ?? 0) !== 0;
}

/** @param said what may tell the status, the most particular first */
function failureOf(said: unknown[], body: string, { subject, apiKey }: AnswerSource): BasetenError {
  return httpFailure(
    { status: statusOf(said), headers: {}, body: Buffer.from(body) },
    { subject, secrets: [apiKey] },
  );
}

function statusOf(said: unknown[]): number {
  const codes = said.filter(isRecord).flatMap((error) => STATUS_FIELDS.map((name) => error[name]));
  const status = codes.map(Number).find((code) => code >= 400 && code < 600);
  if (status !== undefined && Number.isInteger(status)) return status;
  const words = codes.filter((code) => typeof code === 'string').join(' ');
  const byWords = STATUS_OF_WORDS.find(([pattern]) => pattern.test(words))?.[1];
  if (byWords !== undefined) return byWords;
  const sentences = said.map((error) => (isRecord(error) ? error.message : error));
  return sentences.some((text) => RATE_LIMIT.test(String(text))) ? 429 : 500;
}
