// Decisions: docs/decisions.md, "The chat model calls through the client".

import type { SdkFinishReason } from '@n8n/ai-node-sdk';

import { receivedOf, simplify } from '../../shared/chat/completion';
import type { ChatCompletion } from '../../shared/chat/types';
import { isRecord } from '../../shared/json';
import { markedId, newMark } from './callIds';
import type { PastAnswers } from './pastAnswers';

/** A call that n8n's agent is to make. */
interface AgentCall {
  /** As n8n knows it. */
  id: string;
  name: string;
  /** JSON text of an object. */
  input: string;
}

/** What an agent or a chain needs of an answer. */
export interface AgentAnswer {
  /** The server's ID of the answer. */
  id?: string;
  text: string;
  /** What the model thought. It goes back with the calls. */
  reasoning: string;
  calls: AgentCall[];
  /** Why the model stopped, in the server's words. */
  finishReason: string;
  usage?: Record<string, unknown>;
}

/**
 * Reads an answer.
 * @param completion the answer, whole
 * @param subject what was called, for messages
 * @param past keeps what n8n would lose
 * @throws {BasetenError} if the arguments of a call can't be parsed; the whole answer is given with
 * the error
 */
export function toAgentAnswer(
  completion: ChatCompletion,
  subject: string,
  past: Pick<PastAnswers, 'keep'>,
): AgentAnswer {
  const { content, refusal, reasoning, toolCalls, finishReason } = simplify(
    completion,
    false,
    subject,
  );
  const mark = newMark();
  const calls = toolCalls.map(({ arguments: input, ...call }) => {
    return { ...call, input: JSON.stringify(isRecord(input) ? input : { input }) };
  });
  if (calls.length > 0) {
    const written = receivedOf(completion).toolCalls.map(({ arguments: input }) => input);
    const inputs = calls.map(({ id, input }, index) => [id, asWritten(written[index]) ?? input]);
    past.keep(mark, { content, reasoning, inputs: new Map(inputs as Array<[string, string]>) });
  }
  return {
    ...(typeof completion.id === 'string' && { id: completion.id }),
    // Words of refusal are all that there is to show.
    text: content || (refusal ?? ''),
    reasoning,
    calls: calls.map(({ id, ...call }) => ({ id: markedId(id, mark), ...call })),
    finishReason,
    ...(completion.usage && { usage: completion.usage }),
  };
}

/** The reason in the SDK's words. Servers don't always say that the model calls tools. */
export function toSdkReason({ calls, finishReason }: AgentAnswer): SdkFinishReason {
  if (calls.length > 0) return 'tool-calls';
  const reasons: Record<string, SdkFinishReason> = {
    stop: 'stop',
    length: 'length',
    content_filter: 'content-filter',
  };
  return reasons[finishReason] ?? 'other';
}

/** Arguments as the model wrote them, if a server can read them again. */
function asWritten(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  try {
    return isRecord(JSON.parse(input)) ? input : undefined;
  } catch {
    return undefined;
  }
}
