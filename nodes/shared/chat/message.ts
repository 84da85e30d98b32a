import { isRecord } from '../json';
import { splitThinking } from './thinking';
import { toolCallsIn } from './toolCalls';
import type { AssistantMessage } from './types';

/** What a message says, whatever form its server gives it. */
export interface MessageText {
  /** What the model says. */
  content: string;
  /** What it thought before. Empty if it shows no reasoning. */
  reasoning: string;
  /** Why it does not answer. Empty if it does. */
  refusal: string;
}

/** Fields in which servers give reasoning. If several are there, they repeat each other. */
const REASONING_FIELDS = [
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'thinking',
  'reasoning_details',
];
/** Fields of a part that hold text, in the order in which they are read. */
const TEXT_FIELDS = ['text', 'thinking', 'reasoning', 'summary', 'content', 'refusal', 'value'];
/** Types of the parts that are reasoning, such as `thinking` and `reasoning.text`. */
const REASONING = /think|reason/i;
/** Parts are not nested deeper than this. */
const DEEPEST = 6;

/**
 * Reads a message: its content as text or in parts, its reasoning from a field of its own, from
 * parts, and from tags in the content.
 * @param finishReason why the model stopped; empty if that is not known
 */
export function readMessage(message: AssistantMessage, finishReason: string): MessageText {
  const inContent = readContent(message.content);
  const field = REASONING_FIELDS.map((name) => textOf(message[name])).find(
    (text) => text.trim() !== '',
  );
  // Some servers say that the model stopped by itself though it calls a tool, even while it thinks.
  const reason = toolCallsIn(message.tool_calls).length > 0 ? 'tool_calls' : finishReason;
  const { content, reasoning } = partedText(inContent.content, reason, field !== undefined);
  const thoughts = [field ?? '', inContent.reasoning.trim(), reasoning.trim()];
  return {
    content,
    reasoning: thoughts.filter((text) => text !== '').join('\n'),
    refusal: [textOf(message.refusal), inContent.refusal].filter(Boolean).join('\n'),
  };
}

/**
 * Parts the text of a message. A server that gives reasoning in a field of its own has parted it
 * already. So what stands in front of a lone closing tag is an answer that speaks of the tag.
 */
function partedText(text: string, finishReason: string, isParted: boolean) {
  const parted = splitThinking(text, finishReason);
  const isAnswer = isParted && parted.reasoning.trim() !== '' && !/^\s*<think>/.test(text);
  return isAnswer ? { content: text, reasoning: '' } : parted;
}

/** Whether a message or a delta has reasoning in a field of its own. */
export function hasReasoningField(message: Record<string, unknown>): boolean {
  return REASONING_FIELDS.some((name) => textOf(message[name]) !== '');
}

/**
 * Reads the content of a message or of a delta: a text, or parts.
 * @returns what its text parts, its thinking parts and its refusals say, as they came
 */
export function readContent(content: unknown): MessageText {
  const read: MessageText = { content: '', reasoning: '', refusal: '' };
  for (const part of partsOf(content)) read[kindOf(part)] += textOf(part);
  return read;
}

/**
 * The parts of a content of any form. An object that is no part is JSON that the server has parsed
 * already, so it becomes text again.
 */
export function partsOf(content: unknown): Array<string | Record<string, unknown>> {
  if (content === undefined || content === null) return [];
  const list: unknown[] = Array.isArray(content) ? content : [content];
  return list
    .filter((part) => part !== undefined && part !== null)
    .map((part) => {
      if (typeof part === 'string') return part;
      return isRecord(part) && isPart(part, list === content) ? part : JSON.stringify(part);
    });
}

function isPart({ type, text }: Record<string, unknown>, isInList: boolean): boolean {
  if (typeof type !== 'string') return isInList && typeof text === 'string';
  return isInList || /^(text|output_text|refusal)$/.test(type) || REASONING.test(type);
}

function kindOf(part: string | Record<string, unknown>): keyof MessageText {
  if (typeof part === 'string') return 'content';
  const type = typeof part.type === 'string' ? part.type : '';
  if (REASONING.test(type)) return 'reasoning';
  return type === 'refusal' ? 'refusal' : 'content';
}

/** The text of a part, of a list of parts, or of text itself. */
function textOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > DEEPEST) return '';
  if (Array.isArray(value)) return value.map((part) => textOf(part, depth + 1)).join('');
  if (!isRecord(value)) return '';
  const texts = TEXT_FIELDS.map((name) => textOf(value[name], depth + 1));
  return texts.find((text) => text !== '') ?? '';
}
