// Decisions: docs/decisions.md, "The chat model calls through the client".

import { isRecord } from '../../shared/json';
import { markIn, serverId } from './callIds';
import { textOf, toContent, toResult } from './content';
import type { PastAnswer, PastAnswers } from './pastAnswers';

/** A message of LangChain: the part of it that is read. */
export interface LangChainMessage {
  /** `human`, `ai`, `system`, `tool` or another word. */
  type?: string;
  content?: unknown;
  tool_calls?: Array<{ id?: string; name: string; args?: unknown }>;
  tool_call_id?: string;
  additional_kwargs?: Record<string, unknown>;
}

/** A message of the API. */
export interface WireMessage extends Record<string, unknown> {
  role: string;
  content: unknown;
}

/** A call as the API has it in a message of the assistant. */
interface WireCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/**
 * Makes the messages of a request.
 * - Calls that belong to one answer go back together, though some agents give each one alone.
 * - The model's reasoning goes back with its calls: without it some models lose their thread, and
 *   others refuse the request.
 * - Calls without a result are left out, because the API refuses them.
 * @param messages what n8n's agent or chain gives
 * @param past answers that this process remembers
 */
export function toWireMessages(
  messages: readonly LangChainMessage[],
  past: Pick<PastAnswers, 'find'>,
): WireMessage[] {
  const conversation = new Conversation(past, messages);
  for (const message of messages) conversation.add(message);
  return conversation.wire;
}

class Conversation {
  readonly wire: WireMessage[] = [];
  /** IDs of the calls that have a result. */
  private readonly answered: Set<string>;
  /** The last message with calls, while nothing but results follow it. */
  private open: { mark: string; calls: WireCall[]; message: WireMessage } | undefined;

  constructor(
    private readonly past: Pick<PastAnswers, 'find'>,
    messages: readonly LangChainMessage[],
  ) {
    this.answered = new Set(messages.map(({ tool_call_id: id }) => id ?? ''));
  }

  add(message: LangChainMessage): void {
    if (message.type === 'tool') {
      const { tool_call_id: id = '', content } = message;
      this.wire.push({ role: 'tool', tool_call_id: serverId(id), content: toResult(content) });
      return;
    }
    const mark = markIn(message.tool_calls?.[0]?.id);
    if (message.type === 'ai' && mark !== undefined && mark === this.open?.mark) {
      this.join(message, this.past.find(mark));
      return;
    }
    this.open = undefined;
    if (message.type === 'ai') this.addAnswer(message, mark);
    else {
      const role = message.type === 'system' || message.type === 'developer' ? 'system' : 'user';
      this.wire.push({ role, content: toContent(message.content) });
    }
  }

  private addAnswer(message: LangChainMessage, mark: string | undefined): void {
    const past = mark === undefined ? undefined : this.past.find(mark);
    const calls = this.callsOf(message, past);
    const content = past?.content ?? textOf(message.content);
    if (calls.length === 0) {
      // An answer that had nothing but calls without a result says nothing.
      if (content !== '' || !message.tool_calls?.length)
        this.wire.push({ role: 'assistant', content });
      return;
    }
    const reasoning = reasoningOf(message) || past?.reasoning;
    const sent: WireMessage = {
      role: 'assistant',
      content: content === '' ? null : content,
      ...(reasoning && { reasoning_content: reasoning }),
      tool_calls: calls,
    };
    this.wire.push(sent);
    if (mark !== undefined) this.open = { mark, calls, message: sent };
  }

  /** Puts the calls of a message to those of the same answer. */
  private join(message: LangChainMessage, past: PastAnswer | undefined): void {
    const { calls = [], message: sent } = this.open ?? {};
    const known = new Set(calls.map(({ id }) => id));
    calls.push(...this.callsOf(message, past).filter(({ id }) => !known.has(id)));
    const reasoning = reasoningOf(message);
    if (sent && reasoning !== '') sent.reasoning_content ??= reasoning;
  }

  private callsOf({ tool_calls: calls }: LangChainMessage, past?: PastAnswer): WireCall[] {
    return (calls ?? [])
      .filter(({ id }) => this.answered.has(id ?? ''))
      .map(({ id: hostId = '', name, args }) => {
        const id = serverId(hostId);
        const input = past?.inputs.get(id) ?? JSON.stringify(withoutId(args, hostId) ?? {});
        return { id, type: 'function', function: { name, arguments: input } };
      });
  }
}

/** The field in which agents of n8n carry reasoning from step to step, and into memories. */
function reasoningOf({ additional_kwargs: more }: LangChainMessage): string {
  return typeof more?.reasoning_content === 'string' ? more.reasoning_content : '';
}

/** Agents of version 3 put the ID of a call among its arguments. */
function withoutId(args: unknown, hostId: string): unknown {
  if (!isRecord(args) || args.id !== hostId) return args;
  return Object.fromEntries(Object.entries(args).filter(([name]) => name !== 'id'));
}
