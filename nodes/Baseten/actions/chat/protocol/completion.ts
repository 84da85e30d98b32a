import { isRecord } from '../../../../shared/json';
import type { AssistantMessage, ChatCompletion, ChatToolCall } from './types';
import { splitThinking } from './thinking';
import { responseFailure } from '../../../../shared/errors/basetenError';

/** A tool call that the next node can use as it is. */
interface SimpleToolCall {
  id: string;
  name: string;
  /** Parsed from the JSON text that the model wrote. */
  arguments: unknown;
}

/** The parts of a completion that most workflows need. */
export interface SimpleCompletion {
  content: string;
  /** What the model thought before it answered. Empty if it shows no reasoning. */
  reasoning: string;
  toolCalls: SimpleToolCall[];
  /** Why the model stopped: `stop`, `length`, `tool_calls` or another word of the server. */
  finishReason: string;
  usage: Record<string, unknown>;
  model: string;
  /** The parsed answer, if the request asked for JSON. */
  json?: unknown;
}

/** Most characters of a completion that an error shows. */
const LONGEST_EXCERPT = 1000;
const CUT_OFF = 'The answer reached the limit of tokens and was cut off there: raise Max Tokens';

/**
 * Checks that the parsed body of a response is a chat completion.
 * @param subject what was called, for messages
 * @returns the same body
 * @throws {BasetenError} if it is not a chat completion
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function toCompletion(json: Record<string, unknown>, subject: string): ChatCompletion {
  const choice: unknown = Array.isArray(json.choices) ? json.choices[0] : undefined;
  if (isRecord(choice) && isRecord(choice.message)) return json as ChatCompletion;
  throw responseFailure(
    `The response of ${subject} is not a chat completion`,
    `It was: ${excerpt(JSON.stringify(json))}\n` +
      'Check that the model serves OpenAI-compatible chat completions. ' +
      'For a model that does not, use Predict.',
  );
}

/** Why the model stopped, such as `stop`, `length` or `tool_calls`. Empty if it does not say so. */
export function finishReasonOf(completion: ChatCompletion): string {
  return completion.choices[0]?.finish_reason ?? '';
}

/**
 * Picks the parts of a completion that most workflows need.
 * @param asksJson whether the request asked for JSON, which is then parsed
 * @param subject what was called, for messages
 * @throws {BasetenError} if the JSON, or the arguments of a tool call, can't be parsed; the error
 * shows their text
 */
export function simplify(
  completion: ChatCompletion,
  asksJson: boolean,
  subject: string,
): SimpleCompletion {
  const message = completion.choices[0]?.message ?? {};
  const finishReason = finishReasonOf(completion);
  const text = textOf(message.content);
  const { content, reasoning } = splitThinking(text);
  const calls = (message.tool_calls ?? []).filter((call) => isRecord(call?.function));
  return {
    content,
    reasoning: [reasoningOf(message), reasoning.trim()].filter((part) => part !== '').join('\n'),
    toolCalls: calls.map((call) => toSimpleCall(call, finishReason, subject)),
    finishReason,
    usage: completion.usage ?? {},
    model: completion.model ?? '',
    // A model that calls a tool has not written its JSON yet.
    ...(asksJson &&
      !(calls.length > 0 && content.trim() === '') && {
        json: parseContent(content, message, finishReason, subject),
      }),
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  // Some servers send a list of parts, as requests do.
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : ''))
    .join('');
}

function reasoningOf({ reasoning_content, reasoning }: AssistantMessage): string {
  if (typeof reasoning_content === 'string' && reasoning_content !== '') return reasoning_content;
  return typeof reasoning === 'string' ? reasoning : '';
}

function parseContent(
  content: string,
  message: AssistantMessage,
  finishReason: string,
  subject: string,
): unknown {
  const text = withoutFence(content.trim());
  const parsed = tryParse(text);
  if (parsed) return parsed.value;
  const refusal = typeof message.refusal === 'string' ? message.refusal : '';
  const shown = text || refusal;
  throw responseFailure(
    shown === ''
      ? `${capital(subject)} gave no JSON: its answer is empty`
      : `The answer of ${subject} is not valid JSON`,
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

/** Models without a JSON mode often put JSON into a code block of Markdown. */
function withoutFence(text: string): string {
  return /^```(?:json)?\s*\n([\s\S]*?)\n?```$/i.exec(text)?.[1]?.trim() ?? text;
}

function toSimpleCall(call: ChatToolCall, finishReason: string, subject: string): SimpleToolCall {
  const { name, arguments: text } = call.function;
  const parsed = typeof text === 'string' ? tryParse(text.trim() || '{}') : { value: text ?? {} };
  if (parsed) return { id: call.id ?? '', name, arguments: parsed.value };
  throw responseFailure(
    `The arguments with which ${subject} calls the tool ${name} are not valid JSON`,
    `${finishReason === 'length' ? `${CUT_OFF}.` : 'Try again, or try another model.'}\n` +
      `They were: ${excerpt(text)}`,
  );
}

function tryParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)}…` : text;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
