import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { asksForJson, type ChatBody, type ChatCompletion } from './protocol/types';
import { finishReasonOf, simplify, toCompletion } from './protocol/completion';
import type { BasetenRequest } from '../../../shared/http/client';
import { jsonBody } from '../../../shared/payload/requestBody';
import { parseResponseObject } from '../../../shared/payload/responseItem';
import type { ItemCall, ItemOperation } from '../operation';
import { readSource } from '../../../shared/parameters/source';
import { readChatBody } from './body';
import { chatParameters } from './parameters';
import { isStreaming, streamCompletion } from './stream';

/**
 * Gets a chat completion from a Model API, or from a deployment with an OpenAI-compatible server.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export const complete: ItemOperation = {
  name: 'Complete',
  value: 'complete',
  action: 'Complete a chat',
  description: 'Give a language model a prompt or a conversation and get its answer',
  streams: isStreaming,
  properties: chatParameters,
  async execute(call) {
    const { context, itemIndex, connection } = call;
    const { model, subject, openAiUrl } = readSource(context, itemIndex, connection.endpoints);
    const body = await readChatBody(call, model);
    const request: BasetenRequest = {
      method: 'POST',
      url: openAiUrl('/chat/completions'),
      subject,
    };
    const asSimple = context.getNodeParameter('simplify', itemIndex, true) !== false;
    const completion = isStreaming(context)
      ? await streamCompletion(call, request, body)
      : await completeAtOnce(call, request, body);
    if (finishReasonOf(completion) === 'length') hintAtLength(context, itemIndex);
    const json = asSimple ? simplify(completion, asksForJson(body), subject) : completion;
    return [{ json: json as unknown as IDataObject }];
  },
};

/** Sends the request without streaming. */
async function completeAtOnce(
  { send }: ItemCall,
  request: BasetenRequest,
  body: ChatBody,
): Promise<ChatCompletion> {
  const response = await send({ ...request, body: jsonBody(body) });
  return toCompletion(parseResponseObject(response.body, request.subject), request.subject);
}

/** Executions that have the hint already. One is enough for any number of items. */
const hinted = new WeakSet<IExecuteFunctions>();

function hintAtLength(context: IExecuteFunctions, itemIndex: number): void {
  if (hinted.has(context)) return;
  hinted.add(context);
  context.addExecutionHints?.({
    type: 'warning',
    location: 'outputPane',
    message:
      `The answer for item ${itemIndex} was cut off at the limit of tokens. ` +
      'If others were cut off, too, their finish reason is "length". ' +
      'Raise Max Tokens in the options, or ask for less.',
  });
}
