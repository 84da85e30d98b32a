import { median, table, thousands } from '../shared/figures';
import { CALLERS, conditionOf, fullName, IN_FLIGHT, limitPerSecond } from './callers';
import type { CallerId, Condition, Place, PredictionResults, PredictionRound } from './types';

/** What several rounds of one caller come to: medians, NaN if it was not measured. */
export interface CallerFigures {
  rounds: number;
  perSecond: number;
  /**
   * Milliseconds of CPU for a prediction. In n8n without the workflow's own, which makes no calls.
   */
  cpuMs: number;
  /** Milliseconds of the emulator's CPU for a prediction. */
  emulatorCpuMs: number;
  connections: number;
  peakInFlight: number;
}

/** Returns the figures of one caller under a condition. */
export function callerFigures(
  results: PredictionResults,
  place: Place,
  condition: Condition,
  caller: CallerId,
): CallerFigures {
  const { items, modelMs, eachWayMs } = conditionOf(caller, condition);
  const roundsOf = (id: CallerId, count: number) =>
    results.rounds.filter(
      (round) =>
        round.place === place &&
        round.way === id &&
        round.items === count &&
        round.modelMs === modelMs &&
        round.eachWayMs === eachWayMs,
    );
  const rounds = roundsOf(caller, items);
  const medianOf = (value: (round: PredictionRound) => number) => median(rounds.map(value));
  const without =
    place === 'n8n' ? median(roundsOf('nothing', condition.items).map(({ cpuMs }) => cpuMs)) : 0;
  const overhead = (without * items) / condition.items;
  return {
    rounds: rounds.length,
    perSecond: medianOf(({ ms }) => (items / ms) * 1000),
    cpuMs: (medianOf(({ cpuMs }) => cpuMs) - overhead) / items,
    emulatorCpuMs: medianOf(({ emulatorCpuMs }) => emulatorCpuMs) / items,
    connections: medianOf(({ connections }) => connections),
    peakInFlight: medianOf(({ peakInFlight }) => peakInFlight),
  };
}

/** Whether there was time to measure a condition. */
export function isMeasured(
  results: PredictionResults,
  place: Place,
  condition: Condition,
): boolean {
  return callerFigures(results, place, condition, 'node').rounds > 0;
}

/** This node against another caller. */
export interface Advantage {
  /** Predictions a second for one of the other. */
  faster: number;
  /** CPU time for a millisecond of the other. */
  cpu: number;
}

/** Returns how this node compares with another caller. */
export function advantage(
  results: PredictionResults,
  place: Place,
  condition: Condition,
  over: CallerId,
): Advantage {
  const ours = callerFigures(results, place, condition, 'node');
  const theirs = callerFigures(results, place, condition, over);
  return { faster: ours.perSecond / theirs.perSecond, cpu: ours.cpuMs / theirs.cpuMs };
}

const BUSIEST: Condition = { items: 2000, modelMs: 0, eachWayMs: 0 };

/** The columns of the short table: predictions a second under a condition. */
export const COLUMNS: Array<{ title: string; condition: Condition; limit: number }> = [
  { title: '200 at 100 ms', condition: { items: 200, modelMs: 100, eachWayMs: 0 } },
  { title: '2,000 at 0 ms', condition: BUSIEST },
  { title: '200 at 0 ms, 30 ms away', condition: { items: 200, modelMs: 0, eachWayMs: 30 } },
].map((column) => ({ ...column, limit: limitPerSecond(column.condition) }));

const SHOWN: CallerId[] = [
  'node',
  'nodeNothingSet',
  'httpRequest',
  'httpRequestBatches',
  'loop',
  'performanceClient',
  'undici',
];

/** A row of the short table. */
export interface ShortRow {
  id: CallerId;
  name: string;
  /** Predictions a second, in the order of `COLUMNS`; NaN if not measured. */
  perSecond: number[];
  /** Milliseconds of CPU for each of 2,000 predictions at 0 ms. */
  cpuMs: number;
}

/** Returns the rows of the short table: nodes in n8n, and clients without it. */
export function shortRows(results: PredictionResults): ShortRow[] {
  const rows = CALLERS.filter(({ id }) => SHOWN.includes(id)).map((caller) => {
    const place = caller.isWithoutN8n ? 'engine' : shortTablePlace(results);
    const at = (condition: Condition) => callerFigures(results, place, condition, caller.id);
    return {
      id: caller.id,
      name: fullName(caller),
      perSecond: COLUMNS.map(({ condition }) => at(condition).perSecond),
      cpuMs: at(BUSIEST).cpuMs,
    };
  });
  return rows.filter(({ perSecond }) => perSecond.some(Number.isFinite));
}

/** Returns the short table of docs/benchmark.md. */
export function shortTable(results: PredictionResults): string {
  const cells = (values: number[]) =>
    values.map((value) => (Number.isFinite(value) ? thousands(value) : '–'));
  const rows = shortRows(results).map(({ name, perSecond, cpuMs }) => [
    name,
    ...cells(perSecond),
    cpuMs.toFixed(2),
  ]);
  rows.push([`limit with ${IN_FLIGHT} in flight`, ...cells(COLUMNS.map(({ limit }) => limit)), '']);
  const place = shortTablePlace(results) === 'n8n' ? 'in n8n' : "in n8n's engine";
  const titles = COLUMNS.map(({ title }) => title);
  return table([`Predictions a second, ${place}`, ...titles, 'CPU for each, ms'], rows);
}

/** A real n8n or, if not all of the short table was measured there, n8n's engine. */
function shortTablePlace(results: PredictionResults): Place {
  return COLUMNS.every(({ condition }) => isMeasured(results, 'n8n', condition)) ? 'n8n' : 'engine';
}
