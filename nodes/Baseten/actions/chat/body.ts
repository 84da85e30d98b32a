import type { IExecuteFunctions } from 'n8n-workflow';

import type { ChatBody } from '../../../shared/chat';
import { jsonSchemaFormat, toStop, toToolChoice, toTools } from '../../../shared/chatRequest';
import { parseJson, parseJsonObject } from '../../../shared/input';
import { UserInputError } from '../../../shared/userError';
import { readNumber, readOptions } from '../parameters/options';
import { TOP_P_RANGE } from '../parameters/sampling';
import { readMessages } from './messages';

type Options = Record<string, unknown>;

/**
 * Reads the request of an item. Only what the user set is in it, since Model APIs refuse fields they don't know.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readChatBody(context: IExecuteFunctions, itemIndex: number, model: string): Promise<ChatBody> {
  const options = readOptions(context, itemIndex);
  const extra = isSet(options.extraBody) ? parseJsonObject(options.extraBody, 'Extra Body') : {};
  if ('stream' in extra || 'stream_options' in extra) {
    throw new UserInputError(
      'Extra Body can’t set whether the answer is streamed',
      'Remove stream and stream_options: the node streams where the workflow streams its response.',
    );
  }
  const body = {
    model,
    messages: await readMessages(context, itemIndex, options.systemMessage),
    ...readFields(options),
    ...extra,
  };
  if (Array.isArray(body.messages) && body.messages.every((message) => message?.role === 'system')) {
    throw new UserInputError(
      'There is nothing to say to the model',
      'Enter a prompt or a message; if it comes from an expression, check that it gives a text for this item.',
    );
  }
  return body;
}

function readFields(options: Options): Record<string, unknown> {
  const tools = isSet(options.tools) ? toTools(parseJson(options.tools, 'Tools')) : [];
  const choice = isSet(options.toolChoice) ? toToolChoice(String(options.toolChoice).trim()) : undefined;
  const stop = isSet(options.stop) ? toStop(options.stop) : [];
  const fields = {
    temperature: readNumber(options, 'temperature', 'Temperature', undefined, [0, 4]),
    max_tokens: readWhole(options, 'maxTokens', 'Max Tokens', [1, 10_000_000]),
    top_p: readNumber(options, 'topP', 'Top P', undefined, TOP_P_RANGE),
    stop: stop.length > 0 ? stop : undefined,
    seed: readWhole(options, 'seed', 'Seed', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]),
    frequency_penalty: readNumber(options, 'frequencyPenalty', 'Frequency Penalty', undefined, [-2, 2]),
    presence_penalty: readNumber(options, 'presencePenalty', 'Presence Penalty', undefined, [-2, 2]),
    response_format: readResponseFormat(options),
    reasoning_effort: isSet(options.reasoningEffort) ? String(options.reasoningEffort) : undefined,
    tools: tools.length > 0 ? tools : undefined,
    // Servers refuse a choice where there is nothing to choose from.
    tool_choice: tools.length > 0 ? choice : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readResponseFormat({ responseFormat, jsonSchema }: Options): Record<string, unknown> | undefined {
  if (!isSet(responseFormat)) return undefined;
  if (responseFormat === 'json_schema') return jsonSchemaFormat(parseJsonObject(jsonSchema, 'JSON Schema'));
  return { type: responseFormat };
}

function readWhole(options: Options, name: string, label: string, range: [number, number]): number | undefined {
  const number = readNumber(options, name, label, undefined, range);
  return number === undefined ? undefined : Math.floor(number);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
}
