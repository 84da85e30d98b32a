import type { INodeProperties } from 'n8n-workflow';

import { choiceFormat, toChoices } from '../chat/choices';
import { jsonSchemaFormat } from '../chat/request';
import { UserInputError } from '../errors/userInputError';
import { isBlank } from '../json';
import { parseJsonObject } from '../payload/requestBody';
import { readChoiceOption } from './choice';
import type { Options } from './options';

const VALUES = ['json_object', 'json_schema', 'text'] as const;
const FORMAT = { name: 'responseFormat', label: 'Response Format' } as const;

const JSON_SCHEMA: INodeProperties = {
  displayName: 'JSON Schema',
  name: 'jsonSchema',
  type: 'json',
  typeOptions: { rows: 6 },
  default: JSON.stringify(
    { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
    undefined,
    2,
  ),
  description: 'The schema that the answer must follow',
  displayOptions: { show: { responseFormat: ['json_schema'] } },
};

const CHOICES: INodeProperties = {
  displayName: 'Choices',
  name: 'choices',
  type: 'string',
  default: '',
  placeholder: 'e.g. positive, negative, neutral',
  description:
    'The possible labels of the answer, separated by commas. An expression may give a list, whose labels may contain commas.',
  displayOptions: { show: { responseFormat: ['choice'] } },
};

const RESPONSE_FORMAT: INodeProperties = {
  displayName: 'Response Format',
  name: 'responseFormat',
  type: 'options',
  default: 'text',
  description: 'What the answer must be. If it is JSON, the output has it parsed, too.',
  options: [
    {
      name: 'JSON Object',
      value: 'json_object',
      description: 'JSON of any shape. Say in the prompt which one.',
    },
    { name: 'JSON Schema', value: 'json_schema', description: 'JSON that follows a schema' },
    { name: 'Text', value: 'text', description: 'Text of any kind' },
  ],
};

/** The options for what an answer must be. */
export const FORMAT_OPTIONS: INodeProperties[] = [JSON_SCHEMA, RESPONSE_FORMAT];

/** The same, with one of some labels as an answer. */
export const FORMAT_OPTIONS_WITH_CHOICE: INodeProperties[] = [
  CHOICES,
  JSON_SCHEMA,
  {
    ...RESPONSE_FORMAT,
    options: [
      {
        name: 'Choice',
        value: 'choice',
        description: 'One of some labels. The output has the label alone.',
      },
      ...(RESPONSE_FORMAT.options ?? []),
    ],
  },
];

/** What an answer must be. */
interface Format {
  /** The `response_format` of the request; nothing if the user has not set it. */
  format?: Record<string, unknown>;
  /** The labels of which the answer is one. */
  choices?: string[];
}

/**
 * Reads what an answer must be.
 * @param mayChoose whether one of some labels is offered
 * @throws {UserInputError} if the schema or the labels are missing, or can't be used
 */
export function readFormat(options: Options, mayChoose: boolean): Format {
  const values = mayChoose ? (['choice', ...VALUES] as const) : VALUES;
  const type = readChoiceOption(options, { ...FORMAT, values });
  if (type === 'json_schema') return { format: jsonSchemaFormat(readSchema(options.jsonSchema)) };
  if (type !== 'choice') return { format: type && { type } };
  const choices = toChoices(options.choices);
  return { format: choiceFormat(choices), choices };
}

function readSchema(schema: unknown): Record<string, unknown> {
  if (!isBlank(schema)) return parseJsonObject(schema, 'JSON Schema');
  throw new UserInputError(
    'JSON Schema is empty',
    'Response Format is JSON Schema, so add the option JSON Schema and write the schema there, ' +
      'or set Response Format to JSON Object.',
  );
}
