import { type Setup, setupLine } from '../shared/benchmark';
import type { BurstFigures } from '../shared/burst';
import { median, table } from '../shared/figures';

/** Executions of predictions, started by calls all at once. */
export interface PredictionRound {
  workers: number;
  executions: number;
  items: number;
  /** From the first call until the last execution had ended. */
  seconds: number;
  /** Predictions that never reached the model. */
  lost: number;
  /** Predictions that reached the model more than once. */
  twice: number;
}

/** A burst of results of one size. */
export interface Delivered extends BurstFigures {
  deliveries: number;
}

/** A burst through the proxy to two webhook processors. */
export interface DeliveryRound extends Delivered {
  workers: number;
  /** From the first delivery until the last execution had ended. */
  seconds: number;
}

/** A burst of results of one size, to one kind of n8n. */
export interface BurstRound extends Delivered {
  setting: string;
  /** Of data in each result. */
  bytes: number;
  executions: number;
}

/** The content of `bench/results/queue.json`. */
export interface QueueResults extends Setup {
  n8n: string;
  predictions: PredictionRound[];
  deliveries: DeliveryRound[];
  bursts: BurstRound[];
}

const RESPONSES_HEAD = ['200 within 10 s', 'Deliveries/s', 'Slowest response'];

/** Returns the section of `RESULTS.md` about queue mode and bursts. */
export function queueSection(results: QueueResults): string {
  const { n8n, predictions, deliveries, bursts } = results;
  const counts = grouped(predictions, ({ workers }) => workers).map((rounds) => rounds.length);
  const [prediction] = predictions;
  return [
    '## Queue mode',
    `n8n ${n8n}; medians of up to ${Math.max(0, ...counts)} rounds (200 within 10 s, lost and ` +
      `twice: the worst). ${setupLine(results)}.`,
    '### Predictions by workers',
    `${prediction?.executions} executions of ${prediction?.items} predictions at 100 ms, started ` +
      'at once. More workers help if there are cores for them.',
    predictionsTable(predictions),
    '### Deliveries through two webhook processors',
    `${deliveries[0]?.deliveries} deliveries at once. The webhook processors respond to them; ` +
      'the workers only run what comes after.',
    deliveriesTable(deliveries),
    '### Bursts by size and database',
    `${bursts[0]?.deliveries} deliveries at once to one Baseten Trigger.`,
    burstsTable(bursts),
  ].join('\n\n');
}

function predictionsTable(predictions: PredictionRound[]): string {
  const rates = grouped(predictions, ({ workers }) => workers).map((rounds) => ({
    rounds,
    rate: median(rounds.map(({ executions, items, seconds }) => (executions * items) / seconds)),
  }));
  const rows = rates.map(({ rounds, rate }) => [
    String(rounds[0].workers),
    `${(rate / (rates[0]?.rate ?? NaN)).toFixed(1)} ×`,
    rate.toFixed(0),
    median(rounds.map(({ seconds }) => seconds)).toFixed(1),
    String(Math.max(...rounds.map(({ lost }) => lost))),
    String(Math.max(...rounds.map(({ twice }) => twice))),
  ]);
  return table(['Workers', 'Against one', 'Predictions/s', 'Seconds', 'Lost', 'Twice'], rows);
}

function deliveriesTable(deliveries: DeliveryRound[]): string {
  const rows = grouped(deliveries, ({ workers }) => workers).map((rounds) => [
    String(rounds[0].workers),
    ...responses(rounds),
    median(rounds.map(({ seconds }) => seconds)).toFixed(1),
  ]);
  return table(['Workers', ...RESPONSES_HEAD, 'Seconds until all had run'], rows);
}

function burstsTable(bursts: BurstRound[]): string {
  const rows = grouped(bursts, ({ setting, bytes }) => `${setting}|${bytes}`).map((rounds) => [
    rounds[0].setting,
    `${rounds[0].bytes / 1_000} kB`,
    ...responses(rounds),
    String(median(rounds.map(({ executions }) => executions))),
  ]);
  return table(['n8n', 'Payload', ...RESPONSES_HEAD, 'Executions'], rows);
}

/** The cells below `RESPONSES_HEAD`. */
function responses(rounds: BurstFigures[]): string[] {
  return [
    String(Math.min(...rounds.map(({ answered }) => answered))),
    median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
    `${(median(rounds.map(({ slowestMs }) => slowestMs)) / 1_000).toFixed(2)} s`,
  ];
}

/** Values with the same key, together; keys in the order in which they come first. */
function grouped<T>(values: T[], keyOf: (value: T) => string | number): Array<[T, ...T[]]> {
  const groups = new Map<string | number, [T, ...T[]]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return [...groups.values()];
}
