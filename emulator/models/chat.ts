import { Readable } from 'node:stream';
import { parseJson } from '../http/body';
import { notFound } from '../http/refusal';
import { newRequestId } from '../workspace/ids';
import { checkChatRequest, type ChatRequest } from '../schemas/chatRequest';
import type { ReasoningStyle } from './catalog';
import { type ChatReply, replyTo, usageOf } from './chatReply';
import { type ChatOddity, asEvents, chatOddity, eventStream } from './chatOddities';
import { chunksOf, deltasOf } from './chatStream';
import { type Handler, type ModelResponse, json } from './model';

/** Returns the reasoning style of a model; `undefined` for a name that is not served. */
export type StyleOf = (model: string) => ReasoningStyle | undefined;

/**
 * A handler of `POST …/v1/chat/completions` in OpenAI's format, streamed if the request asks for
 * it. It throws a `Refusal`: 400 for an invalid request, 404 for a model that is not served. Names
 * that begin with `odd/` are those of `chatOddities.ts`.
 * @param tokenMs Time before each chunk of a stream.
 */
export const chat =
  (styleOf: StyleOf, tokenMs: number): Handler =>
  (call) => {
    const request = checkChatRequest(parseJson(call.body));
    const odd = chatOddity(request.model);
    const style = odd ? 'none' : styleOf(request.model);
    if (style === undefined) throw notFound(`Model ${request.model} is not served here.`);
    const reply = replyTo(request, style);
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
  const toolCalls = reply.toolCalls.map((call) => ({
    id: `call_${newRequestId()}`,
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
