import type { Clock } from '../clock';
import { badRequest } from '../http/refusal';

const DAY_MS = 24 * 3_600_000;

/** What one day cost, in dollars as decimal texts. */
export interface DayCosts {
  dedicated: string;
  modelApis: string;
  /** Credits that paid for some of it. */
  credits: string;
}

/** What the workspace's usage costs. Each day costs the same unless a test says otherwise. */
export class Billing {
  /** Gives the costs of the UTC day that begins at a millisecond of the epoch. */
  costsOf: (day: number) => DayCosts = () => ({
    dedicated: '1.10',
    modelApis: '0.20',
    credits: '0',
  });

  constructor(private readonly clock: Clock) {}

  /**
   * The costs of a time: UsageSummaryV1. A day counts as a part of the part in which it begins.
   * @throws {Refusal} 400 if a date is missing, or the time is longer than 31 days
   */
  summary({ start_date, end_date }: Record<string, string | undefined>) {
    const [start, end] = [Date.parse(start_date ?? ''), Date.parse(end_date ?? '')];
    if (!Number.isFinite(start) || !Number.isFinite(end)) {
      throw badRequest('start_date and end_date have to be ISO 8601 dates.');
    }
    if (end - start > 31 * DAY_MS) throw badRequest('The date range must not exceed 31 days.');
    const days: DayCosts[] = [];
    const last = Math.min(end, this.clock.now());
    for (let day = Math.ceil(start / DAY_MS) * DAY_MS; day < last; day += DAY_MS) {
      days.push(this.costsOf(day));
    }
    const minutes = days.length * 60;
    return {
      dedicated_usage: { ...amounts(days, 'dedicated', true), minutes, breakdown: [] },
      training_usage: null,
      model_apis_usage: { ...amounts(days, 'modelApis', false), breakdown: [] },
    };
  }
}

/** Amounts in cents, so that the sum is exact. */
function amounts(days: DayCosts[], field: 'dedicated' | 'modelApis', paysCredits: boolean) {
  const sum = (of: (day: DayCosts) => string) =>
    days.reduce((cents, day) => cents + Math.round(Number(of(day)) * 100), 0);
  const total = sum((day) => day[field]);
  const credits = paysCredits ? sum((day) => day.credits) : 0;
  const dollars = (cents: number) => (cents / 100).toFixed(2);
  return {
    subtotal: dollars(total - credits),
    credits_used: dollars(credits),
    total: dollars(total),
  };
}

const WIDTHS: Record<string, { ms: number; usual: number; most: number }> = {
  '1m': { ms: 60_000, usual: 60, most: 1440 },
  '1h': { ms: 3_600_000, usual: 24, most: 168 },
  '1d': { ms: DAY_MS, usual: 7, most: 31 },
};

/** The query of a request for token usage. */
export type TokenQuery = Record<string, string | string[] | undefined>;

/**
 * Token usage of Model APIs in buckets: ModelApisUsageResponseV1. Each bucket has the same usage.
 * @param models the slugs that have usage
 * @throws {Refusal} 400 if a parameter is not valid
 */
export function tokenUsage(query: TokenQuery, models: string[], now: number) {
  const width = WIDTHS[String(query.bucket_width ?? '1d')];
  if (!width) throw badRequest('bucket_width has to be 1m, 1h or 1d.');
  const limit = query.limit === undefined ? width.usual : Number(query.limit);
  if (!(limit >= 1 && limit <= width.most)) throw badRequest(`limit is at most ${width.most}.`);
  const from = query.cursor ? Number(query.cursor) : Date.parse(String(query.start_time));
  if (!Number.isFinite(from)) throw badRequest('start_time is required.');
  const until = query.end_time === undefined ? now : Date.parse(String(query.end_time));
  const groups = [query.group_by ?? 'model'].flat();
  const items = [];
  let at = Math.floor(from / width.ms) * width.ms;
  for (; at < until && items.length < limit; at += width.ms) {
    items.push({
      start_time: new Date(at).toISOString(),
      end_time: new Date(at + width.ms).toISOString(),
      results: (groups.includes('model') ? models : [null]).map((model) => ({
        api_key_prefix: groups.includes('api_key') ? 'emulator' : null,
        model,
        input_tokens: 120,
        cached_input_tokens: 20,
        uncached_input_tokens: 100,
        output_tokens: 30,
        request_count: 3,
      })),
    });
  }
  const hasMore = at < until;
  return { items, pagination: { has_more: hasMore, cursor: hasMore ? String(at) : null } };
}
