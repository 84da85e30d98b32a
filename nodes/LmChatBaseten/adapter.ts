// Decisions: docs/decisions.md, "The chat model calls through the client".

import type { SdkOptions } from '@n8n/ai-node-sdk';

import { isBlank, isRecord } from '../shared/json';
import type { AgentAnswer } from './conversation/answer';
import { textOf } from './conversation/content';
import { OWN_CALL, type OwnCall } from './chatModel';
import type { LangChainMessage } from './conversation/messages';
import { toShownUsage, type ShownUsage } from './conversation/usage';

type Options = SdkOptions & { tool_choice?: unknown };
type Messages = readonly LangChainMessage[];

/** A message of LangChain that holds an answer, or a piece of one. */
interface AnswerMessage {
  content: unknown;
  additional_kwargs?: Record<string, unknown>;
  usage_metadata?: Record<string, unknown>;
}

/** An answer of LangChain, or a piece of one. */
interface Generation {
  text?: string;
  message: AnswerMessage;
  generationInfo?: Record<string, unknown>;
}

/** The end of a call, as n8n's log of model calls gets it. */
interface CallEnd {
  generations?: Generation[][];
}

/** n8n's log of model calls. */
interface CallLog {
  options?: { tokensUsageParser?: (end: CallEnd) => ShownUsage };
}

/** The LangChain model that n8n's SDK makes: the part of it that is changed. */
export interface Adapter {
  _generate(messages: Messages, options: Options, run?: unknown): Promise<AdapterResult>;
  _streamResponseChunks(
    messages: Messages,
    options: Options,
    run?: unknown,
  ): AsyncIterable<Generation>;
  bindTools(tools: unknown[], settings?: { tool_choice?: unknown }): Adapter;
  callbacks?: unknown;
  metadata?: Record<string, unknown>;
  modelKwargs?: Record<string, unknown>;
  toJSON?: () => unknown;
  getNumTokens?: (content: unknown) => Promise<number>;
}

interface AdapterResult {
  generations: Generation[];
}

/** What a run shows of the model, and what chains look for in it. */
export interface ShownSettings {
  model: string;
  /** Fields of the body. */
  fields: Record<string, unknown>;
  toolChoice?: unknown;
}

/** About so many bytes of text are a token of most models. */
const BYTES_OF_TOKEN = 4;
const METHODS = ['_generate', '_streamResponseChunks', 'bindTools'] as const;

/**
 * Looks for what the chat model needs of n8n's adapter.
 * @returns the names of what is missing
 */
export function missingIn(adapter: unknown): string[] {
  const found = isRecord(adapter) ? adapter : {};
  const methods: string[] = METHODS.filter((name) => typeof found[name] !== 'function');
  return logsOf(found).length > 0 ? methods : [...methods, 'tokensUsageParser'];
}

/**
 * Gives n8n's adapter what it loses of calls and answers: images and reasoning of the conversation,
 * the choice of a tool, the reasoning and the tokens of an answer, and what the run shows.
 * @param adapter the adapter; it is changed. Nothing may be missing in it.
 * @returns the same adapter
 */
export function tuned(adapter: Adapter, shown: ShownSettings): Adapter {
  const { _generate: generate, _streamResponseChunks: stream, bindTools } = adapter;
  adapter._generate = async function (messages, options, run) {
    const call = ownCall(messages, options, shown);
    const result = await generate.call(this, messages, { ...options, [OWN_CALL]: call }, run);
    const [generation] = result.generations;
    if (generation && call.answer) complete(generation, call.answer);
    return result;
  };
  adapter._streamResponseChunks = async function* (messages, options, run) {
    const call = ownCall(messages, options, shown);
    const chunks = stream.call(this, messages, { ...options, [OWN_CALL]: call }, run);
    for await (const chunk of chunks) {
      // The SDK makes a list of parts, which LangChain would copy with each further piece.
      if (Array.isArray(chunk.message.content)) chunk.message.content = chunk.text ?? '';
      if (call.answer && chunk.generationInfo?.finish_reason !== undefined)
        complete(chunk, call.answer);
      yield chunk;
    }
  };
  // It makes a new adapter, and drops the choice.
  adapter.bindTools = function (tools, settings) {
    const bound = bindTools.call(this, tools, settings);
    return tuned(bound, { ...shown, toolChoice: settings?.tool_choice ?? shown.toolChoice });
  };
  for (const log of logsOf(adapter)) showTokens(log);
  const { model, fields } = shown;
  adapter.toJSON = () => ({
    lc: 1,
    type: 'constructor',
    id: ['n8n', 'baseten', 'chat'],
    kwargs: { model, ...fields },
  });
  // LangChain would ask the internet for the tokens of an old model of OpenAI's.
  adapter.getNumTokens = async (content) =>
    Math.ceil(Buffer.byteLength(textOf(content)) / BYTES_OF_TOKEN);
  showFormat(adapter, fields.response_format);
  return adapter;
}

/** Chains parse the answer if the model says that it is JSON. */
function showFormat(adapter: Adapter, format: unknown): void {
  if (!isRecord(format) || format.type === 'text') return;
  adapter.modelKwargs = { ...adapter.modelKwargs, response_format: format };
  adapter.metadata = { ...adapter.metadata, output_format: 'json' };
}

function ownCall(messages: Messages, options: Options, { toolChoice }: ShownSettings): OwnCall {
  return {
    messages,
    toolChoice: isBlank(options.tool_choice) ? toolChoice : options.tool_choice,
  };
}

/** Adds to an answer what the adapter leaves out. */
function complete(generation: Generation, { reasoning, finishReason, usage }: AgentAnswer): void {
  const { message } = generation;
  // Agents of n8n carry this field from step to step, and into memories.
  if (reasoning !== '')
    message.additional_kwargs = { ...message.additional_kwargs, reasoning_content: reasoning };
  generation.generationInfo = {
    ...generation.generationInfo,
    finish_reason: finishReason,
    ...(usage && { usage }),
  };
  const { cachedTokens, reasoningTokens } = toShownUsage(usage) ?? {};
  if (!message.usage_metadata) return;
  if (cachedTokens !== undefined)
    message.usage_metadata.input_token_details = { cache_read: cachedTokens };
  if (reasoningTokens !== undefined)
    message.usage_metadata.output_token_details = { reasoning: reasoningTokens };
}

/** n8n's logs in the adapter. */
function logsOf({ callbacks }: { callbacks?: unknown }): CallLog[] {
  const list: unknown[] = Array.isArray(callbacks) ? callbacks : [];
  return list.filter(
    (each): each is CallLog =>
      isRecord(each) &&
      isRecord(each.options) &&
      typeof each.options.tokensUsageParser === 'function',
  );
}

/** Lets a log show the server's own counts, also of a stream, and the cached tokens apart. */
function showTokens({ options }: CallLog): void {
  const before = options?.tokensUsageParser;
  if (!options || !before) return;
  options.tokensUsageParser = (end) => {
    const usage = end.generations?.flat().at(-1)?.generationInfo?.usage;
    return toShownUsage(usage) ?? before(end);
  };
}
