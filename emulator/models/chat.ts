import { Readable } from 'node:stream';
import { parseJson } from '../http/body';
import { notFound } from '../http/refusal';
import { newRequestId } from '../workspace/ids';
import { checkChatRequest } from '../schemas/chatRequest';
import type { ReasoningStyle } from './catalog';
import { type ChatReply, replyTo, usageOf } from './chatReply';
import { chunksOf } from './chatStream';
import { type Handler, json } from './model';

/** Returns the reasoning style of a model; `undefined` for a name that is not served. */
export type StyleOf = (model: string) => ReasoningStyle | undefined;

/**
 * A handler of `POST …/v1/chat/completions` in OpenAI's format, streamed if the request asks for
 * it. It throws a `Refusal`: 400 for an invalid request, 404 for a model that is not served.
 * @param tokenMs Time before each chunk of a stream.
 */
export const chat =
  (styleOf: StyleOf, tokenMs: number): Handler =>
  (call) => {
    const request = checkChatRequest(parseJson(call.body));
    const style = styleOf(request.model);
    if (style === undefined) throw notFound(`Model ${request.model} is not served here.`);
    const reply = replyTo(request, style);
    const head = {
      id: `chatcmpl-${newRequestId()}`,
      created: Math.floor(call.clock.now() / 1000),
      model: request.model,
    };
    if (request.stream) {
      const chunks = chunksOf(head, reply, style, request.stream_options);
      return {
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
        body: Readable.from(
          events(chunks, (ms) => call.clock.sleep(ms, call.signal), tokenMs),
          {
            objectMode: false,
          },
        ),
      };
    }
    const message = messageOf(reply, style);
    const choice = { index: 0, message, logprobs: null, finish_reason: reply.finishReason };
    return json({ ...head, object: 'chat.completion', choices: [choice], usage: usageOf(reply) });
  };

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
