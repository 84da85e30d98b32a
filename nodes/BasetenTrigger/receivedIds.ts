// Decisions: docs/decisions.md, "Received request IDs are kept in memory and in static data".

import { createHash } from 'crypto';

/** Most IDs that a trigger keeps in n8n's database, so that they survive a restart. */
const KEPT_IN_DATABASE = 500;

/** Most IDs that this process keeps in memory for one trigger. */
const KEPT_IN_MEMORY = 20_000;

/**
 * Milliseconds after which no repeat can come: Baseten repeats within a minute, people redeliver
 * within a day.
 */
const KEPT_FOR = 24 * 60 * 60 * 1000;

/**
 * Characters of base64 that stand for an ID. They are 72 bits, so two IDs do not share them by
 * chance.
 */
const KEY_LENGTH = 12;

/** Characters of base 36 that hold milliseconds since 1970, until 2059. */
const TIME_LENGTH = 8;

const ENTRY_LENGTH = KEY_LENGTH + TIME_LENGTH;

/**
 * Milliseconds between two changes of the static data. n8n saves it as a whole, so each change can
 * undo what other nodes of the workflow have just stored in theirs.
 */
const STORED_EVERY = 1000;

/** What the trigger keeps in its node's static data. */
export interface StaticData {
  /**
   * A key and a time for each ID, one entry after the other, newest first. It is a text because n8n
   * parses the static data, and wraps every object in it, at each request. With 500 IDs as an
   * object that took 0.14 ms, of 1.2 ms for the whole delivery.
   */
  received?: string;
}

/**
 * Remembers which request IDs are in an execution already. This process knows its own for certain.
 * Those of other processes, or from before a restart, come from the workflow's static data. That is
 * less certain, because processes can overwrite each other's static data.
 */
export class ReceivedIds {
  /** Keys and times for each trigger, the newest last. */
  private readonly byTrigger = new Map<string, Map<string, number>>();

  /** When the static data of each trigger was changed last, in milliseconds since 1970. */
  private readonly storedAt = new Map<string, number>();

  /** @param now gives the time in milliseconds since 1970 */
  constructor(private readonly now: () => number = () => Date.now()) {}

  /** Whether a request ID is known to be in an execution already. */
  has(trigger: string, { received }: StaticData, requestId: string): boolean {
    const key = keyOf(requestId);
    const at = this.keys(trigger).get(key) ?? timeOf(key, received);
    return at !== undefined && this.now() - at < KEPT_FOR;
  }

  /** Remembers IDs whose execution is recorded. */
  add(trigger: string, requestIds: string[]): void {
    const keys = this.keys(trigger);
    for (const requestId of requestIds) {
      const key = keyOf(requestId);
      // Deleted first, so that it moves to the end: a map keeps the order of insertion.
      keys.delete(key);
      keys.set(key, this.now());
    }
    for (const oldest of keys.keys()) {
      if (keys.size <= KEPT_IN_MEMORY) break;
      keys.delete(oldest);
    }
  }

  /**
   * Adds to the static data what this process remembers, and the IDs of the execution that is about
   * to be recorded. n8n saves the static data together with that execution. It does that once a
   * second at most; what comes in between is stored the next time.
   * @returns whether it changed the static data
   */
  store(trigger: string, staticData: StaticData, requestIds: string[]): boolean {
    const now = this.now();
    const sinceLast = now - (this.storedAt.get(trigger) ?? -Infinity);
    if (sinceLast >= 0 && sinceLast < STORED_EVERY) return false;
    this.storedAt.set(trigger, now);
    const all = new Map(entries(staticData.received));
    // Only the newest of the many in memory fit. Sorting them all would slow every execution down.
    for (const [key, at] of newest(this.keys(trigger))) all.set(key, at);
    for (const requestId of requestIds) all.set(keyOf(requestId), now);
    staticData.received = [...all]
      .filter(([, at]) => now - at < KEPT_FOR)
      .sort(([, a], [, b]) => ageOf(a, now) - ageOf(b, now))
      .slice(0, KEPT_IN_DATABASE)
      .map(([key, at]) => key + at.toString(36).padStart(TIME_LENGTH, '0'))
      .join('');
    return true;
  }

  private keys(trigger: string): Map<string, number> {
    let keys = this.byTrigger.get(trigger);
    if (!keys) {
      keys = new Map();
      this.byTrigger.set(trigger, keys);
    }
    return keys;
  }
}

/**
 * Milliseconds since a time. One that is still to come is from before the clock was set back: such
 * IDs must not take the place of those that come now.
 */
function ageOf(at: number, now: number): number {
  return at > now ? KEPT_FOR : now - at;
}

function keyOf(requestId: string): string {
  return createHash('sha256').update(requestId).digest('base64url').slice(0, KEY_LENGTH);
}

/** When an ID was received. It does not read all entries, since it runs for every delivery. */
function timeOf(key: string, received: unknown): number | undefined {
  if (typeof received !== 'string') return undefined;
  for (let at = received.indexOf(key); at >= 0; at = received.indexOf(key, at + 1)) {
    // At any other place, the end of one entry and the start of the next only look like the key.
    if (at % ENTRY_LENGTH === 0) return timeAt(received, at);
  }
  return undefined;
}

/** Keys and times of the static data; none if something else is stored there. */
function* entries(received: unknown): Generator<[string, number]> {
  if (typeof received !== 'string') return;
  for (let at = 0; at + ENTRY_LENGTH <= received.length; at += ENTRY_LENGTH) {
    yield [received.slice(at, at + KEY_LENGTH), timeAt(received, at)];
  }
}

function timeAt(received: string, at: number): number {
  return parseInt(received.slice(at + KEY_LENGTH, at + ENTRY_LENGTH), 36);
}

function* newest(keys: Map<string, number>): Generator<[string, number]> {
  let older = keys.size - KEPT_IN_DATABASE;
  for (const entry of keys) if (older-- <= 0) yield entry;
}
