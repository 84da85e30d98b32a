import { checker } from './validate';

interface TextPart {
  type: 'text';
  text: string;
}

interface ImagePart {
  type: 'image_url';
  image_url: { url: string; detail?: string | null };
}

interface AudioPart {
  type: 'input_audio';
  input_audio: { data: string; format: 'wav' | 'mp3' };
}

/** One message of a conversation. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content?: string | null | Array<TextPart | ImagePart | AudioPart>;
  tool_calls?: unknown[];
  tool_call_id?: string;
  reasoning_content?: string | null;
}

/** A tool that the model may call. */
export interface ChatTool {
  type?: 'function';
  function: {
    name: string;
    description?: string | null;
    parameters?: Record<string, unknown> | null;
  };
}

/** Body of `POST …/v1/chat/completions`: the fields that the emulator acts on. */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  max_tokens?: number;
  stop?: string | string[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean; continuous_usage_stats?: boolean } | null;
  response_format?: { type: string; json_schema?: { schema: Record<string, unknown> } } | null;
  tools?: ChatTool[] | null;
  tool_choice?: 'none' | 'auto' | 'required' | null | { function: { name: string } };
  parallel_tool_calls?: boolean;
  reasoning_effort?: string;
  chat_template_args?: Record<string, unknown> | null;
  /** The same, under the name that servers of one's own know. */
  chat_template_kwargs?: Record<string, unknown> | null;
}

const string = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const boolean = { type: 'boolean' };
const orNull = (type: string) => ({ type: [type, 'null'] });

/** The schema of an object without unknown fields. */
const closed = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

/** The schema of an object that names its own type. */
const typed = (
  type: string,
  rest: Record<string, object> = {},
  optional: Record<string, object> = {},
) => closed({ type: { const: type }, ...rest, ...optional }, ['type', ...Object.keys(rest)]);

const image = closed({ url: string, detail: { enum: ['auto', 'low', 'high', null] } }, ['url']);
const audio = closed({ data: string, format: { enum: ['wav', 'mp3'] } });
const contentPart = {
  anyOf: [
    typed('text', { text: string }),
    typed('image_url', { image_url: image }),
    typed('input_audio', { input_audio: audio }),
  ],
};

const message = {
  type: 'object',
  required: ['role'],
  properties: {
    role: { enum: ['system', 'user', 'assistant', 'tool'] },
    content: { anyOf: [orNull('string'), { type: 'array', items: contentPart }] },
    name: string,
    tool_calls: { type: 'array' },
    tool_call_id: string,
  },
};

const jsonSchema = closed(
  {
    name: string,
    schema: { type: 'object' },
    description: orNull('string'),
    strict: { const: true },
  },
  ['name', 'schema'],
);
const responseFormat = {
  anyOf: [
    { type: 'null' },
    typed('text'),
    typed('json_object'),
    typed('json_schema', { json_schema: jsonSchema }),
    typed('grammar', { grammar: string }),
  ],
};

const toolFunction = closed(
  { name: string, description: orNull('string'), parameters: orNull('object'), strict: boolean },
  ['name'],
);
const namedTool = {
  type: 'object',
  required: ['function'],
  properties: {
    type: { const: 'function' },
    function: { type: 'object', required: ['name'], properties: { name: string } },
  },
};
const stopText = { type: 'string', minLength: 1, maxLength: 1000 };

const request = (more: Record<string, object> = {}) =>
  closed(
    {
      ...more,
      model: { type: 'string', minLength: 1 },
      messages: { type: 'array', minItems: 1, items: message },
      frequency_penalty: number,
      presence_penalty: number,
      repetition_penalty: number,
      logit_bias: { ...orNull('object'), additionalProperties: number },
      logprobs: boolean,
      top_logprobs: { type: 'integer', minimum: 0, maximum: 20 },
      max_tokens: { type: 'integer', minimum: 1, maximum: 262_144 },
      min_tokens: { type: 'integer', minimum: 0 },
      n: { const: 1 },
      best_of: { const: 1 },
      response_format: responseFormat,
      seed: orNull('integer'),
      stop: { anyOf: [stopText, { type: 'array', maxItems: 32, items: stopText }] },
      stop_token_ids: { type: 'array', items: integer },
      stream: boolean,
      stream_options: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: { include_usage: boolean, continuous_usage_stats: boolean },
      },
      temperature: { type: ['number', 'null'], minimum: 0, maximum: 4 },
      top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      top_k: integer,
      min_p: number,
      tools: {
        type: ['array', 'null'],
        items: closed({ function: toolFunction, type: { const: 'function' } }, ['function']),
      },
      tool_choice: { anyOf: [{ enum: ['none', 'auto', 'required', null] }, namedTool] },
      parallel_tool_calls: boolean,
      user: orNull('string'),
      reasoning_effort: string,
      chat_template_args: orNull('object'),
      documents: orNull('array'),
    },
    ['model', 'messages'],
  );

/**
 * Checks a `ChatRequest` to a Model API: https://docs.baseten.co/inference/model-apis/overview.
 * @throws {Refusal} 400 if it is not valid or has an unknown top-level field.
 */
export const checkChatRequest = checker<ChatRequest>(request(), 'chat request');

/** Like `checkChatRequest`, for a server of one's own. */
export const checkServerRequest = checker<ChatRequest>(
  request({ chat_template_kwargs: orNull('object') }),
  'chat request',
);
