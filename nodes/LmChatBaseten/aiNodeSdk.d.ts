/** The part of n8n's AI SDK that the chat model uses. n8n has the SDK; it is not installed here. */
declare module '@n8n/ai-node-sdk' {
  import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';

  /** A part of a message. */
  export interface SdkContent extends Record<string, unknown> {
    type: string;
  }

  /** A message, as the SDK makes it of LangChain's. Some of what LangChain's has is lost. */
  export interface SdkMessage {
    role: string;
    content: SdkContent[];
    id?: string;
  }

  /** A tool that the model may call. */
  export interface SdkTool {
    name: string;
    description?: string;
    [field: string]: unknown;
  }

  /** How many tokens an answer took. */
  export interface SdkUsage {
    promptTokens: number;
    completionTokens: number;
    totalTokens: number;
    inputTokenDetails?: { cacheRead?: number };
    outputTokenDetails?: { reasoning?: number };
  }

  /** Why a model stopped, in the SDK's words. */
  export type SdkFinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other';

  /** A whole answer. */
  export interface SdkResult {
    id?: string;
    finishReason?: SdkFinishReason;
    usage?: SdkUsage;
    message: SdkMessage;
  }

  /** A piece of an answer. */
  export type SdkChunk =
    | { type: 'text-delta'; delta: string }
    | { type: 'tool-call-delta'; id: string; name: string; argumentsDelta: string }
    | { type: 'finish'; finishReason: SdkFinishReason; usage?: SdkUsage };

  /** What n8n calls a model with: the options of LangChain's call. */
  export interface SdkOptions extends Record<string, unknown> {
    signal?: AbortSignal;
    stop?: string[];
  }

  /** A chat model of one's own. */
  export interface SdkChatModel {
    provider: string;
    modelId: string;
    generate(messages: SdkMessage[], options?: SdkOptions): Promise<SdkResult>;
    stream(messages: SdkMessage[], options?: SdkOptions): AsyncIterable<SdkChunk>;
    withTools(tools: SdkTool[]): SdkChatModel;
  }

  /** Makes a LangChain chat model, which n8n's agents and chains call. */
  export function supplyModel(context: ISupplyDataFunctions, model: SdkChatModel): SupplyData;

  /** The JSON schema of a tool's arguments, whatever they are described with. */
  export function getParametersJsonSchema(tool: SdkTool): Record<string, unknown>;
}
