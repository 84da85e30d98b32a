import { Readable } from 'node:stream';
import { parseJson } from '../http/body';
import { notFound } from '../http/refusal';
import { newRequestId } from '../workspace/ids';
import { checkChatRequest } from '../schemas/chatRequest';
import type { ReasoningStyle } from './catalog';
import { type ChatReply, replyTo, tokensOf } from './chatReply';
import { chunksOf } from './chatStream';
import { type Handler, json } from './model';

/** The reasoning style of a served model; `undefined` for a name that isn't served. */
export type StyleOf = (model: string) => ReasoningStyle | undefined;

/**
 * `POST …/v1/chat/completions` in OpenAI's format, streamed on demand. Throws 400, 404 for a model not
 * served.
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

/** Token counts of a reply. */
export function usageOf(reply: ChatReply) {
  const forTools = reply.toolCalls.reduce(
    (sum, call) => sum + tokensOf(call.arguments).length + 1,
    0,
  );
  const completion = reply.reasoning.length + reply.content.length + forTools;
  return {
    prompt_tokens: reply.promptTokens,
    completion_tokens: completion,
    total_tokens: reply.promptTokens + completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reply.reasoning.length },
  };
}

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
