import { table, thousands } from '../shared/markdown';
import { cell, isMeasured, limitPerSecond } from '../predictions/summary';
import type { Condition, Place, PredictionResults, WayId } from '../predictions/types';
import { IN_FLIGHT, WAYS } from '../predictions/ways';

/** A measure of the short table: predictions a second under a condition. */
export interface Column {
  title: string;
  condition: Condition;
}

export const COLUMNS: Column[] = [
  { title: '200 at 100 ms', condition: { items: 200, modelMs: 100, eachWayMs: 0 } },
  { title: '2,000 at 0 ms', condition: { items: 2000, modelMs: 0, eachWayMs: 0 } },
  { title: '200 at 0 ms, 30 ms away', condition: { items: 200, modelMs: 0, eachWayMs: 30 } },
];

const SHOWN: WayId[] = [
  'node',
  'httpRequest',
  'httpRequestBatches',
  'loop',
  'performanceClient',
  'undici',
];

export interface SummaryRow {
  name: string;
  /** Predictions a second, in the order of `COLUMNS`; NaN where not measured. */
  perSecond: number[];
  /** Milliseconds of CPU for each of 2,000 at 0 ms. */
  cpuMs: number;
}

/** Where the nodes of the short table ran: a real n8n, or where not all of it was measured there, n8n's engine. */
export function summaryPlace(results: PredictionResults): Place {
  return COLUMNS.every(({ condition }) => isMeasured(results, 'n8n', condition)) ? 'n8n' : 'engine';
}

/** The short table: nodes in n8n, and clients without it. */
export function summaryRows(results: PredictionResults): SummaryRow[] {
  const place = summaryPlace(results);
  return WAYS.filter(({ id }) => SHOWN.includes(id)).map(({ id, name, isOutside }) => {
    const at = (condition: Condition) => cell(results, isOutside ? 'engine' : place, condition, id);
    return {
      name: isOutside ? `${name} (without n8n)` : name,
      perSecond: COLUMNS.map(({ condition }) => at(condition).perSecond),
      cpuMs: at(COLUMNS[1]?.condition as Condition).cpuMs,
    };
  });
}

/** The limits of the columns: predictions a second with `IN_FLIGHT` at a time. */
export const limits = (): number[] => COLUMNS.map(({ condition }) => limitPerSecond(condition));

/** The short table for readers of the README. */
export function summaryTable(results: PredictionResults): string {
  const cells = (values: number[]) =>
    values.map((value) => (Number.isFinite(value) ? thousands(value) : '–'));
  const rows = summaryRows(results).map(({ name, perSecond, cpuMs }) => [
    name,
    ...cells(perSecond),
    cpuMs.toFixed(2),
  ]);
  rows.push([`limit with ${IN_FLIGHT} in flight`, ...cells(limits()), '']);
  const place = summaryPlace(results) === 'n8n' ? 'in n8n' : "in n8n's engine";
  const head = [
    `Predictions a second, ${place}`,
    ...COLUMNS.map(({ title }) => title),
    'CPU for each, ms',
  ];
  return table(head, rows);
}
