import type { CallerId, Condition, Place } from './types';

/** Requests in flight at once, if the caller lets one choose. */
export const IN_FLIGHT = 16;

/** What makes predictions: a node in n8n, or a program without n8n. */
export interface Caller {
  id: CallerId;
  /** Its name in tables. */
  name: string;
  places: Place[];
  /** A program without n8n. It is measured together with the callers in the engine. */
  isWithoutN8n?: boolean;
}

const EVERYWHERE: Place[] = ['engine', 'n8n'];

/** Whether a caller is our node. */
export const isOurNode = (caller: CallerId) =>
  caller === 'node' || caller === 'nodeNothingSet' || caller === 'nodeOverN8n';

/** Everything that is compared, in the order of the tables. */
export const CALLERS: Caller[] = [
  { id: 'node', name: 'this node', places: EVERYWHERE },
  { id: 'nodeNothingSet', name: 'this node, nothing set', places: EVERYWHERE },
  { id: 'nodeOverN8n', name: "this node, through n8n's HTTP client", places: EVERYWHERE },
  { id: 'httpRequest', name: 'HTTP Request node, all at once', places: EVERYWHERE },
  {
    id: 'httpRequestBatches',
    name: `HTTP Request node, batches of ${IN_FLIGHT}`,
    places: EVERYWHERE,
  },
  { id: 'loop', name: 'a loop that awaits each item', places: EVERYWHERE },
  {
    id: 'performanceClient',
    name: "Baseten's performance client",
    places: ['engine'],
    isWithoutN8n: true,
  },
  { id: 'undici', name: 'bare `undici`', places: ['engine'], isWithoutN8n: true },
  { id: 'fetch', name: 'bare `fetch`', places: ['engine'], isWithoutN8n: true },
  // The workflow without a call. Its CPU time is subtracted from the others'.
  { id: 'nothing', name: 'no calls', places: ['n8n'] },
];

/** Returns a caller's name, with a note if it is a program without n8n. */
export const fullName = ({ name, isWithoutN8n }: Caller) =>
  isWithoutN8n ? `${name} (without n8n)` : name;

/** Every condition that is measured, in this order. */
export const CONDITIONS: Condition[] = [
  { items: 200, modelMs: 100, eachWayMs: 0 },
  { items: 200, modelMs: 0, eachWayMs: 0 },
  { items: 2000, modelMs: 100, eachWayMs: 0 },
  { items: 2000, modelMs: 0, eachWayMs: 0 },
  { items: 200, modelMs: 100, eachWayMs: 30 },
  { items: 200, modelMs: 0, eachWayMs: 30 },
  { items: 2000, modelMs: 100, eachWayMs: 30 },
];

/**
 * What each caller does before anything is measured. n8n runs for days, so the time that V8 needs
 * to compile is of no interest.
 */
export const WARM_UP: Condition = { items: 2000, modelMs: 0, eachWayMs: 0 };

/**
 * Callers measured with 2,000 slow predictions. The others would take minutes and show nothing new.
 */
const SLOW_AND_MANY: CallerId[] = [
  'node',
  'nodeNothingSet',
  'httpRequest',
  'httpRequestBatches',
  'undici',
  'nothing',
];
/** Predictions of the loop over a delay. It makes one after the other, so more show nothing new. */
const LOOP_OVER_DELAY = 40;

/** Returns the callers that are measured under a condition. */
export function callersUnder({ items, modelMs, eachWayMs }: Condition, place: Place): Caller[] {
  const isSlowAndMany = items * (modelMs + eachWayMs) > 50_000;
  return CALLERS.filter(
    ({ id, places }) => places.includes(place) && (!isSlowAndMany || SLOW_AND_MANY.includes(id)),
  );
}

/** Returns the condition for one caller: the loop makes fewer predictions over a delay. */
export function conditionOf(caller: CallerId, condition: Condition): Condition {
  const isLong = caller === 'loop' && condition.eachWayMs > 0;
  return isLong ? { ...condition, items: Math.min(condition.items, LOOP_OVER_DELAY) } : condition;
}

/**
 * Returns the milliseconds between two batches of the HTTP Request node. The responses to the batch
 * before take a round trip each for TCP, TLS and the request itself, and the model's time. With 0
 * the node makes no batches, so it is at least 1.
 */
export function batchInterval({ modelMs, eachWayMs }: Condition): number {
  return Math.max(1, modelMs + 3 * 2 * eachWayMs);
}

/**
 * Returns the most predictions a second that `IN_FLIGHT` at a time allow over open connections.
 * Infinity if neither the model nor the way to it takes time.
 */
export function limitPerSecond({ modelMs, eachWayMs }: Condition): number {
  return (IN_FLIGHT / (modelMs + 2 * eachWayMs)) * 1000;
}

/** Returns what the items hold. Each is the body of its request. */
export function itemsOf({ items, modelMs }: Condition): Array<{ n: number; delay_ms: number }> {
  return Array.from({ length: items }, (_, n) => ({ n, delay_ms: modelMs }));
}

/** Returns a name like `200 at 100 ms`, with the delay if there is one. */
export function conditionName({ items, modelMs, eachWayMs }: Condition): string {
  const delay = eachWayMs > 0 ? `, ${eachWayMs} ms each way` : '';
  return `${items.toLocaleString('en-US')} at ${modelMs} ms${delay}`;
}
