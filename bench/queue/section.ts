import { setupLine } from '../shared/machine';
import { table } from '../shared/markdown';
import { median } from '../shared/statistics';
import type { QueueResults } from './types';

/** The part of `RESULTS.md` about queue mode and bursts. */
export function queueSection(results: QueueResults): string {
  const { n8n, predictions, deliveries, bursts } = results;
  const rates = grouped(predictions, ({ workers }) => String(workers)).map(([workers, rounds]) => ({
    workers,
    rounds,
    rate: median(rounds.map(({ executions, items, seconds }) => (executions * items) / seconds)),
  }));
  const predictionRows = rates.map(({ workers, rounds, rate }) => [
    workers,
    `${(rate / (rates[0]?.rate ?? NaN)).toFixed(1)} ×`,
    rate.toFixed(0),
    median(rounds.map(({ seconds }) => seconds)).toFixed(1),
    String(Math.max(...rounds.map(({ lost }) => lost))),
    String(Math.max(...rounds.map(({ twice }) => twice))),
  ]);
  const deliveryRows = grouped(deliveries, ({ workers }) => String(workers)).map(
    ([workers, rounds]) => [
      workers,
      ...answers(rounds),
      median(rounds.map(({ seconds }) => seconds)).toFixed(1),
    ],
  );
  const burstRows = grouped(bursts, ({ setting, bytes }) => `${setting}|${bytes}`).map(
    ([key, rounds]) => {
      const [setting = '', bytes] = key.split('|');
      return [
        setting,
        `${Number(bytes) / 1_000} kB`,
        ...answers(rounds),
        String(median(rounds.map(({ executions }) => executions))),
      ];
    },
  );
  const [first] = predictions;
  return [
    '## Queue mode',
    `n8n ${n8n} with all of its processes, PostgreSQL, Redis, the simulated Baseten and the sender on one machine; legacy ` +
      `expression engine; medians of up to ${Math.max(0, ...rates.map(({ rounds }) => rounds.length))} rounds (answered, lost and twice: the worst). ${setupLine(results)}.`,
    '### Predictions by workers',
    `${first?.executions} executions of ${first?.items} predictions at 100 ms, started at once. More workers help as long as there are cores for them.`,
    table(['Workers', 'Against one', 'Predictions/s', 'Seconds', 'Lost', 'Twice'], predictionRows),
    '### Deliveries through two webhook processors',
    `${deliveries[0]?.deliveries} deliveries at once. They are answered by the webhook processors; workers only run what comes after.`,
    table(
      ['Workers', '200 within 10 s', 'Deliveries/s', 'Slowest answer', 'Seconds until all had run'],
      deliveryRows,
    ),
    '### Bursts by size and database',
    `${bursts[0]?.deliveries} deliveries at once to one Baseten Trigger.`,
    table(
      ['n8n', 'Payload', '200 within 10 s', 'Deliveries/s', 'Slowest answer', 'Executions'],
      burstRows,
    ),
  ].join('\n\n');
}

function answers(
  rounds: Array<{ answered: number; perSecond: number; slowestMs: number }>,
): string[] {
  return [
    String(Math.min(...rounds.map(({ answered }) => answered))),
    median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
    `${(median(rounds.map(({ slowestMs }) => slowestMs)) / 1_000).toFixed(2)} s`,
  ];
}

function grouped<T>(values: T[], keyOf: (value: T) => string): Array<[string, T[]]> {
  const groups = new Map<string, T[]>();
  for (const value of values)
    groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return [...groups];
}
