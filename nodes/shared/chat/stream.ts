import { isRecord } from '../json';
import type { ChatCompletion } from './types';
import { CompletionAssembly } from './assembly';
import { receivedOf } from './completion';
import {
  excerpt,
  failureInEvent,
  failureInJson,
  isLostConnection,
  notChatFailure,
  streamFailure,
  withReceived,
  type AnswerSource,
} from './failures';
import { hasReasoningField, readContent, readMessage } from './message';
import { note, tryParse, type Changes } from './json';
import { ThinkingFilter } from './thinking';
import type { ThinkingHabit } from './thinkingHabits';
import { BasetenError, brokenStreamFailure, responseFailure } from '../errors/basetenError';
import type { ServerSentEvent } from '../http/sse';

/** How a stream is read. */
export interface StreamReading extends AnswerSource {
  /** Receives the text of the first choice as it comes, without reasoning. */
  onText(text: string): Promise<void>;
  /** What is known of the way in which the model thinks. */
  habit?: ThinkingHabit;
}

/** Most characters of what came that are given with an error. */
const LONGEST_RECEIVED = 10_000_000;
/** What a piece of a chunk would have: a brace or a quote. */
const PART_OF_JSON = /["{}]/;
/** Events that only keep the connection open. */
const IDLE = /^(ping|keep-?alive|heart-?beat)$/i;

/**
 * Reads a streamed completion to its end. Events that say nothing are passed over.
 * @returns the completion that the server would have sent without streaming
 * @throws {BasetenError} if the stream contains an error, or breaks off before the model's end;
 * what came until then is given with the error
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readCompletion(
  events: AsyncIterable<ServerSentEvent>,
  reading: StreamReading,
): Promise<ChatCompletion> {
  const answer = new StreamedAnswer(reading);
  try {
    for await (const event of events) {
      if (await answer.take(event)) break;
    }
  } catch (error) {
    // If the model has finished, nothing but the usage can be missing.
    if (!isLostConnection(error) || !answer.isFinished)
      throw answer.with(streamFailure(error, reading.subject));
  }
  return await answer.end();
}

class StreamedAnswer {
  private readonly assembly = new CompletionAssembly();
  private filter: ThinkingFilter;
  /** The text that was passed on. */
  private passedOn = '';
  private isDone = false;
  /** Whether any text has come, passed on or not. */
  private hasText = false;
  private readonly changes: Changes = { bigNumbers: 0, notFinite: 0 };
  /** Data that is not JSON. If it is the last, the stream broke off there. */
  private unreadable: string | undefined;
  /** Data that is no part of JSON: it keeps the connection open, or says what went wrong. */
  private words: string | undefined;
  /** An event that belongs to no completion. */
  private foreign: string | undefined;

  constructor(private readonly reading: StreamReading) {
    this.filter = new ThinkingFilter(reading.habit?.beginsInside);
  }

  get isFinished(): boolean {
    return this.isDone || this.assembly.isFinished;
  }

  /** Takes the next event. @returns whether it is the last one */
  async take({ event, data: raw }: ServerSentEvent): Promise<boolean> {
    const data = raw.trim();
    this.isDone = data === '[DONE]';
    if (this.unreadable !== undefined && !this.assembly.isFinished) throw this.unreadableFailure();
    if (this.isDone) return true;
    const json = tryParse(data, this.changes)?.value;
    if (event === 'error') throw failureInEvent(data, json, this.reading);
    if (isIdle(event, data, json)) return false;
    if (json === undefined) {
      if (PART_OF_JSON.test(data)) this.unreadable = data;
      else this.words = data;
      return false;
    }
    for (const chunk of Array.isArray(json) ? json : [json]) {
      if (isRecord(chunk)) await this.add(chunk);
      else this.foreign = data;
    }
    return false;
  }

  /** Ends the answer. @throws {BasetenError} if it is not whole */
  async end(): Promise<ChatCompletion> {
    const { subject } = this.reading;
    const foreign = this.foreign ?? this.words;
    if (!this.assembly.isBegun && foreign !== undefined)
      throw notChatFailure(foreign, this.reading);
    if (!this.assembly.isBegun && this.isDone) throw noAnswerFailure(subject);
    if (!this.isFinished) throw this.with(saying(this.words, brokenStreamFailure(subject)));
    note(this.reading.notes, this.changes);
    const completion = this.assembly.result();
    const first = completion.choices[0];
    const reason = first?.finish_reason ?? '';
    const { content } = readMessage(first?.message ?? {}, reason);
    this.reading.habit?.learn(readContent(first?.message?.content).content, reason);
    // What was kept back because it might have been reasoning.
    if (content.startsWith(this.passedOn)) await this.passOn(content.slice(this.passedOn.length));
    return completion;
  }

  /** Gives what came so far along with an error. */
  with(error: unknown): unknown {
    if (!(error instanceof BasetenError) || !this.assembly.isBegun) return error;
    const received = receivedOf(this.assembly.result());
    // An execution must be able to hold it.
    if (received.content.length + received.reasoning.length > LONGEST_RECEIVED) return error;
    return withReceived(error, received, received.content || received.reasoning);
  }

  private async add(chunk: Record<string, unknown>): Promise<void> {
    const failure = failureInJson(chunk, this.reading);
    const hasText = Array.isArray(chunk.choices);
    const isKnown = hasText || isRecord(chunk.usage);
    if (!isKnown && Object.keys(chunk).length > 0) this.foreign = JSON.stringify(chunk);
    // A server that parts the reasoning itself has none in the text.
    if (!this.hasText && hasReasoning(chunk)) this.filter = new ThinkingFilter();
    // A choice that failed may have text in front of its failure.
    if (isKnown) {
      const text = this.assembly.add(chunk);
      this.hasText ||= text !== '';
      await this.passOn(this.filter.push(text));
    }
    if (failure) throw failure;
  }

  private async passOn(text: string): Promise<void> {
    if (text === '') return;
    this.passedOn += text;
    await this.reading.onText(text);
  }

  private unreadableFailure(): BasetenError {
    return responseFailure(
      `The stream of ${this.reading.subject} has an event that is not JSON`,
      'A part of the answer is missing, so the rest was not used. Try again. ' +
        `If it happens again, look at the deployment’s logs. The event was: ${this.unreadable?.slice(0, 200)}`,
    );
  }
}

/** A server has ended its stream in order, but there was no answer in it. */
function noAnswerFailure(subject: string): BasetenError {
  return responseFailure(
    `The stream of ${subject} ended without an answer`,
    'Try again. If it happens again, look at the deployment’s logs, or try another model.',
  );
}

function hasReasoning({ choices }: Record<string, unknown>): boolean {
  const [choice]: unknown[] = Array.isArray(choices) ? choices : [];
  return isRecord(choice) && isRecord(choice.delta) && hasReasoningField(choice.delta);
}

/** Adds the last words of a server to an error. */
function saying(words: string | undefined, error: BasetenError): BasetenError {
  if (words === undefined) return error;
  const hint = `${error.hint}\nThe server’s last words were: ${excerpt(words)}`;
  return new BasetenError(error.message, { ...error, hint });
}

/** Whether an event says nothing: it only keeps the connection open, or is empty. */
function isIdle(event: string, data: string, json: unknown): boolean {
  if (data === '' || data.startsWith(':') || IDLE.test(data) || IDLE.test(event)) return true;
  return json === null || typeof json === 'boolean';
}
