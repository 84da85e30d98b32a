import { isRecord } from '../../../../shared/json';
import type { AssistantMessage, ChatChoice, ChatCompletion, ChatToolCall } from './types';

/**
 * Puts the chunks of a streamed completion together. The result is the completion that the server
 * would have sent without streaming.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export class CompletionAssembly {
  private head: Record<string, unknown> = {};
  private usage: Record<string, unknown> | undefined;
  private readonly choices: ChatChoice[] = [];

  /**
   * Adds a chunk.
   * @returns the text that it adds to the content of the first choice, or an empty text
   */
  add(chunk: Record<string, unknown>): string {
    const { choices, usage, ...head } = chunk;
    this.head = { ...head, ...this.head };
    if (isRecord(usage)) this.usage = usage;
    let text = '';
    for (const choice of Array.isArray(choices) ? choices.filter(isRecord) : []) {
      const index = typeof choice.index === 'number' ? choice.index : 0;
      const added = this.addToChoice(index, choice);
      if (index === 0) text += added;
    }
    return text;
  }

  /** Whether the model has said why it stopped. */
  get isFinished(): boolean {
    return (
      this.choices.length > 0 && this.choices.every(({ finish_reason }) => Boolean(finish_reason))
    );
  }

  /** The completion, once all chunks were added. */
  result(): ChatCompletion {
    for (const { message } of this.choices) {
      message.tool_calls &&= message.tool_calls.filter(isRecord);
      // A completion that is not streamed has null here, too.
      if (message.content === '' && message.tool_calls) message.content = null;
    }
    const choices = this.choices.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
    return {
      ...this.head,
      object: 'chat.completion',
      choices,
      ...(this.usage && { usage: this.usage }),
    };
  }

  private addToChoice(
    index: number,
    { delta, logprobs, finish_reason }: Record<string, unknown>,
  ): string {
    let choice = this.choices.find((other) => other.index === index);
    if (!choice) {
      choice = {
        index,
        message: { role: 'assistant', content: '' },
        logprobs: null,
        finish_reason: null,
      };
      this.choices.push(choice);
    }
    if (typeof finish_reason === 'string') choice.finish_reason = finish_reason;
    if (isRecord(logprobs)) choice.logprobs = joinLists(choice.logprobs, logprobs);
    return isRecord(delta) ? addDelta(choice.message, delta) : '';
  }
}

/** Adds a delta to a message. @returns the text that it adds to the content */
function addDelta(message: AssistantMessage, delta: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'tool_calls') addToolCalls(message, value);
    else if (name !== 'role' && typeof value === 'string')
      message[name] = textOf(message[name]) + value;
    else if (value !== null && value !== undefined) message[name] = value;
  }
  return textOf(delta.content);
}

function addToolCalls(message: AssistantMessage, deltas: unknown): void {
  for (const delta of Array.isArray(deltas) ? deltas.filter(isRecord) : []) {
    const calls = (message.tool_calls ??= []);
    // A server that sends a call in one piece may leave its index out.
    const index = typeof delta.index === 'number' ? delta.index : calls.length;
    const call: ChatToolCall = (calls[index] ??= {
      id: '',
      type: 'function',
      function: { name: '', arguments: '' },
    });
    if (typeof delta.id === 'string') call.id = delta.id;
    if (!isRecord(delta.function)) continue;
    // A name comes in one piece, and some servers repeat it in every chunk.
    if (typeof delta.function.name === 'string' && delta.function.name !== '')
      call.function.name = delta.function.name;
    call.function.arguments += textOf(delta.function.arguments);
  }
}

/** Joins two objects: lists under the same name are put together, other values are replaced. */
function joinLists(before: unknown, more: Record<string, unknown>): Record<string, unknown> {
  const joined: Record<string, unknown> = isRecord(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(more)) {
    const list = joined[name];
    joined[name] = Array.isArray(list) && Array.isArray(value) ? [...list, ...value] : value;
  }
  return joined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
