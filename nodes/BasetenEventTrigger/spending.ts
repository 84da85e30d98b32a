import type { IDataObject } from 'n8n-workflow';

import { costsBetween } from '../shared/management/costs';
import type { EventKind, World } from './event';
import type { SettingsOf } from './settings';

type SpendingSettings = SettingsOf<'spending'>;

/** The period in which the limit was passed last, such as `2026-11`. */
type Known = { told?: string };

/**
 * What the workspace spent passed a limit: once a day or month in UTC, also if it had passed when
 * the trigger began to look.
 * @see https://docs.baseten.co/reference/management-api/billing/gets-billing-usage-summary
 */
export const spending: EventKind<SpendingSettings, Known> = {
  async look(world, settings, known = {}) {
    const period = periodOf(world, settings);
    // It is told once, so there is nothing to ask until the next period.
    if (known.told === period.name) return { known, items: [] };
    const { item, spent } = await spentIn(world, settings);
    if (spent <= settings.limit) return { known, items: [] };
    return { known: { told: period.name }, items: [item] };
  },

  async latest(world, settings) {
    return (await spentIn(world, settings)).item;
  },
};

async function spentIn(
  world: World,
  settings: SpendingSettings,
): Promise<{ item: IDataObject; spent: number }> {
  const { name, start } = periodOf(world, settings);
  // Baseten wants an end after the start, also in the first moment of a period.
  const end = Math.max(world.now, start + 1000);
  const { gross, total, subtotal } = await costsBetween(world.manage, start, end);
  // The larger of the two is what it costs before credits, so the other is what is left to pay.
  const net = Math.min(total, subtotal);
  const spent = settings.measure === 'net' ? net : gross;
  const time = new Date(world.now).toISOString();
  const item = { event: 'spending', period: name, limit: settings.limit, spent, gross, net, time };
  return { item, spent };
}

/** The day or month in UTC, and its first millisecond. */
function periodOf({ now }: World, { period }: SpendingSettings): { name: string; start: number } {
  const date = new Date(now).toISOString();
  const name = date.slice(0, period === 'day' ? '2026-11-26'.length : '2026-11'.length);
  return { name, start: Date.parse(period === 'day' ? name : `${name}-01`) };
}
