import { setupLine } from '../shared/machine';
import { table } from '../shared/markdown';
import { HEAD, RATIO_HEAD, ratioRows, rows } from './rows';
import { compare } from './summary';
import type { DeliveryResults } from './types';

/** The part of `RESULTS.md` about receiving: first one node against the other, then the figures. */
export function deliveriesSection(results: DeliveryResults): string {
  const { n8n, rounds, skipped } = results;
  const comparisons = compare(results);
  const counts = [...new Set(comparisons.map(({ trigger }) => trigger.rounds))].sort(
    (a, b) => a - b,
  );
  const lines = [
    '## Deliveries',
    'A burst is that many signed results sent at the same time to one node, with a node behind it that does ' +
      'nothing. The two nodes take turns on the same n8n, after bursts that warm it up. An answer that takes over 10 s comes ' +
      `too late for Baseten. n8n ${n8n}; ${rounds.length} bursts, medians of ${counts.join(' to ')} (lost and twice: the worst). ` +
      `${setupLine(results)}.`,
    '### Baseten Trigger against the Webhook node',
    table(RATIO_HEAD, ratioRows(comparisons)),
    '### Figures',
    table(HEAD, rows(comparisons)),
  ];
  if (skipped.length > 0) lines.push(`Not measured, for lack of time: ${skipped.join('; ')}.`);
  return lines.join('\n\n');
}
