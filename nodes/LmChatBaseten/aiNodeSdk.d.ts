/** What is used of n8n's AI SDK, which only the host has. */
declare module '@n8n/ai-node-sdk' {
  import type { ISupplyDataFunctions, SupplyData } from 'n8n-workflow';

  /** A model behind an OpenAI-compatible API; what is undefined is not sent. */
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
    /** Milliseconds. */
    timeout?: number;
    maxRetries?: number;
    /** Told each failed attempt, before n8n decides whether it is repeated. */
    onFailedAttempt?(error: unknown): void;
  }

  export function supplyModel(context: ISupplyDataFunctions, model: OpenAiModel): SupplyData;
}
