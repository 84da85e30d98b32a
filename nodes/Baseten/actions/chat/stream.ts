import type { IExecuteFunctions } from 'n8n-workflow';

import type { BasetenRequest } from '../../../shared/http/client';
import { splitThinking } from './protocol/thinking';
import { toCompletion } from './protocol/completion';
import type { ChatBody, ChatCompletion } from './protocol/types';
import { readCompletion } from './protocol/stream';
import { jsonBody } from '../../../shared/payload/requestBody';
import { parseResponseObject } from '../../../shared/payload/responseItem';
import { readEvents } from '../../../shared/http/sse';
import type { ItemCall } from '../operation';

/**
 * Whether the workflow streams its response, and this node's answers into it. What a tool says is for the agent that
 * called it.
 */
export function isStreaming(context: IExecuteFunctions): boolean {
  if (context.getNode().type.endsWith('Tool') || context.isToolExecution?.() === true) return false;
  return context.isStreaming?.() === true;
}

/**
 * Asks for a completion and passes its text on to whoever reads the workflow's response, as it comes.
 * @returns the whole completion
 * @throws {BasetenError} where the stream breaks before the model has finished
 */
export async function streamCompletion(
  call: ItemCall,
  request: BasetenRequest,
  body: ChatBody,
): Promise<ChatCompletion> {
  const { context, itemIndex, connection } = call;
  const { subject } = request;
  const streamed = { ...body, stream: true, stream_options: { include_usage: true } };
  const { body: answer } = await call.stream(
    { ...request, body: jsonBody(streamed), accept: 'text/event-stream' },
    ({ headers }) => !(headers['content-type'] ?? '').includes('json'),
  );
  const onText = async (text: string) => await context.sendChunk('item', itemIndex, text);
  await context.sendChunk('begin', itemIndex);
  let isWhole = false;
  try {
    const completion = Buffer.isBuffer(answer)
      ? await passOnWhole(answer, subject, onText)
      : await readCompletion(readEvents(answer), { subject, apiKey: connection.apiKey, onText });
    isWhole = true;
    return toCompletion(completion, subject);
  } finally {
    if (isWhole) await context.sendChunk('end', itemIndex);
    // n8n itself tells the reader of a failure that ends the workflow.
    else if (context.continueOnFail())
      await context.sendChunk('error', itemIndex, 'The answer broke off.');
  }
}

/** A server without streaming answers in one piece. */
async function passOnWhole(
  body: Buffer,
  subject: string,
  onText: (text: string) => Promise<void>,
): Promise<ChatCompletion> {
  const completion = toCompletion(parseResponseObject(body, subject), subject);
  const content = completion.choices[0]?.message.content;
  if (typeof content === 'string') await onText(splitThinking(content).content);
  return completion;
}
