import { type Setup, setupLine } from '../shared/benchmark';
import type { BurstFigures } from '../shared/burst';
import { median, roundCounts, skippedLines, table, times } from '../shared/figures';

/** The two nodes that are compared. */
export type Receiver = 'basetenTrigger' | 'webhook';

/** An n8n to measure on. */
export interface Setting {
  name: string;
  /** What sets it apart, as n8n's environment. */
  env: Record<string, string>;
  /** How many deliveries at once. */
  sizes: number[];
}

/** One burst, to one node. */
export interface DeliveryRound extends BurstFigures {
  setting: string;
  receiver: Receiver;
  size: number;
  executions: number;
  /** Results that were sent and are in no execution. */
  lost: number;
  /** Results that are in more than one execution. */
  twice: number;
}

/** The content of `bench/results/deliveries.json`. */
export interface DeliveryResults extends Setup {
  n8n: string;
  settings: Setting[];
  rounds: DeliveryRound[];
  /** What there was no time for. */
  skipped: string[];
}

type Figure = 'perSecond' | 'slowestMs' | 'answered' | 'executions' | 'lost' | 'twice';

/** Medians of several bursts of one kind; the maximum for lost and repeated results. */
type ReceiverFigures = Record<Figure | 'rounds', number>;

/** The two nodes under the same conditions. */
interface Comparison {
  setting: string;
  size: number;
  trigger: ReceiverFigures;
  webhook: ReceiverFigures;
}

const RATIO_HEAD = [
  'n8n',
  'At once',
  'Deliveries/s',
  'Executions',
  '200 within 10 s: Baseten Trigger',
  'Webhook',
];
const FIGURES_HEAD = [
  'n8n',
  'At once',
  'Node',
  'Deliveries/s',
  'Slowest response',
  '200 within 10 s',
  'Executions',
  'Lost',
  'Twice',
];

/** Returns the section of `RESULTS.md` about deliveries: first the ratios, then the figures. */
export function deliveriesSection(results: DeliveryResults): string {
  const { n8n, rounds, skipped } = results;
  const comparisons = compare(results);
  const counts = roundCounts(comparisons.map(({ trigger }) => trigger.rounds));
  return [
    '## Deliveries',
    `n8n ${n8n}; ${rounds.length} bursts, medians of ${counts} (lost and twice: the worst). ` +
      `${setupLine(results)}.`,
    '### Baseten Trigger against the Webhook node',
    table(RATIO_HEAD, comparisons.map(ratios)),
    '### Figures',
    table(FIGURES_HEAD, comparisons.flatMap(figures)),
    ...skippedLines(skipped),
  ].join('\n\n');
}

/** One comparison for each setting and size, in the order in which they were measured. */
function compare({ settings, rounds }: DeliveryResults): Comparison[] {
  return settings.flatMap(({ name: setting, sizes }) =>
    sizes.flatMap((size) => {
      const of = (receiver: Receiver) =>
        summarize(
          rounds.filter(
            (round) =>
              round.setting === setting && round.size === size && round.receiver === receiver,
          ),
        );
      const [trigger, webhook] = [of('basetenTrigger'), of('webhook')];
      return trigger && webhook ? [{ setting, size, trigger, webhook }] : [];
    }),
  );
}

function summarize(rounds: DeliveryRound[]): ReceiverFigures | undefined {
  if (rounds.length === 0) return undefined;
  const all = (key: Figure) => rounds.map((round) => round[key]);
  return {
    rounds: rounds.length,
    perSecond: median(all('perSecond')),
    slowestMs: median(all('slowestMs')),
    answered: median(all('answered')),
    executions: median(all('executions')),
    lost: Math.max(...all('lost')),
    twice: Math.max(...all('twice')),
  };
}

function ratios({ setting, size, trigger, webhook }: Comparison): string[] {
  const fewer = webhook.executions / trigger.executions;
  return [
    setting,
    String(size),
    `${times(trigger.perSecond / webhook.perSecond)} as many`,
    fewer >= 1 ? `${times(fewer)} fewer` : `${times(1 / fewer)} as many`,
    `${whole(trigger.answered)} of ${size}`,
    `${whole(webhook.answered)} of ${size}`,
  ];
}

function figures({ setting, size, trigger, webhook }: Comparison): string[][] {
  const row = (name: string, of: ReceiverFigures) => [
    setting,
    String(size),
    name,
    whole(of.perSecond),
    `${(of.slowestMs / 1000).toFixed(2)} s`,
    ...[of.answered, of.executions, of.lost, of.twice].map(whole),
  ];
  return [row('Baseten Trigger', trigger), row('Webhook', webhook)];
}

const whole = (value: number) => value.toFixed(0);
