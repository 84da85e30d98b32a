import { times } from '../shared/markdown';
import type { Cell, Comparison } from './summary';

export const HEAD = [
  'n8n',
  'At once',
  'Node',
  'Deliveries/s',
  'Slowest answer',
  '200 within 10 s',
  'Executions',
  'Lost',
  'Twice',
];

/** Two rows for each comparison. */
export function rows(comparisons: Comparison[]): string[][] {
  return comparisons.flatMap(({ setting, size, trigger, webhook }) => [
    [setting, String(size), 'Baseten Trigger', ...figures(trigger)],
    [setting, String(size), 'Webhook', ...figures(webhook)],
  ]);
}

export const RATIO_HEAD = [
  'n8n',
  'At once',
  'Deliveries/s',
  'Executions',
  '200 within 10 s: Baseten Trigger',
  'Webhook',
];

/** What the trigger has over the Webhook node. */
export function ratioRows(comparisons: Comparison[]): string[][] {
  return comparisons.map(({ setting, size, trigger, webhook, faster, fewer }) => [
    setting,
    String(size),
    `${times(faster)} as many`,
    fewer >= 1 ? `${times(fewer)} fewer` : `${times(1 / fewer)} as many`,
    `${whole(trigger.answered)} of ${size}`,
    `${whole(webhook.answered)} of ${size}`,
  ]);
}

function figures({ perSecond, slowestMs, answered, executions, lost, twice }: Cell): string[] {
  const slowest = `${(slowestMs / 1000).toFixed(2)} s`;
  return [whole(perSecond), slowest, whole(answered), whole(executions), whole(lost), whole(twice)];
}

const whole = (value: number) => value.toFixed(0);
