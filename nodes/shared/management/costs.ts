import { largerOf, sumOf, toDecimal, toNumber, ZERO, type Decimal } from '../decimal';
import { isRecord } from '../json';
import type { Manage, Schemas } from './api';

/** The longest time that Baseten sums up at once, in milliseconds: 31 days. */
const LONGEST = 31 * 24 * 60 * 60 * 1000;
const SUBJECT = 'the usage summary of the workspace';
/** The parts of Baseten's summary. Each has amounts of its own. */
const SECTIONS = ['dedicated_usage', 'training_usage', 'model_apis_usage'] as const;

/** Baseten's summary, with the amounts of all its parts together. They are in dollars. */
export interface Costs extends Partial<Schemas['UsageSummaryV1']> {
  total: number;
  subtotal: number;
  creditsUsed: number;
  /** What the usage cost before credits. */
  gross: number;
}

/**
 * Reads what the workspace's usage cost. More than 31 days are asked for in parts and added up,
 * with exact decimals.
 * @param start milliseconds since 1970
 * @param end milliseconds since 1970, after the start
 * @throws {BasetenError} if a part can't be read
 * @see https://docs.baseten.co/reference/management-api/billing/gets-billing-usage-summary
 */
export async function costsBetween(manage: Manage, start: number, end: number): Promise<Costs> {
  const parts: unknown[] = [];
  for (let from = start; from < end; from += LONGEST) {
    const query = { start_date: iso(from), end_date: iso(Math.min(from + LONGEST, end)) };
    parts.push(await manage({ path: ['billing', 'usage_summary'], query, subject: SUBJECT }));
  }
  const summary = parts.reduce(added) as Schemas['UsageSummaryV1'];
  const sum = (field: 'total' | 'subtotal' | 'credits_used') =>
    sumOf(SECTIONS.map((section) => amountOf(summary[section]?.[field])));
  const [total, subtotal] = [sum('total'), sum('subtotal')];
  return {
    ...summary,
    total: toNumber(total),
    subtotal: toNumber(subtotal),
    creditsUsed: toNumber(sum('credits_used')),
    // Baseten's document can be read both ways, so the larger one is what it costs.
    gross: toNumber(largerOf(total, subtotal)),
  };
}

function amountOf(value: unknown): Decimal {
  return toDecimal(value) ?? ZERO;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** What names an entry of a breakdown, so that the same one in two parts becomes one. */
const NAMES = ['id', 'deployment_id', 'model_name', 'job_id', 'name', 'date'];

/** Adds two values of the same place: amounts are summed up, lists joined, texts kept. */
function added(one: unknown, other: unknown): unknown {
  if (one === null || one === undefined) return other;
  if (other === null || other === undefined) return one;
  if (Array.isArray(one) && Array.isArray(other)) return joined(one, other);
  if (isRecord(one) && isRecord(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return Object.fromEntries(
      names.map((name) => [
        name,
        // What names a thing is the same in both, even if it looks like a number.
        NAMES.includes(name) || name === 'billable_resource'
          ? (one[name] ?? other[name])
          : added(one[name], other[name]),
      ]),
    );
  }
  const [first, second] = [toDecimal(one), toDecimal(other)];
  return first && second ? toNumber(sumOf([first, second])) : one;
}

/** Joins two lists. Entries about the same thing are added. */
function joined(one: unknown[], other: unknown[]): unknown[] {
  const result = [...one];
  const places = new Map(one.map((entry, place) => [nameOf(entry), place]));
  for (const entry of other) {
    const name = nameOf(entry);
    const place = name === undefined ? undefined : places.get(name);
    if (place === undefined) result.push(entry);
    else result[place] = added(result[place], entry);
  }
  return result;
}

function nameOf(entry: unknown): string | undefined {
  if (!isRecord(entry)) return undefined;
  const named = entry.billable_resource ?? NAMES.map((name) => entry[name]).find(Boolean);
  return named === undefined ? undefined : JSON.stringify(named);
}
