// Decisions: docs/decisions.md, "The chat model calls through the client".

import type {
  SdkChatModel,
  SdkChunk,
  SdkMessage,
  SdkOptions,
  SdkResult,
  SdkTool,
} from '@n8n/ai-node-sdk';
import type { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { type ISupplyDataFunctions } from 'n8n-workflow';

import { failureInAnswer, readAnswer, readStreamedAnswer } from '../shared/chat/answer';
import { charactersOf, toToolChoice } from '../shared/chat/request';
import type { ChatCompletion } from '../shared/chat/types';
import { habitOf, type ThinkingHabit } from '../shared/chat/thinkingHabits';
import { hidingSecrets, toSubNodeError } from '../shared/errors/nodeErrors';
import type { BasetenRequest, Client, SendOptions } from '../shared/http/client';
import { TokenCost } from '../shared/http/flow/tokens';
import type { KnownLimit } from '../shared/http/flow/window';
import { isBlank } from '../shared/json';
import { knownLimitsOf } from '../shared/knowledge/modelApis';
import { withServedNames, type Asking } from '../shared/knowledge/servedModel';
import { withWakingHint } from '../shared/management/wakingHint';
import type { Source } from '../shared/parameters/source';
import { jsonBody } from '../shared/payload/requestBody';
import { toAgentAnswer, toSdkReason, type AgentAnswer } from './conversation/answer';
import { toWireMessages, type LangChainMessage } from './conversation/messages';
import type { PastAnswers } from './conversation/pastAnswers';
import { passedOn } from './passedOn';
import { fromSdkMessages } from './conversation/sdkMessages';
import { toSdkUsage } from './conversation/usage';

/** What every call of one sub-node is made with. */
export interface ModelSettings {
  context: ISupplyDataFunctions;
  /** Position of the item whose parameters were read. */
  itemIndex: number;
  client: Client;
  /** What errors must not show; the first one is the API key. */
  secrets: readonly [apiKey: string, ...others: string[]];
  source: Pick<Source, 'model' | 'subject' | 'isDeployment' | 'deployment'>;
  /** How else the source is asked: for its names, or for its limits. */
  asking: Asking;
  /** Where chat completions are asked for. */
  url: string;
  /** Fields of the body that are the same for each call. */
  fields: Record<string, unknown>;
  headers: Record<string, string>;
  send: Pick<SendOptions, 'timeout' | 'maxRetries'>;
  past: PastAnswers;
  /** The JSON schema of a tool's arguments. */
  schemaOf(tool: SdkTool): Record<string, unknown>;
}

/** What a call of the tuned adapter has besides the SDK's messages, and what it takes back. */
export interface OwnCall {
  /** LangChain's own messages. The SDK's lack images and reasoning. */
  messages: readonly LangChainMessage[];
  /** Which tool the model must call, if any. */
  toolChoice?: unknown;
  /** The answer, as soon as it is there. */
  answer?: AgentAnswer;
}

/** The name under which the adapter passes its own call on. */
export const OWN_CALL = 'basetenCall';

/** A chat model on Baseten, as n8n's AI SDK wants it. */
export class BasetenChatModel implements SdkChatModel {
  readonly provider = 'baseten';
  readonly modelId: string;

  constructor(
    private readonly settings: ModelSettings,
    private readonly tools: readonly SdkTool[] = [],
  ) {
    this.modelId = settings.source.model;
  }

  /** The same model with these tools. An agent that forces a call gives the same tools twice. */
  withTools(tools: SdkTool[]): BasetenChatModel {
    return new BasetenChatModel(this.settings, tools);
  }

  /** Gets an answer. @throws {NodeApiError} what went wrong, as n8n shows it */
  async generate(messages: SdkMessage[], options: SdkOptions = {}): Promise<SdkResult> {
    return await this.telling(options, async () => {
      const answer = await this.answerOf(options, await this.complete(messages, options));
      const { id, text, calls, usage } = answer;
      return {
        ...(id !== undefined && { id }),
        finishReason: toSdkReason(answer),
        usage: toSdkUsage(usage),
        message: {
          role: 'assistant',
          ...(id !== undefined && { id }),
          content: [
            ...(text === '' ? [] : [{ type: 'text', text }]),
            ...calls.map(({ id: toolCallId, name: toolName, input }) => {
              return { type: 'tool-call', toolCallId, toolName, input };
            }),
          ],
        },
      };
    });
  }

  /**
   * Gets an answer while it comes. Its calls come whole at the end: the SDK's adapter would put the
   * pieces of different calls together.
   * @throws {NodeApiError} what went wrong, as n8n shows it
   */
  async *stream(messages: SdkMessage[], options: SdkOptions = {}): AsyncGenerator<SdkChunk> {
    const texts = passedOn(
      async (onText, stop) =>
        await this.telling({ ...options, isStreamed: true }, async () => {
          const completion = await this.completeStreamed(messages, options, { onText, stop });
          return await this.answerOf(options, completion);
        }),
    );
    let shown = '';
    let next = await texts.next();
    try {
      for (; !next.done; next = await texts.next()) {
        shown += next.value;
        yield { type: 'text-delta', delta: next.value };
      }
    } finally {
      // Whoever stops reading needs no more of the answer.
      if (!next.done) await texts.return(undefined as never);
    }
    const answer = next.value;
    if (shown === '' && answer.text !== '') yield { type: 'text-delta', delta: answer.text };
    for (const { id, name, input } of answer.calls)
      yield { type: 'tool-call-delta', id, name, argumentsDelta: input };
    yield { type: 'finish', finishReason: toSdkReason(answer), usage: toSdkUsage(answer.usage) };
  }

  private async complete(messages: SdkMessage[], options: SdkOptions): Promise<ChatCompletion> {
    const { client, send } = this.settings;
    const signal = this.signalOf(options);
    const request = await this.request(messages, options);
    const response = await client.send(request, { ...send, signal });
    const completion = await readAnswer(response.body, {
      ...this.answerSource,
      onText: async () => {},
      habit: this.habit,
    });
    request.tokens?.tell(completion.usage);
    return completion;
  }

  private async completeStreamed(
    messages: SdkMessage[],
    options: SdkOptions,
    { onText, stop }: { onText(text: string): Promise<void>; stop: AbortSignal },
  ): Promise<ChatCompletion> {
    const { client, send } = this.settings;
    const asked = { stream: true, stream_options: { include_usage: true } };
    const request: BasetenRequest = {
      ...(await this.request(messages, options, asked)),
      accept: 'text/event-stream',
    };
    const { body } = await client.stream(
      request,
      { ...send, signal: this.signalOf(options, stop) },
      ({ headers }) => !(headers['content-type'] ?? '').includes('application/json'),
    );
    const reading = { ...this.answerSource, onText, habit: this.habit };
    const completion = Buffer.isBuffer(body)
      ? await readAnswer(body, reading)
      : await readStreamedAnswer(body, reading);
    request.tokens?.tell(completion.usage);
    return completion;
  }

  private async request(
    messages: SdkMessage[],
    options: SdkOptions,
    asked: Record<string, unknown> = {},
  ): Promise<BasetenRequest> {
    const { source, url, fields, headers, past } = this.settings;
    const own = ownCallOf(options);
    const wire = toWireMessages(own?.messages ?? fromSdkMessages(messages), past);
    const body = {
      model: this.modelId,
      messages: wire,
      ...(options.stop?.length && { stop: options.stop }),
      ...this.toolFields(own?.toolChoice),
      ...fields,
      ...asked,
    };
    return {
      method: 'POST',
      url,
      headers,
      body: jsonBody(body),
      subject: source.subject,
      model: this.modelId,
      // Baseten's limit of tokens counts those of agents, too.
      tokens: new TokenCost(charactersOf(wire)),
      knownLimits: source.isDeployment ? undefined : await this.limits(),
      failureIn: (bytes) => failureInAnswer(bytes, this.answerSource),
    };
  }

  /** An agent may make many calls, but none of them waits until Baseten has told its limits. */
  private async limits(): Promise<readonly KnownLimit[] | undefined> {
    const { context, asking } = this.settings;
    const asker = { context, connection: asking.connection };
    void knownLimitsOf(asker, this.modelId, { mayAsk: true });
    return await knownLimitsOf(asker, this.modelId, { mayAsk: false });
  }

  /** Servers refuse a choice if there are no tools to choose from. */
  private toolFields(choice: unknown): Record<string, unknown> {
    if (this.tools.length === 0) return {};
    const tools = this.tools.map((tool) => ({
      type: 'function',
      function: {
        name: tool.name,
        description: tool.description,
        parameters: this.settings.schemaOf(tool),
      },
    }));
    if (isBlank(choice)) return { tools };
    return { tools, tool_choice: toToolChoice(choice === 'any' ? 'required' : choice) };
  }

  private get habit(): ThinkingHabit {
    const { url, fields } = this.settings;
    return habitOf(url, { model: this.modelId, ...fields });
  }

  private get answerSource() {
    const { source, secrets } = this.settings;
    return { subject: source.subject, apiKey: secrets[0] };
  }

  private async answerOf(options: SdkOptions, completion: ChatCompletion): Promise<AgentAnswer> {
    const { source, past } = this.settings;
    const answer = toAgentAnswer(completion, source.subject, past);
    const own = ownCallOf(options);
    if (own) own.answer = answer;
    return answer;
  }

  /** Some chains of n8n give no signal, so the execution's own counts, too. */
  private signalOf({ signal }: SdkOptions, stop?: AbortSignal): AbortSignal | undefined {
    const cancel = this.settings.context.getExecutionCancelSignal?.();
    const signals = [signal, cancel, stop].filter((each) => each !== undefined);
    return signals.length === 0 ? undefined : AbortSignal.any(signals);
  }

  /** Does a part of a call. @throws what n8n shows; an abort as it is */
  private async telling<T>(options: SdkOptions, work: () => Promise<T>): Promise<T> {
    const { context, itemIndex, secrets, source, asking } = this.settings;
    try {
      return await hidingSecrets(secrets, work);
    } catch (cause) {
      this.signalOf(options)?.throwIfAborted();
      const named = await withServedNames(cause, source, asking);
      const { connection } = asking;
      const told = await withWakingHint(named, { context, itemIndex, connection });
      const error = toSubNodeError(context.getNode(), told, itemIndex);
      // A chat that streams shows nothing but the description.
      if (options.isStreamed === true) withMessage(error);
      throw error;
    }
  }
}

function ownCallOf(options: SdkOptions): OwnCall | undefined {
  return options[OWN_CALL] as OwnCall | undefined;
}

function withMessage(error: NodeApiError | NodeOperationError): void {
  const { message, description } = error;
  error.description = [message, description].filter(Boolean).join('. ');
}
