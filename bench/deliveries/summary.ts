import { median } from '../shared/statistics';
import type { DeliveryResults, Receiver, Round } from './types';

/** What several rounds of one kind come to: medians, and for what must not happen the worst. */
export interface Cell {
  rounds: number;
  perSecond: number;
  slowestMs: number;
  answered: number;
  executions: number;
  lost: number;
  twice: number;
}

/** The two nodes under the same conditions. */
export interface Comparison {
  setting: string;
  size: number;
  trigger: Cell;
  webhook: Cell;
  /** Deliveries a second of the trigger for one of the Webhook node. */
  faster: number;
  /** Executions of the Webhook node for one of the trigger. */
  fewer: number;
}

/** One comparison for each setting and size, in the order they were measured. */
export function compare({
  settings,
  rounds,
}: Pick<DeliveryResults, 'settings' | 'rounds'>): Comparison[] {
  return settings.flatMap(({ name, sizes }) =>
    sizes.flatMap((size) => {
      const of = (receiver: Receiver) =>
        summarize(
          rounds.filter((r) => r.setting === name && r.size === size && r.receiver === receiver),
        );
      const [trigger, webhook] = [of('basetenTrigger'), of('webhook')];
      if (!trigger || !webhook) return [];
      const faster = trigger.perSecond / webhook.perSecond;
      const fewer = webhook.executions / trigger.executions;
      return [{ setting: name, size, trigger, webhook, faster, fewer }];
    }),
  );
}

function summarize(rounds: Round[]): Cell | undefined {
  if (rounds.length === 0) return undefined;
  const all = (key: 'perSecond' | 'slowestMs' | 'answered' | 'executions' | 'lost' | 'twice') =>
    rounds.map((round) => round[key]);
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
