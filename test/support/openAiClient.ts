import OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { Stream } from 'openai/streaming';

type Json = Record<string, unknown>;

/** What OpenAI's client makes of a stream. @param text its bytes as text */
export async function openAiStream(text: string): Promise<Json> {
  const response = new Response(text, { headers: { 'content-type': 'text/event-stream' } });
  const stream = Stream.fromSSEResponse(response, new AbortController());
  const runner = ChatCompletionStream.fromReadableStream(stream.toReadableStream());
  return (await runner.finalChatCompletion()) as unknown as Json;
}

/** What OpenAI's client makes of an answer that is not streamed. @param text its bytes as text */
export async function openAiWhole(text: string): Promise<Json> {
  const client = new OpenAI({
    apiKey: 'key-1234567890',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': 'application/json' } }),
  });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  return JSON.parse(
    JSON.stringify(await client.chat.completions.create({ model: 'm', messages })),
  ) as Json;
}

/**
 * What both must agree on. OpenAI's client writes an absent text as null, adds `parsed`, and takes
 * no reasoning.
 */
export function comparable(completion: Json): Json {
  const { choices: list, ...head } = completion;
  const simple = (list as Json[]).map(({ message, ...choice }) => {
    const { content, refusal, tool_calls: calls, function_call: call, role } = message as Json;
    return {
      ...choice,
      logprobs: choice.logprobs ?? null,
      message: {
        role,
        content: content || null,
        refusal: refusal || null,
        calls: (calls as Json[] | undefined)?.map(({ id, type, function: called }) => ({
          id,
          type,
          called,
        })),
        // OpenAI's client gives tool calls no more if there is a call of the older API.
        call,
      },
    };
  });
  return JSON.parse(JSON.stringify({ ...head, choices: simple })) as Json;
}
