import { median } from '../shared/statistics';
import type { Condition, Place, PredictionResults, WayId } from './types';
import { conditionOf, limitMs } from './ways';

/** What several rounds of one way come to: medians, NaN where it was not measured. */
export interface Cell {
  rounds: number;
  perSecond: number;
  /** Milliseconds of CPU for a prediction; in n8n without what the workflow takes that makes no calls. */
  cpuMs: number;
  /** And of the emulator's. */
  emulatorCpuMs: number;
  connections: number;
  peakInFlight: number;
}

export function cell(
  results: PredictionResults,
  place: Place,
  condition: Condition,
  way: WayId,
): Cell {
  const { items, modelMs, eachWayMs } = conditionOf(way, condition);
  const roundsOf = (id: WayId, count: number) =>
    results.rounds.filter(
      (round) =>
        round.place === place &&
        round.way === id &&
        round.items === count &&
        round.modelMs === modelMs &&
        round.eachWayMs === eachWayMs,
    );
  const rounds = roundsOf(way, items);
  const without =
    place === 'n8n' ? median(roundsOf('nothing', condition.items).map(({ cpuMs }) => cpuMs)) : 0;
  const overhead = (without * items) / condition.items;
  return {
    rounds: rounds.length,
    perSecond: median(rounds.map(({ ms }) => (items / ms) * 1000)),
    cpuMs: (median(rounds.map(({ cpuMs }) => cpuMs)) - overhead) / items,
    emulatorCpuMs: median(rounds.map(({ emulatorCpuMs }) => emulatorCpuMs)) / items,
    connections: median(rounds.map(({ connections }) => connections)),
    peakInFlight: median(rounds.map(({ peakInFlight }) => peakInFlight)),
  };
}

/** Whether there was time to measure a condition. */
export function isMeasured(
  results: PredictionResults,
  place: Place,
  condition: Condition,
): boolean {
  return cell(results, place, condition, 'node').rounds > 0;
}

/** Predictions a second at best; Infinity where nothing has to be waited for. */
export function limitPerSecond(condition: Condition): number {
  return (condition.items / limitMs(condition)) * 1000;
}

/** What this node has over another way. */
export interface Advantage {
  /** Predictions a second for one of the other. */
  faster: number;
  /** CPU time for a millisecond of the other. */
  cpu: number;
}

export function advantage(
  results: PredictionResults,
  place: Place,
  condition: Condition,
  over: WayId,
): Advantage {
  const [ours, theirs] = [
    cell(results, place, condition, 'node'),
    cell(results, place, condition, over),
  ];
  return { faster: ours.perSecond / theirs.perSecond, cpu: ours.cpuMs / theirs.cpuMs };
}
