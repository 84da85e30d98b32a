import { productOf, sumOf, toNumber, type Decimal } from '../decimal';
import { isRecord } from '../json';
import type { ModelApiPrices } from '../knowledge/modelApis';

/** Prices are for so many tokens: ten to the power of six. */
const DIGITS_OF_A_MILLION = 6;

/**
 * Works out what an answer costs, with exact decimals.
 * @param usage the `usage` of an answer; it may be anything
 * @param prices dollars for a million tokens
 * @returns dollars; nothing if the server does not say how many tokens there were
 * @see https://docs.baseten.co/inference/model-apis/pricing-and-limits
 */
export function costOf(usage: unknown, prices: ModelApiPrices): number | undefined {
  if (!isRecord(usage)) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (!isCount(prompt) || !isCount(completion)) return undefined;
  const details = usage.prompt_tokens_details;
  const told = isRecord(details) ? details.cached_tokens : undefined;
  // The cached tokens are a part of those of the prompt.
  const cached = isCount(told) ? Math.min(told, prompt) : 0;
  const { units, digits } = sumOf([
    productOf(decimalOf(prompt - cached), prices.input),
    productOf(decimalOf(cached), prices.cachedInput),
    productOf(decimalOf(completion), prices.output),
  ]);
  return toNumber({ units, digits: digits + DIGITS_OF_A_MILLION });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function decimalOf(count: number): Decimal {
  return { units: BigInt(count), digits: 0 };
}
