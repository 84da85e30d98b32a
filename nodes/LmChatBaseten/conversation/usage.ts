import type { SdkUsage } from '@n8n/ai-node-sdk';

import { isRecord } from '../../shared/json';

/**
 * How many tokens an answer took, in the SDK's words.
 * @param usage the `usage` of an answer, which may lack anything
 * @returns nothing if the server does not say it
 */
export function toSdkUsage(usage: unknown): SdkUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const promptTokens = numberIn(usage, 'prompt_tokens') ?? 0;
  const completionTokens = numberIn(usage, 'completion_tokens') ?? 0;
  const totalTokens = numberIn(usage, 'total_tokens') ?? promptTokens + completionTokens;
  if (totalTokens === 0) return undefined;
  const cacheRead = numberIn(usage.prompt_tokens_details, 'cached_tokens');
  const reasoning = numberIn(usage.completion_tokens_details, 'reasoning_tokens');
  return {
    promptTokens,
    completionTokens,
    totalTokens,
    ...(cacheRead !== undefined && { inputTokenDetails: { cacheRead } }),
    ...(reasoning !== undefined && { outputTokenDetails: { reasoning } }),
  };
}

/** What n8n shows of the tokens of a call. */
export interface ShownUsage {
  completionTokens: number;
  promptTokens: number;
  totalTokens: number;
  /** Those of the prompt that the server had in its cache. They cost less. */
  cachedTokens?: number;
  /** Those of the answer with which the model thought. */
  reasoningTokens?: number;
}

/** @returns nothing if the server has not said how many there were */
export function toShownUsage(usage: unknown): ShownUsage | undefined {
  const known = toSdkUsage(usage);
  if (!known) return undefined;
  const { inputTokenDetails, outputTokenDetails, ...counts } = known;
  const cachedTokens = inputTokenDetails?.cacheRead;
  const reasoningTokens = outputTokenDetails?.reasoning;
  return {
    ...counts,
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}

function numberIn(fields: unknown, name: string): number | undefined {
  const value = isRecord(fields) ? fields[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
