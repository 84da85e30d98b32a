import type { ChatMessage, ChatRequest } from '../schemas/chatRequest';
import type { ReasoningStyle } from './catalog';
import { type ToolCall, toolCallsFor } from './chatTools';
import { sampleOf } from './jsonSample';
import { numbersIn } from './arithmetic';

/** What a chat model says, before it is put into OpenAI's format. */
export interface ChatReply {
  /** Tokens of the reasoning; empty if the model shows none in a field of its own. */
  reasoning: string[];
  /** Tokens of the answer; empty if there are only tool calls. */
  content: string[];
  toolCalls: ToolCall[];
  finishReason: 'stop' | 'length' | 'tool_calls';
  promptTokens: number;
  /** Those of the prompt that the server had in its cache. */
  cachedTokens: number;
}

/**
 * What the simulated model says. It depends on the request alone, and says that it is simulated.
 */
export function replyTo(request: ChatRequest, style: ReasoningStyle): ChatReply {
  const userText = textOf(request.messages.findLast((message) => message.role === 'user'));
  const toolCalls = toolCallsFor(request, userText);
  const reasons = style !== 'none' && reasoningWanted(request);
  const length = `The user wrote ${userText.length} characters.`;
  const thought = `${length} I am simulated, so I only pretend to think.`;
  const answer = toolCalls.length > 0 ? '' : stopped(answerText(request, userText), request.stop);
  const inContent = reasons && style === 'think' ? `<think>\n${thought}\n</think>\n\n` : '';
  const reasoning = reasons && style !== 'think' ? tokensOf(thought) : [];
  const content = tokensOf(inContent + answer);
  const most = request.max_tokens ?? Infinity;
  const isCut = toolCalls.length === 0 && reasoning.length + content.length > most;
  return {
    reasoning: reasoning.slice(0, most),
    content: content.slice(0, Math.max(0, most - reasoning.length)),
    toolCalls,
    finishReason: toolCalls.length > 0 ? 'tool_calls' : isCut ? 'length' : 'stop',
    promptTokens: request.messages.reduce(
      (sum, message) => sum + 3 + tokensOf(textOf(message)).length,
      0,
    ),
    cachedTokens: 0,
  };
}

/** A text in tokens, which are pieces of at most eight letters. Joined, they are the text again. */
export const tokensOf = (text: string): string[] => text.match(/\s*\S{1,8}|\s+$/g) ?? [];

/** Token counts of a reply, in OpenAI's format. */
export function usageOf(reply: ChatReply) {
  const forTools = reply.toolCalls.reduce(
    (sum, call) => sum + tokensOf(call.arguments).length + 1,
    0,
  );
  const completion = reply.reasoning.length + reply.content.length + forTools;
  return {
    prompt_tokens: reply.promptTokens,
    completion_tokens: completion,
    total_tokens: reply.promptTokens + completion,
    prompt_tokens_details: { cached_tokens: reply.cachedTokens },
    completion_tokens_details: { reasoning_tokens: reply.reasoning.length },
  };
}

function reasoningWanted(request: ChatRequest): boolean {
  const switches = request.chat_template_args ?? request.chat_template_kwargs;
  return request.reasoning_effort !== 'none' && switches?.enable_thinking !== false;
}

function answerText(request: ChatRequest, userText: string): string {
  const format = request.response_format;
  if (format?.type === 'json_object')
    return JSON.stringify({ answer: plainAnswer(request, userText) });
  const schema = format?.json_schema?.schema;
  if (!schema) return plainAnswer(request, userText);
  const text = (name: string) => (name ? `Simulated ${name}` : 'Simulated text');
  return JSON.stringify(sampleOf(schema, { text, numbers: numbersIn(userText) }));
}

function plainAnswer(request: ChatRequest, userText: string): string {
  const results = [];
  for (let index = request.messages.length - 1; request.messages[index]?.role === 'tool'; index--) {
    results.unshift(textOf(request.messages[index]));
  }
  if (results.length > 0) return `Simulated answer: the tool says ${results.join(' and ')}.`;
  const last = request.messages.findLast((message) => message.role === 'user');
  return [`Simulated answer to "${userText}".`, ...attachmentsOf(last)].join(' ');
}

/** A sentence about each image and each audio file of a message. */
function attachmentsOf(message: ChatMessage | undefined): string[] {
  if (!Array.isArray(message?.content)) return [];
  return message.content.flatMap((part) => {
    if (part.type === 'text') return [];
    if (part.type === 'input_audio') {
      const size = Buffer.from(part.input_audio.data, 'base64').length;
      return [`I got audio of type ${part.input_audio.format} with ${size} bytes.`];
    }
    const data = /^data:([^;,]+);base64,(.*)$/s.exec(part.image_url.url);
    if (!data) return [`I got an image at ${part.image_url.url}.`];
    return [
      `I got an image of type ${data[1]} with ${Buffer.from(data[2]!, 'base64').length} bytes.`,
    ];
  });
}

/** The text of a message, without its attachments. */
function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The text before the first stop sequence. */
function stopped(text: string, stop: ChatRequest['stop']): string {
  const positions = [stop ?? []].flat().map((sequence) => text.indexOf(sequence));
  const found = positions.filter((position) => position >= 0);
  return found.length > 0 ? text.slice(0, Math.min(...found)) : text;
}
