import { isRecord } from '../json';
import { responseFailure, type BasetenError } from '../errors/basetenError';
import { excerpt, notChatFailure, withReceived, type AnswerSource } from './failures';
import { findJson, tryParse } from './json';
import { readMessage } from './message';
import { toolCallsIn, withIds } from './toolCalls';
import type { ChatChoice, ChatCompletion, ChatToolCall } from './types';
import { capital } from '../capital';

/** A tool call that the next node can use as it is. */
interface SimpleToolCall {
  id: string;
  name: string;
  /** Parsed from the JSON text that the model wrote; the text itself for a custom tool. */
  arguments: unknown;
}

/** The parts of one of the answers of a completion. */
export interface SimpleChoice {
  content: string;
  /** What the model thought before it answered. Empty if it shows no reasoning. */
  reasoning: string;
  toolCalls: SimpleToolCall[];
  /** Why the model stopped: `stop`, `length`, `tool_calls` or another word of the server. */
  finishReason: string;
  /** Why the model does not answer, in its own words, if it refuses. */
  refusal?: string;
  /** The parsed answer, if the request asked for JSON. */
  json?: unknown;
}

/** The parts of a completion that most workflows need. */
export interface SimpleCompletion extends SimpleChoice {
  usage: Record<string, unknown>;
  model: string;
  /** All answers, if the request asked for several. The first one is also in the fields above. */
  choices?: SimpleChoice[];
}

const CUT_OFF = 'The answer reached the limit of tokens and was cut off there: raise Max Tokens';

/**
 * Checks that the parsed body of a response is a chat completion.
 * @returns the same body
 * @throws {BasetenError} if it is not a chat completion
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function toCompletion(json: Record<string, unknown>, source: AnswerSource): ChatCompletion {
  const choice: unknown = Array.isArray(json.choices) ? json.choices[0] : undefined;
  if (isRecord(choice) && isRecord(choice.message)) return json as ChatCompletion;
  throw notChatFailure(JSON.stringify(json), source);
}

/** Why the model stopped, such as `stop`, `length` or `tool_calls`. Empty if it does not say so. */
export function finishReasonOf({ choices }: ChatCompletion): string {
  return reasonOf(choices[0]);
}

/** Whether the model refuses to answer. */
export function isRefused({ choices }: ChatCompletion): boolean {
  return choices.some((choice) => readMessage(choice.message ?? {}, '').refusal !== '');
}

/**
 * Picks the parts of a completion that most workflows need.
 * @param asksJson whether the request asked for JSON, which is then parsed
 * @param subject what was called, for messages
 * @throws {BasetenError} if the JSON, or the arguments of a tool call, can't be parsed; the whole
 * answer is given with the error
 */
export function simplify(
  completion: ChatCompletion,
  asksJson: boolean,
  subject: string,
): SimpleCompletion {
  const choices = completion.choices.filter(isRecord) as ChatChoice[];
  const simple = choices.map((choice) => {
    const failing = (message: string, hint: string) => {
      const received = receivedOf(completion);
      return withReceived(responseFailure(message, hint), received, '');
    };
    return simplifyChoice(choice, { asksJson, subject, failing });
  });
  return {
    ...(simple[0] as SimpleChoice),
    usage: completion.usage ?? {},
    model: completion.model ?? '',
    ...(simple.length > 1 && { choices: simple }),
  };
}

/**
 * What there is of a completion, for an error: nothing of it is parsed.
 * @returns the parts of the first answer, and those of all if there are several
 */
export function receivedOf({ choices }: ChatCompletion) {
  const all = choices.filter(isRecord).map((choice) => {
    const finishReason = reasonOf(choice as ChatChoice);
    const message = isRecord(choice.message) ? choice.message : {};
    const calls = callsOf(message).map(({ id, name, input }) => ({ id, name, arguments: input }));
    return { ...textsOf(message, finishReason), toolCalls: calls, finishReason };
  });
  const none = { content: '', reasoning: '', toolCalls: [], finishReason: '' };
  return { ...(all[0] ?? none), ...(all.length > 1 && { choices: all }) };
}

