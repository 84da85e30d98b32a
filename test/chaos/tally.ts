import type { Fault } from './faults';
import type { Recorded } from './recorded';
import type { Result, WebhookStatus } from './results';

/** The trigger keeps what it has received in static data, which it writes once a second at most. */
const NOT_WRITTEN_MS = 1_000;

/** Why a result was not recorded, as the docs name it. */
export const REASONS = [
  'answered 200 and dropped: Baseten says delivered',
  'answered 404 by a starting n8n',
  'n8n was down or too busy for both deliveries',
  "n8n's clock was off",
  'other',
] as const;
export type Reason = (typeof REASONS)[number];

/** Those that need a look at what was sent. */
const ODD: Reason[] = ['answered 200 and dropped: Baseten says delivered', 'other'];

/** What came of the results. */
export interface Tally {
  results: number;
  /** Of these, recorded at least once. */
  recorded: number;
  /** Of these, only in executions that were cut off, so that somebody has to run them again. */
  cutOff: number;
  /** Recorded more than once, because a repeat met an n8n that had been stopped in between. */
  twiceAfterStop: number;
  /** Recorded more than once for any other reason. */
  twice: string[];
  /** Not recorded. */
  lost: Record<Reason, number>;
  /** What was sent of those that are lost for another reason than `down` and `clock`. */
  lostOddly: string[];
  /** Recorded with the data or metadata of another result, or without metadata. */
  wrong: Recorded[];
  /** The statuses of the responses, and how often each came; 0 if there was none. */
  statuses: Record<number, number>;
}

/** What is known after a run. */
export interface Evidence {
  results: Result[];
  outcomes: Map<string, WebhookStatus>;
  recorded: Recorded[];
  faults: Fault[];
}

/** Compares what was submitted with what n8n recorded. */
export function tallyOf({ results, outcomes, recorded, faults }: Evidence): Tally {
  const byId = new Map<string, Recorded[]>();
  for (const each of recorded)
    byId.set(each.requestId, [...(byId.get(each.requestId) ?? []), each]);
  const recordsOf = ({ requestId }: Result) => byId.get(requestId) ?? [];
  const stops = faults.filter(({ endedAt }) => endedAt !== undefined);
  const lost = Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Record<Reason, number>;
  const lostOddly: string[] = [];
  for (const result of results) {
    if (recordsOf(result).length > 0) continue;
    const reason = reasonOf(result, outcomes.get(result.requestId));
    lost[reason]++;
    if (ODD.includes(reason)) lostOddly.push(historyOf(result));
  }
  const more = results.filter((result) => recordsOf(result).length > 1);
  const twice = more.filter((result) => !stops.some((stop) => spans(result, stop)));
  const statuses: Record<number, number> = {};
  for (const { status = 0 } of results.flatMap(({ deliveries }) => deliveries))
    statuses[status] = (statuses[status] ?? 0) + 1;
  const known = results.filter((result) => recordsOf(result).length > 0);
  return {
    results: results.length,
    recorded: known.length,
    cutOff: known.filter((result) => !recordsOf(result).some(({ endedWell }) => endedWell)).length,
    twiceAfterStop: more.length - twice.length,
    twice: twice.map(historyOf),
    lost,
    lostOddly,
    wrong: results.flatMap((result) =>
      recordsOf(result).filter(
        ({ number, metadata }) =>
          number !== result.number ||
          (metadata as { number?: unknown } | undefined)?.number !== result.number,
      ),
    ),
    statuses,
  };
}

function reasonOf({ deliveries }: Result, outcome: WebhookStatus | undefined): Reason {
  if (outcome === 'SUCCEEDED') return 'answered 200 and dropped: Baseten says delivered';
  const has = (status: number, text: string) =>
    deliveries.some((delivery) => delivery.status === status && delivery.response?.includes(text));
  if (has(404, '')) return 'answered 404 by a starting n8n';
  if (has(503, 'wrong time')) return "n8n's clock was off";
  // The trigger's own words: it could not verify the delivery, or n8n did not record it in time.
  const isRefused = deliveries.some(({ response }) => response?.includes('could not be received'));
  return isRefused || has(401, '') ? 'other' : 'n8n was down or too busy for both deliveries';
}

/** Whether n8n was stopped while a delivery was open, or right after it was answered. */
function spans({ deliveries }: Result, { from, endedAt = 0 }: Fault): boolean {
  return deliveries.some(
    ({ sentAt, answeredAt = Infinity }) => sentAt <= endedAt && answeredAt >= from - NOT_WRITTEN_MS,
  );
}

/** What was sent of a result, and what came back, for a person to read. */
function historyOf({ number, deliveries }: Result): string {
  const parts = deliveries.map(({ sentAt, answeredAt, status, response }) => {
    const at = new Date(sentAt).toISOString().slice(11, 23);
    const after = answeredAt === undefined ? '' : ` after ${answeredAt - sentAt} ms`;
    return `${at}: ${status ?? 'no response'}${after} ${(response ?? '').slice(0, 120)}`;
  });
  return `${number}: ${parts.join(' | ')}`;
}
