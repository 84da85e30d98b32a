import type { Manage } from '../../../nodes/shared/management/api';
import { auditLog } from '../../../nodes/BasetenEventTrigger/auditLog';

const settings = { event: 'auditLog', eventGroups: [] as string[] } as const;
const NOW = Date.parse('2026-11-26T09:00:00Z');

/** An entry of the log. @param at milliseconds since 1970 */
const entry = (id: string, at: number) => ({ id, created: new Date(at).toISOString() });

/** A workspace's log, newest first, in pages. */
function worldOf(log: Array<{ id: string; created: string }>) {
  const manage = (async ({ query = {} }: { query?: Record<string, unknown> }) => {
    const start = Number(query.start_epoch_millis ?? 0);
    const all = log
      .filter(({ created }) => Date.parse(created) >= start)
      .sort((one, other) => Date.parse(other.created) - Date.parse(one.created));
    const from = Number(query.cursor ?? 0);
    const to = from + Number(query.limit);
    const has_more = to < all.length;
    return {
      items: all.slice(from, to),
      pagination: { has_more, cursor: has_more ? String(to) : null },
    };
  }) as unknown as Manage;
  return { manage, now: NOW, places: 1 };
}

test('of more entries in a few minutes than are kept, none comes again', async () => {
  const log = [entry('old', NOW)];
  const world = worldOf(log);
  const first = await auditLog.look(world, settings, undefined);
  log.push(...Array.from({ length: 1500 }, (_, number) => entry(`e${number}`, NOW + number * 10)));
  const second = await auditLog.look(world, settings, first.known);
  expect(second.items.map(({ id }) => id)).toStrictEqual(log.slice(1).map(({ id }) => id));
  const third = await auditLog.look(world, settings, second.known);
  expect(third.items).toStrictEqual([]);
  expect(JSON.stringify(third.known).length).toBeLessThan(20_000);
  log.push(entry('new', NOW + 20_000));
  const fourth = await auditLog.look(world, settings, third.known);
  expect(fourth.items.map(({ id }) => id)).toStrictEqual(['new']);
  expect((await auditLog.look(world, settings, fourth.known)).items).toStrictEqual([]);
});

test('more entries in one millisecond than are kept come once', async () => {
  const log = [entry('old', NOW)];
  const world = worldOf(log);
  const first = await auditLog.look(world, settings, undefined);
  log.push(...Array.from({ length: 1200 }, (_, number) => entry(`e${number}`, NOW + 1000)));
  const second = await auditLog.look(world, settings, first.known);
  expect(second.items).toHaveLength(1200);
  expect((await auditLog.look(world, settings, second.known)).items).toStrictEqual([]);
});

test('an entry that comes late, and out of order, is told', async () => {
  const log = [entry('old', NOW)];
  const world = worldOf(log);
  const first = await auditLog.look(world, settings, undefined);
  log.push(entry('late', NOW - 60_000));
  const second = await auditLog.look(world, settings, first.known);
  expect(second.items.map(({ id }) => id)).toStrictEqual(['late']);
  expect((await auditLog.look(world, settings, second.known)).items).toStrictEqual([]);
});
