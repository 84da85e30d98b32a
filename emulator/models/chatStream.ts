import { newRequestId } from '../workspace/ids';
import type { ChatRequest } from '../schemas/chatRequest';
import type { ReasoningStyle } from './catalog';
import { type ChatReply, tokensOf, usageOf } from './chatReply';

/** What every chunk of one completion carries. */
interface Head {
  id: string;
  created: number;
  model: string;
}

/** The chunks of a streamed completion. The last one has the usage, if the request asks for it. */
export function* chunksOf(
  head: Head,
  reply: ChatReply,
  style: ReasoningStyle,
  options: ChatRequest['stream_options'],
): Generator<object> {
  const chunk = (delta: object, finishReason: string | null = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(options?.include_usage ? { usage: null } : {}),
  });
  yield chunk({ role: 'assistant', content: '' });
  for (const token of reply.reasoning) yield chunk({ [style]: token });
  for (const token of reply.content) yield chunk({ content: token });
  for (const [index, call] of reply.toolCalls.entries()) {
    const id = `call_${newRequestId()}`;
    const opening = { index, id, type: 'function', function: { name: call.name, arguments: '' } };
    yield chunk({ tool_calls: [opening] });
    for (const token of tokensOf(call.arguments)) {
      yield chunk({ tool_calls: [{ index, function: { arguments: token } }] });
    }
  }
  yield chunk({}, reply.finishReason);
  if (options?.include_usage) {
    yield { ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(reply) };
  }
}
