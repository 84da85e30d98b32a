import type { ReasoningStyle } from './catalog';
import { callIds } from './callIds';
import { type ChatReply, tokensOf, usageOf } from './chatReply';

/** What every chunk of one completion carries. */
interface Head {
  id: string;
  created: number;
  model: string;
}

/** The deltas of a reply, without the one that opens the stream. */
export function* deltasOf(
  reply: ChatReply,
  style: ReasoningStyle,
): Generator<Record<string, unknown>> {
  for (const token of reply.reasoning) yield { [style]: token };
  for (const token of reply.content) yield { content: token };
  const ids = callIds(reply.toolCalls, reply.reasoning.join(''));
  for (const [index, call] of reply.toolCalls.entries()) {
    const id = ids[index];
    const opening = { index, id, type: 'function', function: { name: call.name, arguments: '' } };
    yield { tool_calls: [opening] };
    for (const token of tokensOf(call.arguments)) {
      yield { tool_calls: [{ index, function: { arguments: token } }] };
    }
  }
}

/**
 * The chunks of a streamed completion. The last one has the usage.
 * @param reply what the usage counts; without it no chunk has usage
 */
export function* chunksOf(
  head: Head,
  deltas: Iterable<object>,
  finishReason: string,
  reply?: ChatReply,
): Generator<object> {
  const chunk = (delta: object, reason: string | null = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    ...(reply ? { usage: null } : {}),
  });
  yield chunk({ role: 'assistant', content: '' });
  for (const delta of deltas) yield chunk(delta);
  yield chunk({}, finishReason);
  if (reply) {
    yield { ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(reply) };
  }
}