interface Simplifying {
  asksJson: boolean;
  subject: string;
  /** Makes the error about this answer. */
  failing(message: string, hint: string): BasetenError;
}

function simplifyChoice(choice: ChatChoice, how: Simplifying): SimpleChoice {
  const finishReason = reasonOf(choice);
  const message = choice.message ?? {};
  const texts = textsOf(message, finishReason);
  const calls = callsOf(message);
  // A model that calls a tool has not written its JSON yet.
  const hasJson = how.asksJson && !(calls.length > 0 && texts.content.trim() === '');
  return {
    ...texts,
    toolCalls: calls.map((call) => toSimpleCall(call, finishReason, how)),
    finishReason,
    ...(hasJson && { json: parseContent(texts.content, texts.refusal, finishReason, how) }),
  };
}

/** A refusal is there only if the model refuses. */
function textsOf(
  message: Record<string, unknown>,
  finishReason: string,
): Pick<SimpleChoice, 'content' | 'reasoning' | 'refusal'> {
  const { refusal, ...texts } = readMessage(message, finishReason);
  return refusal === '' ? texts : { ...texts, refusal };
}

function reasonOf(choice: ChatChoice | undefined): string {
  return typeof choice?.finish_reason === 'string' ? choice.finish_reason : '';
}

function parseContent(
  content: string,
  refusal: string | undefined,
  finishReason: string,
  { subject, failing }: Simplifying,
): unknown {
  const found = findJson(content);
  if (found) return found.value;
  const shown = content.trim() || refusal;
  throw failing(
    shown
      ? `The answer of ${subject} is not valid JSON`
      : `${capital(subject)} gave no JSON: its answer is empty`,
    [
      finishReason === 'length'
        ? `${CUT_OFF}, or ask for less.`
        : 'Say in the prompt what the JSON should look like, ' +
          'or set Response Format to JSON Schema.',
      shown && `It was: ${excerpt(shown)}`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
}

/** A tool call of any form. */
interface AnyCall {
  id: string;
  name: unknown;
  input: unknown;
  isCustom: boolean;
}

/** The tool calls of a message; the older API has one call, in a field of its own. */
function callsOf({ tool_calls: list, function_call: single }: Record<string, unknown>): AnyCall[] {
  const calls = toolCallsIn(list);
  if (calls.length === 0 && isRecord(single)) calls.push({ function: single });
  return withIds(calls as ChatToolCall[]).flatMap(({ id, function: called, custom }): AnyCall[] => {
    if (isRecord(called))
      return [{ id, name: called.name, input: called.arguments, isCustom: false }];
    return isRecord(custom) ? [{ id, name: custom.name, input: custom.input, isCustom: true }] : [];
  });
}

function toSimpleCall(
  { id, name, input, isCustom }: AnyCall,
  finishReason: string,
  { subject, failing }: Simplifying,
): SimpleToolCall {
  if (typeof name !== 'string' || name === '') {
    throw failing(
      `The answer of ${subject} calls a tool without its name`,
      'Try again, or try another model.',
    );
  }
  if (isCustom) return { id, name, arguments: input ?? '' };
  const parsed = parseArguments(input);
  if (parsed) return { id, name, arguments: parsed.value };
  throw failing(
    `The arguments with which ${subject} calls the tool ${name} are not valid JSON`,
    `${finishReason === 'length' ? `${CUT_OFF}.` : 'Try again, or try another model.'}\n` +
      `They were: ${excerpt(String(input))}`,
  );
}

/** Parses arguments, which may be missing, parsed already, or encoded twice. */
function parseArguments(input: unknown): { value: unknown } | undefined {
  if (typeof input !== 'string') return { value: input ?? {} };
  if (input.trim() === '') return { value: {} };
  // Some servers put an empty object in front of the arguments that follow.
  const parsed = tryParse(input) ?? (/^\{\}./s.test(input) ? tryParse(input.slice(2)) : undefined);
  if (!parsed) return undefined;
  const { value } = parsed;
  if (typeof value !== 'string') return { value: value ?? {} };
  const inner = value.trim() === '' ? { value: {} } : tryParse(value);
  return typeof inner?.value === 'object' && inner.value !== null ? inner : parsed;
}
