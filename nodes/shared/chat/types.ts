import { isRecord } from '../json';

/*
 * The parts of OpenAI’s chat completions that these nodes read and write. Baseten's Model APIs and
 * OpenAI-compatible servers have them: https://docs.baseten.co/inference/model-apis/overview
 */

/**
 * A part of a message: text, an image or a video by its URL, which may be a data URL, or audio as
 * base64. Only servers of one's own take videos.
 */
export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } }
  | { type: 'video_url'; video_url: { url: string } }
  | { type: 'input_audio'; input_audio: { data: string; format: AudioFormat } };

/** The formats of audio that the API takes. */
export type AudioFormat = 'mp3' | 'wav';

/** A message of a request. */
export interface ChatMessage {
  role: string;
  content: string | ContentPart[];
}

/** The body of a request. It may have any other field of the API. */
export interface ChatBody extends Record<string, unknown> {
  model: string;
  messages: unknown[];
}

/**
 * A call of a tool as the model made it: of a function with JSON text as its arguments, or of a
 * custom tool with any text. What servers send may lack any of it.
 */
export interface ChatToolCall extends Record<string, unknown> {
  id?: string;
  type?: string;
  function?: { name: string; arguments: string };
  custom?: { name: string; input: string };
}

/** The message that a model answers with. The types are OpenAI's; servers send others, too. */
export interface AssistantMessage extends Record<string, unknown> {
  role?: string;
  content?: unknown;
  refusal?: string | null;
  tool_calls?: ChatToolCall[] | null;
}

/** One of the messages that a model offers, and why it stopped there. */
export interface ChatChoice extends Record<string, unknown> {
  index?: number;
  message: AssistantMessage;
  finish_reason?: string | null;
}

/** The body of a response. Servers add fields of their own. */
export interface ChatCompletion extends Record<string, unknown> {
  model?: string;
  choices: ChatChoice[];
  usage?: Record<string, unknown> | null;
}

/** Whether a request asks the model for JSON. */
export function asksForJson(body: ChatBody): boolean {
  const format = body.response_format;
  return isRecord(format) && (format.type === 'json_object' || format.type === 'json_schema');
}
