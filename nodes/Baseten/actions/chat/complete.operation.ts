import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { asksForJson, type ChatBody, type ChatCompletion } from '../../../shared/chat/types';
import { failureInAnswer, readAnswer } from '../../../shared/chat/answer';
import { finishReasonOf, isRefused, receivedOf, simplify } from '../../../shared/chat/completion';
import type { BasetenRequest } from '../../../shared/http/client';
import { isRecord } from '../../../shared/json';
import { TokenCost } from '../../../shared/http/flow/tokens';
import { jsonBody } from '../../../shared/payload/requestBody';
import type { ItemCall, ItemOperation } from '../operation';
import { withMain } from '../outputField';
import { readSource } from '../../../shared/parameters/source';
import { readChatCall } from './body';
import { chatParameters } from './parameters';
import { isStreaming, streamCompletion } from './stream';

/**
 * Gets a chat completion from a Model API, or from a deployment with an OpenAI-compatible server.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export const complete: ItemOperation = {
  name: 'Message a Model',
  value: 'complete',
  action: 'Message a model',
  callsDeployment: true,
  description: 'Give a language model a prompt or a conversation and get its answer',
  streams: isStreaming,
  properties: chatParameters,
  async execute(call) {
    const { context, itemIndex, connection } = call;
    const source = readSource(context, itemIndex, connection.endpoints);
    const { subject } = source;
    const { body, headers } = await readChatCall(call, source);
    const request: BasetenRequest = {
      method: 'POST',
      url: source.openAiUrl('/chat/completions'),
      headers,
      subject,
      model: source.model,
      tokens: new TokenCost(charactersOf(body)),
    };
    const asSimple = context.getNodeParameter('simplify', itemIndex, true) !== false;
    const completion = isStreaming(context)
      ? await streamCompletion(call, request, body)
      : await completeAtOnce(call, request, body);
    request.tokens?.tell(completion.usage);
    hintAtEnd(context, itemIndex, completion);
    if (!asSimple) {
      const item = { json: completion as unknown as IDataObject };
      return [withMain(item, receivedOf(completion).content)];
    }
    const answer = simplify(completion, asksForJson(body), subject);
    return [withMain({ json: answer as unknown as IDataObject }, answer.json ?? answer.content)];
  },
};

/** @returns how many characters of text a request sends; files and tools are not counted */
function charactersOf({ messages }: ChatBody): number {
  const contents = messages.map((message) => (isRecord(message) ? message.content : undefined));
  return contents
    .flatMap((content) => (Array.isArray(content) ? (content as unknown[]) : [content]))
    .map((part) => (isRecord(part) ? part.text : part))
    .reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}

/** Sends the request without streaming. */
async function completeAtOnce(
  { send, connection, notes }: ItemCall,
  request: BasetenRequest,
  body: ChatBody,
): Promise<ChatCompletion> {
  const source = { subject: request.subject, apiKey: connection.apiKey, notes };
  const response = await send({
    ...request,
    body: jsonBody(body),
    failureIn: (bytes) => failureInAnswer(bytes, source),
  });
  return await readAnswer(response.body, { ...source, onText: async () => {} });
}

/** Executions with the hints that they have already. One is enough for any number of items. */
const hinted = new WeakMap<IExecuteFunctions, Set<string>>();

/** Tells of an answer that is not what was asked for, though the request succeeded. */
function hintAtEnd(
  context: IExecuteFunctions,
  itemIndex: number,
  completion: ChatCompletion,
): void {
  const reason = isRefused(completion) ? 'refusal' : finishReasonOf(completion);
  const message = END_HINTS[reason]?.replace('{item}', String(itemIndex));
  const shown = hinted.get(context) ?? new Set();
  if (message === undefined || shown.has(reason)) return;
  hinted.set(context, shown.add(reason));
  context.addExecutionHints?.({ type: 'warning', location: 'outputPane', message });
}

const END_HINTS: Record<string, string> = {
  length:
    'The answer for item {item} was cut off at the limit of tokens. ' +
    'If others were cut off, too, their finish reason is "length". ' +
    'Raise Max Tokens in the options, or ask for less.',
  content_filter:
    'A content filter withheld the answer for item {item}, or a part of it. ' +
    'If it withheld others, too, their finish reason is "content_filter". ' +
    'Change the prompt, or use another model.',
  refusal:
    'The model refused to answer item {item}. Its words are under "refusal", ' +
    'for this item and for others that it refused. Change the prompt, or use another model.',
};
