import { isRecord } from '../json';

/** A model in a list of choices. */
export interface ModelChoice {
  /** What a person reads: name and context length. */
  name: string;
  /** What requests name it by. */
  value: string;
}

/** Fields in which servers tell how many tokens a model takes. */
const CONTEXT_FIELDS = ['context_length', 'max_model_len', 'context_window', 'max_context_length'];

/**
 * Reads an OpenAI-compatible list of models.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function toModelChoices(answer: unknown): ModelChoice[] {
  const models = isRecord(answer) && Array.isArray(answer.data) ? answer.data.filter(isRecord) : [];
  return models.flatMap((model) => {
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
  return CONTEXT_FIELDS.map((name) => Number(fields[name])).find((tokens) => tokens > 0);
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value.trim() !== '');
}

/** 163840 → `164K` */
function shortCount(tokens: number): string {
  if (tokens >= 999_500) return `${Number((tokens / 1e6).toFixed(1))}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}K` : String(tokens);
}
