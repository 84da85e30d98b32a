import { isRecord } from '../json';
import {
  brokenStreamFailure,
  hugeResponseFailure,
  notJsonFailure,
  type BasetenError,
} from '../errors/basetenError';
import { eventsIn, readLines } from '../http/sse';
import { toCompletion } from './completion';
import { failureInJson, notChatFailure, streamFailure, type AnswerSource } from './failures';
import { note, tryParse } from './json';
import { readContent, readMessage } from './message';
import { readCompletion, type StreamReading } from './stream';
import type { ChatCompletion } from './types';

/** Most bytes of an answer, as of any other response that is held in memory. */
const LARGEST_ANSWER_BYTES = 100_000_000;
/** Fields of which an error has one. */
const ERROR_WORDS = /"(error|errors|error_message|detail|message|msg)"/;
/** Most lines that are read to see what a body is. */
const LONGEST_HEAD = 20;
/** A line of a stream of events. */
const FIELD = /^\s*(?:(?:data|event|id|retry)?:|data$)/;

/**
 * Reads an answer that came as a whole, in any form that servers give it: JSON, a stream though
 * none was asked for, or lines of JSON.
 * @throws {BasetenError} if it is an error, or no chat completion
 */
export async function readAnswer(body: Buffer, reading: StreamReading): Promise<ChatCompletion> {
  const text = new TextDecoder().decode(body).trimStart();
  const lines = linesOf(text);
  if (isEventStream(text)) return await readCompletion(eventsIn(lines), reading);
  if (text === '') return toCompletion({}, reading);
  const changes = { bigNumbers: 0, notFinite: 0 };
  const json = tryParse(text, changes)?.value;
  const failure = failureInJson(json, reading);
  if (failure) throw failure;
  if (isRecord(json)) {
    const completion = toCompletion(json, reading);
    note(reading.notes, changes);
    const [first] = completion.choices;
    const reason = first?.finish_reason ?? '';
    const { content } = readMessage(first?.message ?? {}, reason);
    reading.habit?.learn(readContent(first?.message?.content).content, reason);
    if (content !== '') await reading.onText(content);
    return completion;
  }
  if (isRecord(tryParse(firstLine(text))?.value))
    return await readCompletion(eventPerLine(lines), reading);
  throw /^[{[]/.test(text) && json === undefined
    ? notJsonFailure(text, reading.subject)
    : notChatFailure(text, reading);
}

/**
 * Reads an answer while it comes. If it is no stream of events, it is read to its end first.
 * @param limit the most bytes that are read
 * @throws {BasetenError} if it is an error or no chat completion, if it breaks off, or is too large
 */
export async function readStreamedAnswer(
  body: AsyncIterable<Uint8Array>,
  reading: StreamReading,
  limit = LARGEST_ANSWER_BYTES,
): Promise<ChatCompletion> {
  const { subject } = reading;
  const lines = readLines(limited(body, limit, subject));
  try {
    const head = await wholly(readHead(lines), subject);
    if (head.length === 0) throw brokenStreamFailure(subject);
    const all = startingWith(head, lines);
    if (kindOf(head) === 'events') return await readCompletion(eventsIn(all), reading);
    return await readAnswer(Buffer.from(await wholly(joined(all), subject)), reading);
  } finally {
    await lines.return(undefined);
  }
}

/**
 * Finds an error in a response whose status says success, so that it can be told, and repeated,
 * like one with its own status.
 * @param body a whole answer, or the first bytes of a stream
 */
export function failureInAnswer(body: Buffer, source: AnswerSource): BasetenError | undefined {
  // Nearly all answers have no error in them, and are parsed later.
  const isShort = body.length < 4096;
  const mayBe = isShort ? ERROR_WORDS.test(body.toString('latin1')) : false;
  if (!mayBe && !body.includes('"error"')) return undefined;
  const text = new TextDecoder().decode(body).trim();
  if (!isEventStream(text)) return failureInJson(tryParse(text)?.value, source);
  const data = /^data:(.*)$/m.exec(text)?.[1] ?? '';
  return failureInJson(tryParse(data)?.value, source);
}

function isEventStream(text: string): boolean {
  return kindOf(text.trimStart().split(/\r\n|\n|\r/, LONGEST_HEAD)) === 'events';
}

/**
 * Tells from its first lines whether a body is a stream of events.
 * @returns nothing if more lines must be seen: fields that nobody knows may come first
 */
function kindOf(head: string[]): 'events' | 'other' | undefined {
  const telling = head.find((line) => FIELD.test(line) || !/^([\w-]+:|\s*$)/.test(line));
  if (telling === undefined) return head.length < LONGEST_HEAD ? undefined : 'other';
  return FIELD.test(telling) ? 'events' : 'other';
}

function firstLine(text: string): string {
  return /^.*/.exec(text)?.[0] ?? '';
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split(/\r\n|\n|\r/);
}

/** Lines of JSON as events. */
async function* eventPerLine(lines: AsyncIterable<string>) {
  for await (const data of lines) yield { event: 'message', data };
}

/** Reads lines until they tell what the body is. Blank ones at its start are left out. */
async function readHead(lines: AsyncIterator<string>): Promise<string[]> {
  const head: string[] = [];
  while (kindOf(head) === undefined) {
    const next = await lines.next();
    if (next.done) break;
    if (head.length > 0 || next.value.trim() !== '') head.push(next.value);
  }
  return head;
}

async function* startingWith(head: string[], lines: AsyncIterator<string>): AsyncGenerator<string> {
  yield* head;
  for (let next = await lines.next(); !next.done; next = await lines.next()) yield next.value;
}

async function* limited(body: AsyncIterable<Uint8Array>, limit: number, subject: string) {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw hugeResponseFailure(subject, limit);
    yield chunk;
  }
}

async function joined(lines: AsyncIterable<string>): Promise<string> {
  const text: string[] = [];
  for await (const line of lines) text.push(line);
  return text.join('\n');
}

/** Waits for something that is read. A lost connection becomes an error about the stream. */
async function wholly<T>(reading: Promise<T>, subject: string): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw streamFailure(error, subject);
  }
}
