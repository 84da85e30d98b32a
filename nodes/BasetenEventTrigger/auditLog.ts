import type { IDataObject } from 'n8n-workflow';

import { entriesOf, type Manage, type Page } from '../shared/management/api';
import type { EventKind } from './event';
import type { SettingsOf } from './settings';

/** How far before the newest entry the log is read again, since entries may come out of order. */
const OVERLAP = 10 * 60 * 1000;
/** Entries on a page: as many as Baseten gives at most. */
const PAGE = 200;
/** Most entries whose IDs are kept. With more, less of the log is read again. */
const MOST_KEPT = 1000;

/** An entry of the audit log. Only what is read here has a name. */
interface Entry {
  id: string;
  /** ISO 8601. */
  created: string;
}

/** What is known of the log. */
interface Known {
  /** When the newest entry was made, in milliseconds since 1970; 0 if there was none. */
  newest: number;
  /** From when on all entries are known, in milliseconds since 1970. The log is read from there. */
  since: number;
  /** The entries since then. */
  ids: string[];
}

/**
 * Somebody did something in the workspace.
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export const auditLog: EventKind<SettingsOf<'auditLog'>, Known> = {
  async look({ manage }, { eventGroups }, known) {
    const ask = pagesOf(manage, eventGroups, known?.since);
    const seen = new Set(known?.ids);
    const entries: Entry[] = [];
    let newest = known?.newest ?? 0;
    for await (const entry of entriesOf(ask)) {
      newest = Math.max(newest, timeOf(entry));
      // The first poll only remembers, so it needs no more than what may come again.
      if (!known && timeOf(entry) < newest - OVERLAP) break;
      entries.push(entry);
    }
    const fresh = known ? entries.filter(({ id }) => !seen.has(id)) : [];
    if (known && fresh.length === 0) return { known, items: [] };
    const since = Math.max(known?.since ?? 0, sinceWhen(entries, newest));
    const ids = entries.filter((entry) => timeOf(entry) >= since).map(({ id }) => id);
    // Baseten gives the newest first. A workflow takes them in the order in which they happened.
    const items = fresh.reverse() as unknown as IDataObject[];
    return { known: { newest, since, ids }, items };
  },

  async latest({ manage }, { eventGroups }) {
    const { items } = await pagesOf(manage, eventGroups)(undefined, 1);
    return items[0] as unknown as IDataObject | undefined;
  },
};

/** Asks for the log page by page, the newest entries first. @param start milliseconds since 1970 */
function pagesOf(manage: Manage, groups: string[], start?: number) {
  return async (cursor?: string, limit = PAGE) =>
    await manage<Page<Entry>>({
      path: ['audit_logs'],
      query: { event_type_groups: groups, start_epoch_millis: start || undefined, limit, cursor },
      subject: 'the audit log',
    });
}

/** From when on entries are kept: all of the overlap, but not more of the newest than that. */
function sinceWhen(entries: Entry[], newest: number): number {
  const times = entries.map(timeOf).sort((one, other) => other - one);
  // Only whole milliseconds are left out, so that what is kept is all that there is since then.
  const firstLeftOut = times[MOST_KEPT] ?? -1;
  return Math.max(newest - OVERLAP, firstLeftOut + 1);
}

function timeOf({ created }: Entry): number {
  return Date.parse(created) || 0;
}
