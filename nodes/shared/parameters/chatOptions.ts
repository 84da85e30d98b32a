import type { INodeProperties } from 'n8n-workflow';

import { UserInputError } from '../errors/userInputError';
import { isBlank, withoutUndefined } from '../json';
import { parseJsonObject } from '../payload/requestBody';
import { readChoiceOption } from './choice';
import { readNumber, type NumberOption, type Options } from './options';
import { FORMAT_OPTIONS, FORMAT_OPTIONS_WITH_CHOICE, readFormat } from './responseFormat';
import { REASONING_EFFORT, SAMPLING, TOP_P_RANGE } from './sampling';
import { readSession, SESSION_ID } from './session';
import type { Source } from './source';

/** The most that Baseten takes as `max_tokens`. */
const MOST_TOKENS = 262_144;
const SWITCH = { name: 'thinking', label: 'Thinking', values: ['default', 'off', 'on'] } as const;

const EXTRA_BODY: INodeProperties = {
  displayName: 'Extra Body',
  name: 'extraBody',
  type: 'json',
  default: '{}',
  placeholder: '{ "top_k": 40 }',
  description:
    'More fields of the request, as a JSON object. They replace fields that are set here. Model APIs refuse unknown fields.',
};

const THINKING: INodeProperties = {
  displayName: 'Thinking',
  name: 'thinking',
  type: 'options',
  default: 'default',
  description:
    'Whether the model thinks before it answers, if it can do both. Models know this switch under different names, so the node sends all of them.',
  options: [
    { name: 'Default', value: 'default', description: 'As the model does by itself' },
    { name: 'Off', value: 'off', description: 'Answer at once' },
    { name: 'On', value: 'on', description: 'Think first' },
  ],
};

const COMMON = [...SAMPLING, EXTRA_BODY, SESSION_ID, THINKING];

/**
 * The options that the Baseten Chat Model has in common with Chat → Message a Model.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export const CHAT_OPTIONS: INodeProperties[] = [...COMMON, ...FORMAT_OPTIONS];

/** The same for Chat → Message a Model, whose answer can also be one of some labels. */
export const CHAT_OPTIONS_WITH_CHOICE: INodeProperties[] = [
  ...COMMON,
  ...FORMAT_OPTIONS_WITH_CHOICE,
];

/** What the common options put into a request. */
export interface ChatSettings {
  /** Fields of the body. Those that the user did not set are missing. */
  fields: Record<string, unknown>;
  /** Fields of the user's own, which replace the others. */
  extra: Record<string, unknown>;
  /** The conversation that the request belongs to, if the user named it. */
  session?: string;
  /** The labels of which the answer is one, if the user gave such. */
  choices?: string[];
}

/**
 * Reads the options that Chat → Message a Model and the Baseten Chat Model have in common. There is
 * nothing of what was not set, because Model APIs refuse fields that they don't know.
 * @param options the collection as the user set it
 * @param source what is called: the switch for thinking differs
 * @param mayChoose whether the answer can be one of some labels
 * @throws {UserInputError} if an option can't be used
 */
export function readChatOptions(
  options: Options,
  source: Pick<Source, 'isDeployment'>,
  mayChoose = false,
): ChatSettings {
  const extra = isBlank(options.extraBody) ? {} : parseJsonObject(options.extraBody, 'Extra Body');
  if ('stream' in extra || 'stream_options' in extra) {
    throw new UserInputError(
      'Extra Body can’t set whether the answer is streamed',
      'Remove stream and stream_options: the node streams if the workflow streams its response.',
    );
  }
  const number = (name: string, label: string, range: readonly [number, number]) =>
    readNumber(options, { name, label, range });
  const { format, choices } = readFormat(options, mayChoose);
  const fields = {
    temperature: number('temperature', 'Temperature', [0, 4]),
    max_tokens: readInteger(options, {
      name: 'maxTokens',
      label: 'Max Tokens',
      range: [1, MOST_TOKENS],
    }),
    top_p: number('topP', 'Top P', TOP_P_RANGE),
    frequency_penalty: number('frequencyPenalty', 'Frequency Penalty', [-2, 2]),
    presence_penalty: number('presencePenalty', 'Presence Penalty', [-2, 2]),
    response_format: format,
    ...readThinking(options, source),
  };
  const isReplaced = 'response_format' in extra;
  return {
    fields: withoutUndefined(fields),
    extra,
    session: readSession(options),
    ...(choices && !isReplaced && { choices }),
  };
}

/**
 * Like `readNumber`, for a number that must be whole: no fraction is dropped in silence.
 * @throws {UserInputError} if it is not a whole number, or out of range
 */
export function readInteger(options: Options, option: NumberOption<undefined>): number | undefined {
  const number = readNumber(options, option);
  if (number === undefined || Number.isInteger(number)) return number;
  throw new UserInputError(
    `${option.label} can't be ${number}`,
    'Give a whole number, or remove the option.',
  );
}

/**
 * The switches for thinking. Models obey different ones: some know `enable_thinking`, others
 * `thinking`, and others only the effort. Servers of one's own read them under another name.
 */
function readThinking(
  options: Options,
  { isDeployment }: Pick<Source, 'isDeployment'>,
): Record<string, unknown> {
  const effort = readChoiceOption(options, REASONING_EFFORT);
  const thinking = readChoiceOption(options, SWITCH) ?? 'default';
  if (thinking === 'default') return { reasoning_effort: effort };
  const isOn = thinking === 'on';
  const switches = { enable_thinking: isOn, thinking: isOn };
  if (isDeployment) return { reasoning_effort: effort, chat_template_kwargs: switches };
  return {
    reasoning_effort: effort ?? (isOn ? undefined : 'none'),
    chat_template_args: switches,
  };
}
