import { Readable } from 'node:stream';
import { parseJson } from '../http/body';
import { notFound } from '../http/refusal';
import { newRequestId } from '../workspace/ids';
import { type ChatRequest, checkChatRequest, checkServerRequest } from '../schemas/chatRequest';
import { checkConversation } from '../schemas/conversation';
import { callIds } from './callIds';
import type { ReasoningStyle } from './catalog';
import { type ChatReply, replyTo, usageOf } from './chatReply';
import { type ChatOddity, asEvents, chatOddity, eventStream } from './chatOddities';
import { chunksOf, deltasOf } from './chatStream';
import { type Handler, type ModelResponse, json } from './model';

/** A model that is served. */
interface ServedChat {
  reasoning: ReasoningStyle;
  /** Whether it refuses its calls of tools without the reasoning that led to them. */
  needsReasoning?: boolean;
}

/** Returns a model; `undefined` for a name that is not served. */
export type ChatServed = (model: string) => ServedChat | undefined;

/** How a chat server works. */
interface ChatServer {
  served: ChatServed;
  /** Time before each chunk of a stream. */
  tokenMs: number;
  /** Whether it is a server of one's own, which knows more fields. */
  isOwn?: boolean;
}

/**
 * A handler of `POST …/v1/chat/completions` in OpenAI's format, streamed if the request asks for
 * it. It throws a `Refusal`: 400 for an invalid request, 404 for a model that is not served. Names
 * that begin with `odd/` are those of `chatOddities.ts`. What a session has said before, named by
 * `x-session-affinity`, is in the cache.
 */
export function chat({ served, tokenMs, isOwn }: ChatServer): Handler {
  const check = isOwn ? checkServerRequest : checkChatRequest;
  /** Tokens of the last prompt of each session. */
  const cache = new Map<string, number>();
  return (call) => {
    const request = check(parseJson(call.body));
    const odd = chatOddity(request.model);
    const model = odd ? { reasoning: 'none' as const } : served(request.model);
    if (!model) throw notFound(`Model ${request.model} is not served here.`);
    checkConversation(request.messages, model);
    const style = model.reasoning;
    const reply = replyTo(request, style);
    const session = call.headers['x-session-affinity'];
    if (typeof session === 'string') {
      reply.cachedTokens = Math.min(cache.get(session) ?? 0, reply.promptTokens);
      cache.set(session, reply.promptTokens);
    }
    const head = {
      id: `chatcmpl-${newRequestId()}`,
      created: Math.floor(call.clock.now() / 1000),
      model: request.model,
    };
    const counted = request.stream_options?.include_usage ? reply : undefined;
    if (odd) return respondOddly(odd, { request, reply, head, counted });
    if (request.stream) {
      const chunks = chunksOf(head, deltasOf(reply, style), reply.finishReason, counted);
      const sleep = (ms: number) => call.clock.sleep(ms, call.signal);
      return eventStream(Readable.from(events(chunks, sleep, tokenMs), { objectMode: false }));
    }
    return json(completionOf(head, messageOf(reply, style), reply.finishReason, reply));
  };
}

type Head = Parameters<typeof chunksOf>[0];

function completionOf(head: Head, message: object, finishReason: string, reply: ChatReply): object {
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReason };
  return { ...head, object: 'chat.completion', choices: [choice], usage: usageOf(reply) };
}

/** What a server with ways of its own responds. */
function respondOddly(
  odd: ChatOddity,
  answer: { request: ChatRequest; reply: ChatReply; head: Head; counted?: ChatReply },
): ModelResponse {
  const { request, reply, head, counted } = answer;
  const finishReason = odd.finishReason ?? reply.finishReason;
  const each = odd.each ?? ((message) => message);
  const change = odd.message ?? ((message) => message);
  const all = odd.deltas ?? ((deltas) => deltas);
  const message = change(each(messageOf(reply, 'none')));
  const deltas = all([...deltasOf(reply, 'none')]).map(each);
  const completion = completionOf(head, message, finishReason, reply);
  const chunks = [...chunksOf(head, deltas, finishReason, counted)];
  const isStreamed = request.stream === true;
  if (odd.respond) return odd.respond({ completion, chunks, isStreamed });
  if (!isStreamed) return json(completion);
  return eventStream(odd.write?.(chunks) ?? asEvents(chunks));
}

function messageOf(reply: ChatReply, style: ReasoningStyle): Record<string, unknown> {
  const ids = callIds(reply.toolCalls, reply.reasoning.join(''));
  const toolCalls = reply.toolCalls.map((call, index) => ({
    id: ids[index],
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  const content = reply.content.join('');
  return {
    role: 'assistant',
    content: toolCalls.length > 0 && content === '' ? null : content,
    ...(reply.reasoning.length > 0 ? { [style]: reply.reasoning.join('') } : {}),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
}

/** The chunks as server-sent events. */
async function* events(
  chunks: Iterable<object>,
  sleep: (ms: number) => Promise<void>,
  tokenMs: number,
) {
  for (const chunk of chunks) {
    if (tokenMs > 0) await sleep(tokenMs);
    yield `data: ${JSON.stringify(chunk)}\n\n`;
  }
  yield 'data: [DONE]\n\n';
}
