import { isRecord } from '../json';

/** A model in a list of choices. */
export interface ModelChoice {
  /** What the list shows: the model's name and its context length. */
  name: string;
  /** What a request gives as its `model`. */
  value: string;
}

/** Fields in which servers say how many tokens a model takes. */
const CONTEXT_FIELDS = ['context_length', 'max_model_len', 'context_window', 'max_context_length'];

/**
 * Reads an OpenAI-compatible list of models.
 * @param response parsed body of `GET /v1/models`, which may be anything
 * @returns a choice for each model that has an ID; nothing if the response is not such a list
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function toModelChoices(response: unknown): ModelChoice[] | undefined {
  if (!isRecord(response) || !Array.isArray(response.data)) return undefined;
  return response.data.filter(isRecord).flatMap((model) => {
    if (typeof model.id !== 'string' || model.id === '') return [];
    const metadata = isRecord(model.metadata) ? model.metadata : {};
    const label =
      firstText(model.name, model.display_name, metadata.name, metadata.display_name) ?? model.id;
    const context = contextLength(model) ?? contextLength(metadata);
    return [
      {
        name: context === undefined ? label : `${label} · ${shortCount(context)} context`,
        value: model.id,
      },
    ];
  });
}

function contextLength(fields: Record<string, unknown>): number | undefined {
  return CONTEXT_FIELDS.map((name) => toCount(fields[name])).find((tokens) => tokens > 0);
}

/** @returns a finite number, which may be given as text; 0 for anything else */
function toCount(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value.trim() !== '');
}

/** 163840 → `164K` */
export function shortCount(tokens: number): string {
  if (tokens >= 999_500) return `${Number((tokens / 1e6).toFixed(1))}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}K` : String(tokens);
}
