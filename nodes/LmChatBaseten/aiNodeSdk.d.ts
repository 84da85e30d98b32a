/** The part of n8n's AI SDK that the chat model uses. n8n has the SDK; it is not installed here. */
declare module '@n8n/ai-node-sdk' {
  import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';

  /** A model with an OpenAI-compatible API. Fields that are undefined are not sent. */
  export interface OpenAiModel {
    type: 'openai';
    baseUrl: string;
    apiKey: string;
    model: string;
    defaultHeaders?: Record<string, string>;
    useResponsesApi?: boolean;
    temperature?: number;
    maxTokens?: number;
    topP?: number;
    frequencyPenalty?: number;
    presencePenalty?: number;
    /** More fields of the request body. */
    additionalParams?: Record<string, unknown>;
    /** Most milliseconds for one attempt. */
    timeout?: number;
    maxRetries?: number;
    /** Called with the error of each failed attempt, before n8n decides whether to repeat it. */
    onFailedAttempt?(error: unknown): void;
  }

  /** Makes a LangChain chat model, which n8n's agents and chains call. */
  export function supplyModel(context: ISupplyDataFunctions, model: OpenAiModel): SupplyData;
}
