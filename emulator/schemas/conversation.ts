import { badRequest } from '../http/refusal';
import { isAsMade, isReasoningOf, markOf } from '../models/callIds';
import { isObject } from '../models/model';
import type { ChatMessage } from './chatRequest';

/** How a model takes a conversation. */
export interface ConversationRules {
  /** Whether the model refuses its calls without the reasoning that led to them. */
  needsReasoning?: boolean;
}

/** A call as it came back. */
interface ReturnedCall {
  id: string;
  name: string;
  arguments: string;
}

/**
 * Checks what servers refuse, or models misread, in a conversation with calls of tools: each call
 * has one result, which follows it; the calls of an answer come back together, with the arguments
 * that the model wrote and, if the model needs it, its reasoning.
 * @throws {Refusal} 400 that says what is wrong
 */
export function checkConversation(messages: ChatMessage[], rules: ConversationRules): void {
  let open = new Set<string>();
  let answer: string | undefined;
  for (const [place, message] of messages.entries()) {
    const where = `messages.${place}`;
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id ?? ''))
        throw badRequest(`${where}: no call before it has the ID "${message.tool_call_id}".`);
      continue;
    }
    if (open.size > 0) throw withoutResult(open);
    const calls = callsOf(message, where);
    open = new Set(calls.map(({ id }) => id));
    if (open.size < calls.length) throw badRequest(`${where}: two calls have the same ID.`);
    const marks = calls.map(({ id }) => markOf(id));
    if (answer !== undefined && marks.some((mark) => mark?.answer === answer))
      throw badRequest(`${where}: calls of one answer came back in two messages.`);
    answer = marks[0]?.answer;
    for (const [index, call] of calls.entries()) {
      const mark = marks[index];
      if (!mark) continue;
      if (!isAsMade(mark, call))
        throw badRequest(`${where}: the call ${call.id} did not have these arguments.`);
      if (rules.needsReasoning && !isReasoningOf(mark, message.reasoning_content ?? ''))
        throw badRequest(`${where}: the reasoning of the call ${call.id} did not come back.`);
    }
  }
  if (open.size > 0) throw withoutResult(open);
}

const withoutResult = (open: Set<string>) =>
  badRequest(`messages: the calls ${[...open].join(', ')} have no result after them.`);

function callsOf(message: ChatMessage, where: string): ReturnedCall[] {
  return (message.tool_calls ?? []).map((call) => {
    const { id, function: called } = isObject(call) ? call : {};
    const { name, arguments: input } = isObject(called) ? called : {};
    if (typeof id !== 'string' || typeof name !== 'string' || typeof input !== 'string')
      throw badRequest(`${where}: a call has no ID, no name or no arguments.`);
    if (!isJsonObject(input))
      throw badRequest(`${where}: the arguments of the call ${id} are not a JSON object.`);
    return { id, name, arguments: input };
  });
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text) as unknown);
  } catch {
    return false;
  }
}
