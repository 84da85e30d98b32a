import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { badRequest } from '../http/refusal';

/** What happened: the `event_data` of AuditLogEntryV1, with its `event_type`. */
export type AuditEvent = { event_type: string } & Record<string, unknown>;

/** Which group an event belongs to. */
const GROUPS: Record<string, string> = {
  MODEL_DEPLOYMENT_ACTIVATED: 'ACTIVATED_DEACTIVATED',
  MODEL_DEPLOYMENT_DEACTIVATED: 'ACTIVATED_DEACTIVATED',
  CHAIN_DEPLOYMENT_DEACTIVATED: 'ACTIVATED_DEACTIVATED',
  MODEL_DEPLOYMENT_RETRIED: 'DEPLOYED',
  MODEL_DEPLOYMENT_PROMOTED: 'PROMOTED',
  CHAIN_DEPLOYMENT_PROMOTED: 'PROMOTED',
  MODEL_PROMOTION_CONTROL_ACTION: 'PROMOTED',
};

interface Entry {
  id: string;
  at: number;
  event: AuditEvent;
}

/** What was done in the workspace. */
export class AuditLog {
  private readonly entries: Entry[] = [];

  constructor(private readonly clock: Clock) {}

  /** Adds what happens now. */
  add(event: AuditEvent): void {
    this.entries.push({ id: randomUUID(), at: this.clock.now(), event });
  }

  /**
   * A page of the log: ListAuditLogsResponseV1, the newest first unless asked otherwise.
   * @throws {Refusal} 400 if a parameter is not valid
   */
  page(query: Record<string, string | string[] | undefined>) {
    const limit = query.limit === undefined ? 20 : Number(query.limit);
    if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
      throw badRequest('limit has to be an integer from 1 to 200.');
    }
    const groups = query.event_type_groups === undefined ? [] : [query.event_type_groups].flat();
    const start = Number(query.start_epoch_millis ?? 0);
    const end = Number(query.end_epoch_millis ?? Infinity);
    const found = this.entries.filter(
      ({ at, event }) =>
        at >= start &&
        at <= end &&
        (groups.length === 0 || groups.includes(GROUPS[event.event_type] ?? '')),
    );
    const ordered = query.direction === 'ASC' ? found : found.reverse();
    const from = Number(query.cursor ?? 0);
    const more = from + limit < ordered.length;
    return {
      items: ordered.slice(from, from + limit).map(({ id, at, event }) => ({
        id,
        created: new Date(at).toISOString(),
        event_type: event.event_type,
        event_data: event,
        source: 'API',
        actor: {
          type: 'API_KEY',
          email: null,
          api_key_prefix: 'emulator',
          api_key_name: 'Emulator key',
        },
        client_name: null,
        client_version: null,
        client_session_id: null,
      })),
      pagination: { has_more: more, cursor: more ? String(from + limit) : null },
    };
  }
}
