import type { ItemInput } from '../operation';
import type { ChatBody } from './protocol/types';
import { jsonSchemaFormat, toStop, toToolChoice, toTools } from './protocol/request';
import { isBlank, withoutUndefined } from '../../../shared/json';
import { parseJson, parseJsonObject } from '../../../shared/payload/requestBody';
import { UserInputError } from '../../../shared/errors/userInputError';
import { readNumber, readWholeNumber, type Options } from '../../../shared/parameters/options';
import { TOP_P_RANGE } from '../../../shared/parameters/sampling';
import { readMessages } from './messages';

/**
 * Reads the body of an item's request. It has only the fields that the user set, because Model APIs
 * refuse fields that they don't know.
 * @param model the name that the request gives as `model`
 * @throws {UserInputError} if there is no message for the model, or an option can't be used
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readChatBody(
  { context, itemIndex, options: { own: options } }: ItemInput,
  model: string,
): Promise<ChatBody> {
  const extra = isBlank(options.extraBody) ? {} : parseJsonObject(options.extraBody, 'Extra Body');
  if ('stream' in extra || 'stream_options' in extra) {
    throw new UserInputError(
      'Extra Body can’t set whether the answer is streamed',
      'Remove stream and stream_options: the node streams if the workflow streams its response.',
    );
  }
  const body = {
    model,
    messages: await readMessages(context, itemIndex, options.systemMessage),
    ...readFields(options),
    ...extra,
  };
  if (
    Array.isArray(body.messages) &&
    body.messages.every((message) => message?.role === 'system')
  ) {
    throw new UserInputError(
      'There is nothing to say to the model',
      'Enter a prompt or a message. ' +
        'If it comes from an expression, check that the expression gives a text for this item.',
    );
  }
  return body;
}

function readFields(options: Options): Record<string, unknown> {
  const tools = isBlank(options.tools) ? [] : toTools(parseJson(options.tools, 'Tools'));
  const choice = isBlank(options.toolChoice)
    ? undefined
    : toToolChoice(String(options.toolChoice).trim());
  const stop = isBlank(options.stop) ? [] : toStop(options.stop);
  const fields = {
    temperature: readNumber(options, { name: 'temperature', label: 'Temperature', range: [0, 4] }),
    max_tokens: readWholeNumber(options, {
      name: 'maxTokens',
      label: 'Max Tokens',
      range: [1, 10_000_000],
    }),
    top_p: readNumber(options, { name: 'topP', label: 'Top P', range: TOP_P_RANGE }),
    stop: stop.length > 0 ? stop : undefined,
    seed: readWholeNumber(options, {
      name: 'seed',
      label: 'Seed',
      range: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    }),
    frequency_penalty: readNumber(options, {
      name: 'frequencyPenalty',
      label: 'Frequency Penalty',
      range: [-2, 2],
    }),
    presence_penalty: readNumber(options, {
      name: 'presencePenalty',
      label: 'Presence Penalty',
      range: [-2, 2],
    }),
    response_format: readResponseFormat(options),
    reasoning_effort: isBlank(options.reasoningEffort)
      ? undefined
      : String(options.reasoningEffort),
    tools: tools.length > 0 ? tools : undefined,
    // Servers refuse a choice if there are no tools to choose from.
    tool_choice: tools.length > 0 ? choice : undefined,
  };
  return withoutUndefined(fields);
}

function readResponseFormat({
  responseFormat,
  jsonSchema,
}: Options): Record<string, unknown> | undefined {
  if (isBlank(responseFormat)) return undefined;
  if (responseFormat === 'json_schema')
    return jsonSchemaFormat(parseJsonObject(jsonSchema, 'JSON Schema'));
  return { type: responseFormat };
}
