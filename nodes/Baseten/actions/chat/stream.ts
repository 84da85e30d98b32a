import type { IExecuteFunctions } from 'n8n-workflow';

import type { BasetenRequest } from '../../../shared/http/client';
import { failureInAnswer, readAnswer, readStreamedAnswer } from '../../../shared/chat/answer';
import { choiceOf } from '../../../shared/chat/choices';
import type { ChatBody, ChatCompletion } from '../../../shared/chat/types';
import { habitOf } from '../../../shared/chat/thinkingHabits';
import { jsonBody } from '../../../shared/payload/requestBody';
import type { ItemCall } from '../operation';
import { isToolCall } from '../toolCall';

/**
 * Whether this node streams its answers into the workflow's response. It does so if the workflow
 * streams its response, and the node is not a tool: the answer of a tool is for the agent alone.
 * @see https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/
 */
export function isStreaming(context: IExecuteFunctions): boolean {
  return !isToolCall(context) && context.isStreaming?.() === true;
}

/**
 * Gets a completion, and sends its text into the workflow's response while it comes.
 * @param request where to send it, without a body
 * @param body of the request, without the fields for streaming
 * @param choices labels of which the answer is one: it goes out when it is whole, without the JSON
 * around it
 * @returns the whole completion
 * @throws {BasetenError} if the request fails, or the stream breaks off before the model's end
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function streamCompletion(
  call: ItemCall,
  request: BasetenRequest,
  body: ChatBody,
  choices?: string[],
): Promise<ChatCompletion> {
  const { context, itemIndex, connection, notes } = call;
  const source = { subject: request.subject, apiKey: connection.apiKey, notes };
  const streamed = { ...body, stream: true, stream_options: { include_usage: true } };
  const response = await call.stream(
    {
      ...request,
      body: jsonBody(streamed),
      accept: 'text/event-stream',
      failureIn: (bytes) => failureInAnswer(bytes, source),
    },
    ({ headers }) => !(headers['content-type'] ?? '').includes('application/json'),
  );
  const onText = async (text: string) => await context.sendChunk('item', itemIndex, text);
  const reading = {
    ...source,
    onText: choices ? async () => {} : onText,
    habit: habitOf(request.url, body),
  };
  await context.sendChunk('begin', itemIndex);
  let isWhole = false;
  try {
    const completion = Buffer.isBuffer(response.body)
      ? await readAnswer(response.body, reading)
      : await readStreamedAnswer(response.body, reading);
    if (choices) await onText(choiceOf(completion, choices, request.subject));
    isWhole = true;
    return completion;
  } finally {
    if (isWhole) await context.sendChunk('end', itemIndex);
    // If the failure ends the workflow, n8n itself sends the error.
    else if (context.continueOnFail())
      await context.sendChunk('error', itemIndex, 'The answer broke off.');
  }
}
