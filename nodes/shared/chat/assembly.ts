import { isRecord } from '../json';
import { partsOf, readContent } from './message';
import { addField, addPart } from './merging';
import { ToolCallAssembly, toolCallsIn } from './toolCalls';
import type { AssistantMessage, ChatChoice, ChatCompletion } from './types';

/**
 * Puts the chunks of a streamed completion together. The result is the completion that the server
 * would have sent without streaming.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export class CompletionAssembly {
  private readonly head: Record<string, unknown> = {};
  private usage: Record<string, unknown> | undefined;
  private readonly choices = new Map<number, ChoiceAssembly>();

  /**
   * Adds a chunk.
   * @returns the text that it adds to the content of the first choice, or an empty text
   */
  add({ choices, usage, ...head }: Record<string, unknown>): string {
    for (const [name, value] of Object.entries(head)) {
      // The first chunk of some servers has empty fields.
      if (isEmpty(this.head[name])) this.head[name] = value;
    }
    if (isRecord(usage)) this.usage = usage;
    let text = '';
    for (const choice of Array.isArray(choices) ? choices.filter(isRecord) : []) {
      const index = Number(choice.index ?? 0) || 0;
      const assembly = this.choices.get(index) ?? new ChoiceAssembly(index);
      this.choices.set(index, assembly);
      const added = assembly.add(choice);
      if (index === 0) text += added;
    }
    return text;
  }

  /** Whether the model has said why it stopped. */
  get isFinished(): boolean {
    const choices = [...this.choices.values()];
    return choices.length > 0 && choices.every(({ isFinished }) => isFinished);
  }

  /** Whether any chunk belonged to a completion. */
  get isBegun(): boolean {
    return this.choices.size > 0;
  }

  /** The completion of the chunks so far. */
  result(): ChatCompletion {
    const choices = [...this.choices.values()].sort((a, b) => a.index - b.index);
    return {
      ...this.head,
      object: 'chat.completion',
      choices: choices.map((choice) => choice.result()),
      ...(this.usage && { usage: this.usage }),
    };
  }
}

class ChoiceAssembly {
  private message: AssistantMessage = { role: 'assistant', content: '' };
  private calls = new ToolCallAssembly();
  private readonly more: Record<string, unknown> = {};
  private logprobs: Record<string, unknown> | null = null;
  private finishReason: string | null = null;
  private isWhole = false;

  constructor(readonly index: number) {}

  get isFinished(): boolean {
    return this.isWhole || Boolean(this.finishReason);
  }

  /** Adds what a chunk has of this choice. @returns the text that it adds to the content */
  add(choice: Record<string, unknown>): string {
    const { delta, message, text, logprobs, finish_reason: reason, ...more } = choice;
    Object.assign(this.more, more);
    if (typeof reason === 'string') this.finishReason = reason;
    if (isRecord(logprobs)) this.logprobs = joinLists(this.logprobs ?? {}, logprobs);
    if (isRecord(message)) return this.replace(message);
    if (isRecord(delta)) return this.addDelta(delta);
    // A delta that is the text itself, or the text of the older API.
    return this.addDelta({ content: delta ?? text });
  }

  result(): ChatChoice {
    const message = { ...this.message };
    const calls = this.calls.result();
    if (calls.length > 0) message.tool_calls = calls;
    // A completion that is not streamed has null here, too.
    const isElsewhere = calls.length > 0 || message.function_call || message.refusal;
    if (message.content === '' && isElsewhere) message.content = null;
    const { index, logprobs, finishReason } = this;
    return { ...this.more, index, message, logprobs, finish_reason: finishReason };
  }

  private addDelta(delta: Record<string, unknown>): string {
    // What it adds is read first: a part of it is put together with the next one.
    const { content } = readContent(delta.content);
    for (const [name, value] of Object.entries(delta)) {
      if (name === 'tool_calls') {
        for (const call of toolCallsIn(value)) this.calls.add(call);
      } else if (name === 'content') addContent(this.message, value);
      else if (name !== 'role') addField(this.message, name, value);
    }
    return content;
  }

  /**
   * Takes a whole message, which some servers send at the end, or instead of deltas.
   * @returns the text that goes beyond what came before
   */
  private replace(message: Record<string, unknown>): string {
    const before = readContent(this.message.content).content;
    this.message = { role: 'assistant', content: '' };
    this.calls = new ToolCallAssembly();
    this.isWhole = true;
    const whole = this.addDelta(message);
    return whole.startsWith(before) ? whole.slice(before.length) : '';
  }
}

/** Adds to the content, which becomes a list of parts as soon as there are parts. */
function addContent(message: AssistantMessage, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' && !Array.isArray(message.content)) {
    message.content = (message.content as string) + value;
    return;
  }
  const parts = Array.isArray(message.content) ? (message.content as unknown[]) : [];
  if (typeof message.content === 'string' && message.content !== '')
    addPart(parts, { type: 'text', text: message.content });
  for (const part of partsOf(value))
    addPart(parts, typeof part === 'string' ? { type: 'text', text: part } : part);
  message.content = parts;
}

/** Joins two objects: lists under the same name are put together, other values are replaced. */
function joinLists(
  joined: Record<string, unknown>,
  more: Record<string, unknown>,
): Record<string, unknown> {
  for (const [name, value] of Object.entries(more)) {
    const list = joined[name];
    if (Array.isArray(list) && Array.isArray(value)) for (const entry of value) list.push(entry);
    else if (value !== null || list === undefined)
      joined[name] = Array.isArray(value) ? [...(value as unknown[])] : value;
  }
  return joined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
