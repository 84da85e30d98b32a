/** IDs that are kept in n8n's database, so that a restart doesn't forget them. Every execution writes them all. */
const KEPT_IN_DATABASE = 500;

/** IDs that this process keeps a trigger. */
const KEPT_IN_MEMORY = 20_000;

/** Milliseconds after which no repeat can come: Baseten repeats within a minute, people redeliver within a day. */
const KEPT_FOR = 24 * 60 * 60 * 1000;

/** What the trigger keeps in its node's static data: request IDs and when they were received. */
export interface StaticData {
  received?: Record<string, number>;
}

/**
 * Remembers which request IDs are in an execution already. This process knows its own for sure; those of another
 * process, or from before a restart, come from the workflow's static data, which processes can overwrite one another.
 */
export class ReceivedIds {
  private readonly byTrigger = new Map<string, Map<string, number>>();

  /** Milliseconds since 1970. */
  constructor(private readonly now: () => number = Date.now) {}

  /** Whether a request ID is in an execution already, as far as is known. */
  has(trigger: string, staticData: StaticData, requestId: string): boolean {
    const at = this.ids(trigger).get(requestId) ?? own(staticData.received, requestId);
    return at !== undefined && this.now() - at < KEPT_FOR;
  }

  /** Remembers IDs whose execution is recorded. */
  add(trigger: string, requestIds: string[]): void {
    const ids = this.ids(trigger);
    for (const requestId of requestIds) {
      // Taken out first, so that the newest stand last.
      ids.delete(requestId);
      ids.set(requestId, this.now());
    }
    for (const oldest of ids.keys()) {
      if (ids.size <= KEPT_IN_MEMORY) break;
      ids.delete(oldest);
    }
  }

  /**
   * Puts into the static data what was loaded, what this process has seen, and the IDs of the execution that is
   * about to be recorded. n8n saves static data only once it is.
   */
  store(trigger: string, staticData: StaticData, requestIds: string[]): void {
    const now = this.now();
    const all = new Map(Object.entries(staticData.received ?? {}));
    // Of the many in memory only the newest can be kept; sorting them all would cost every execution.
    for (const [requestId, at] of [...this.ids(trigger)].slice(-KEPT_IN_DATABASE)) all.set(requestId, at);
    for (const requestId of requestIds) all.set(requestId, now);
    const newest = [...all]
      .filter(([, at]) => now - at < KEPT_FOR)
      .sort(([, a], [, b]) => b - a)
      .slice(0, KEPT_IN_DATABASE);
    staticData.received = Object.fromEntries(newest);
  }

  private ids(trigger: string): Map<string, number> {
    let ids = this.byTrigger.get(trigger);
    if (!ids) {
      ids = new Map();
      this.byTrigger.set(trigger, ids);
    }
    return ids;
  }
}

function own(received: Record<string, number> | undefined, requestId: string): number | undefined {
  return received && Object.hasOwn(received, requestId) ? received[requestId] : undefined;
}
