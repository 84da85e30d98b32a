import { isRecord } from '../../../../shared/json';

/**
 * Chat completions as Baseten's Model APIs and OpenAI-compatible servers speak them.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */

export type ContentPart =
  { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };

export interface ChatMessage {
  role: string;
  content: string | ContentPart[];
}

export interface ChatBody extends Record<string, unknown> {
  model: string;
  messages: unknown[];
}

/** A call of a tool as the model made it; the arguments are JSON text. */
export interface ChatToolCall {
  id?: string;
  type?: string;
  function: { name: string; arguments: string };
}

export interface AssistantMessage extends Record<string, unknown> {
  role?: string;
  content?: unknown;
  reasoning_content?: string | null;
  reasoning?: string | null;
  refusal?: string | null;
  tool_calls?: ChatToolCall[] | null;
}

export interface ChatChoice extends Record<string, unknown> {
  index?: number;
  message: AssistantMessage;
  finish_reason?: string | null;
}

/** Baseten's answer. Servers add fields of their own. */
export interface ChatCompletion extends Record<string, unknown> {
  model?: string;
  choices: ChatChoice[];
  usage?: Record<string, unknown> | null;
}

/** @returns whether the model was asked for JSON */
export function asksForJson(body: ChatBody): boolean {
  const format = body.response_format;
  return isRecord(format) && (format.type === 'json_object' || format.type === 'json_schema');
}
