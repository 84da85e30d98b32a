import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { asksForJson, type ChatBody, type ChatCompletion } from '../../../shared/chat/types';
import { failureInAnswer, readAnswer } from '../../../shared/chat/answer';
import { choiceOf } from '../../../shared/chat/choices';
import { finishReasonOf, isRefused, receivedOf, simplify } from '../../../shared/chat/completion';
import { findJson } from '../../../shared/chat/json';
import { charactersOf } from '../../../shared/chat/request';
import { habitOf } from '../../../shared/chat/thinkingHabits';
import type { BasetenRequest } from '../../../shared/http/client';
import { TokenCost } from '../../../shared/http/flow/tokens';
import { withServedNames } from '../../../shared/knowledge/servedModel';
import { jsonBody } from '../../../shared/payload/requestBody';
import type { ItemCall, ItemOperation } from '../operation';
import { withMain } from '../../../shared/run/outputField';
import type { Source } from '../../../shared/parameters/source';
import { readChatCall } from './body';
import { addCost, limitsOf, sourceOf } from './facts';
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
    const { context, itemIndex, options } = call;
    const source = await sourceOf(call);
    const { subject, model } = source;
    const { body, headers, choices } = await readChatCall(call, source);
    const request: BasetenRequest = {
      method: 'POST',
      url: source.openAiUrl('/chat/completions'),
      headers,
      subject,
      model,
      tokens: new TokenCost(charactersOf(body.messages)),
      knownLimits: source.isDeployment ? undefined : await limitsOf(call, model),
    };
    const asSimple = context.getNodeParameter('simplify', itemIndex, true) !== false;
    const completion = await answerTo(call, { request, body, choices, source });
    request.tokens?.tell(completion.usage);
    hintAtEnd(context, itemIndex, completion);
    if (options.own.includeCost === true && !source.isDeployment)
      await addCost(call, completion, model);
    const choice = choices && choiceOf(completion, choices, subject);
    if (asSimple) {
      const answer = simplify(completion, asksForJson(body) && !choices, subject);
      const json = { ...answer, ...(choice !== undefined && { content: choice, choice }) };
      return [
        withMain({ json: json as unknown as IDataObject }, choice ?? json.json ?? json.content),
      ];
    }
    const item = { json: completion as unknown as IDataObject };
    return [withMain(item, choice ?? mainOf(completion, body))];
  },
};

interface Question {
  request: BasetenRequest;
  body: ChatBody;
  choices?: string[];
  source: Source;
}

async function answerTo(
  call: ItemCall,
  { request, body, choices, source }: Question,
): Promise<ChatCompletion> {
  try {
    return isStreaming(call.context)
      ? await streamCompletion(call, request, body, choices)
      : await completeAtOnce(call, request, body);
  } catch (error) {
    throw await withServedNames(error, source, call);
  }
}

/** What goes into the field that the user names: the text, or the JSON that was asked for. */
function mainOf(completion: ChatCompletion, body: ChatBody): unknown {
  const text = receivedOf(completion).content;
  return (asksForJson(body) ? findJson(text)?.value : undefined) ?? text;
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
  return await readAnswer(response.body, {
    ...source,
    onText: async () => {},
    habit: habitOf(request.url, body),
  });
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

/** Said of answers that the server itself has ended before the model did. */
const BROKEN_OFF =
  'The server broke off the answer for item {item}. ' +
  'If it broke off others, too, their finish reason is the same. ' +
  'Try again, ask for less, or look at the deployment’s logs.';

const END_HINTS: Record<string, string> = {
  abort: BROKEN_OFF,
  cancelled: BROKEN_OFF,
  error: BROKEN_OFF,
  timeout: BROKEN_OFF,
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
