import { median } from '../shared/figures';
import { CASES } from './cases';
import type { FlowCaller, FlowCase, FlowResults, FlowRun, MeasuredCase } from './types';

/** A case with its runs. */
export interface Measured {
  flowCase: FlowCase;
  measured: MeasuredCase;
}

/** Returns the cases that were measured, in their order. */
export function measuredCases(results: FlowResults): Measured[] {
  return CASES.flatMap((flowCase) => {
    const measured = results.cases.find(({ name }) => name === flowCase.name);
    return measured ? [{ flowCase, measured }] : [];
  });
}

/** Whose runs are meant. */
export interface By {
  caller?: FlowCaller;
  /** _Max Concurrency_; undefined if nothing is set. */
  fixed?: number;
  turn?: number;
}

/** Returns the runs of one contender. */
export function runsBy(
  { measured }: Measured,
  { caller = 'node', fixed, turn = 1 }: By,
): FlowRun[] {
  return measured.runs.filter(
    (run) => run.caller === caller && run.fixed === fixed && run.turn === turn,
  );
}

/** Returns answers a second, the median of the rounds. NaN if it was not measured. */
export const perSecond = (measured: Measured, by: By) =>
  median(runsBy(measured, by).map(({ answered, ms }) => (answered / ms) * 1000));

/** Returns the median of one figure of the runs. */
export const medianOf = (measured: Measured, by: By, figure: (run: FlowRun) => number) =>
  median(runsBy(measured, by).map(figure));

/** A number of requests in flight, and the answers a second that it brought. */
export interface BestNumber {
  fixed: number;
  perSecond: number;
}

/**
 * Returns the best fixed number: the smallest one that gives within 2 % as many answers a second as
 * any. Undefined if none was measured.
 */
export function bestNumber(measured: Measured): BestNumber | undefined {
  const all = measured.flowCase.contenders
    .filter(({ caller, fixed }) => caller === 'node' && fixed !== undefined)
    .map(({ fixed }) => ({ fixed: fixed as number, perSecond: perSecond(measured, { fixed }) }))
    .filter((one) => Number.isFinite(one.perSecond));
  const most = Math.max(...all.map((one) => one.perSecond));
  return all.find((one) => one.perSecond >= 0.98 * most);
}

/**
 * Returns the least milliseconds in which so many requests can pass a limit, if nothing is wasted.
 */
export function leastMs(limit: NonNullable<FlowCase['limit']>, requests: number): number {
  const { perMinute, burst } = limit;
  if (burst === undefined) return Math.floor((requests - 1) / perMinute) * 60_000;
  return (Math.max(0, requests - burst) / perMinute) * 60_000;
}
