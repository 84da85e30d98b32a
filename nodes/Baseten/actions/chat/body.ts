import type { ItemInput } from '../operation';
import type { ChatBody } from '../../../shared/chat/types';
import { jsonSchemaFormat, toStop, toToolChoice, toTools } from '../../../shared/chat/request';
import { isBlank, withoutUndefined } from '../../../shared/json';
import { parseJson, parseJsonObject } from '../../../shared/payload/requestBody';
import { UserInputError } from '../../../shared/errors/userInputError';
import { readNumber, type NumberOption, type Options } from '../../../shared/parameters/options';
import { readChoiceOption } from '../../../shared/parameters/choice';
import { REASONING_EFFORT, TOP_P_RANGE } from '../../../shared/parameters/sampling';
import { readMessages } from './messages';

/** The most that Baseten takes as `max_tokens`. */
const MOST_TOKENS = 262_144;
const RESPONSE_FORMAT = {
  name: 'responseFormat',
  label: 'Response Format',
  values: ['json_object', 'json_schema', 'text'],
} as const;

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
  const choice = isBlank(options.toolChoice) ? undefined : toToolChoice(options.toolChoice);
  const stop = isBlank(options.stop) ? [] : toStop(options.stop);
  const fields = {
    temperature: readNumber(options, { name: 'temperature', label: 'Temperature', range: [0, 4] }),
    max_tokens: readInteger(options, {
      name: 'maxTokens',
      label: 'Max Tokens',
      range: [1, MOST_TOKENS],
    }),
    top_p: readNumber(options, { name: 'topP', label: 'Top P', range: TOP_P_RANGE }),
    stop: stop.length > 0 ? stop : undefined,
    seed: readInteger(options, {
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
    reasoning_effort: readChoiceOption(options, REASONING_EFFORT),
    tools: tools.length > 0 ? tools : undefined,
    // Servers refuse a choice if there are no tools to choose from.
    tool_choice: tools.length > 0 ? choice : undefined,
  };
  return withoutUndefined(fields);
}

/** Like `readNumber`, for a number that must be whole: no fraction is dropped in silence. */
function readInteger(options: Options, option: NumberOption<undefined>): number | undefined {
  const number = readNumber(options, option);
  if (number === undefined || Number.isInteger(number)) return number;
  throw new UserInputError(
    `${option.label} can't be ${number}`,
    'Give a whole number, or remove the option.',
  );
}

function readResponseFormat(options: Options): Record<string, unknown> | undefined {
  const type = readChoiceOption(options, RESPONSE_FORMAT);
  if (type === 'json_schema') return jsonSchemaFormat(readSchema(options.jsonSchema));
  return type && { type };
}

function readSchema(schema: unknown): Record<string, unknown> {
  if (!isBlank(schema)) return parseJsonObject(schema, 'JSON Schema');
  throw new UserInputError(
    'JSON Schema is empty',
    'Response Format is JSON Schema, so add the option JSON Schema and write the schema there, ' +
      'or set Response Format to JSON Object.',
  );
}
