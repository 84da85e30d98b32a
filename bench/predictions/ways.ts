import type { Condition, Place, WayId } from './types';

/** Requests in flight at once, wherever that can be chosen. */
export const IN_FLIGHT = 16;

export interface Way {
  id: WayId;
  /** As tables have it. */
  name: string;
  places: Place[];
  /** Made by a program without n8n: measured beside the engine's. */
  isOutside?: boolean;
}

const EVERYWHERE: Place[] = ['engine', 'n8n'];

export const WAYS: Way[] = [
  { id: 'node', name: 'this node', places: EVERYWHERE },
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
    isOutside: true,
  },
  { id: 'undici', name: 'bare `undici`', places: ['engine'], isOutside: true },
  { id: 'fetch', name: 'bare `fetch`', places: ['engine'], isOutside: true },
  // The same workflow without any call: what n8n uses for it is taken off the others' CPU.
  { id: 'nothing', name: 'no calls', places: ['n8n'] },
];

export const CONDITIONS: Condition[] = [
  { items: 200, modelMs: 100, eachWayMs: 0 },
  { items: 200, modelMs: 0, eachWayMs: 0 },
  { items: 2000, modelMs: 100, eachWayMs: 0 },
  { items: 2000, modelMs: 0, eachWayMs: 0 },
  { items: 200, modelMs: 100, eachWayMs: 30 },
  { items: 200, modelMs: 0, eachWayMs: 30 },
  { items: 2000, modelMs: 100, eachWayMs: 30 },
];

/** What each way does before anything is measured: n8n runs for days, so what V8 has yet to compile is not what is asked. */
export const WARM_UP: Condition = { items: 2000, modelMs: 0, eachWayMs: 0 };

/** At 2,000 predictions that wait most of the time these show what there is to see. */
const SLOW_AND_MANY: WayId[] = ['node', 'httpRequest', 'httpRequestBatches', 'undici', 'nothing'];
/** Predictions that the loop makes with a delay on the way; one after the other they need no more to be measured. */
const LOOP_OVER_DELAY = 40;

/** The ways that are measured under a condition. */
export function waysUnder({ items, modelMs, eachWayMs }: Condition, place: Place): Way[] {
  const isSlowAndMany = items * (modelMs + eachWayMs) > 50_000;
  return WAYS.filter(
    ({ id, places }) => places.includes(place) && (!isSlowAndMany || SLOW_AND_MANY.includes(id)),
  );
}

/** The condition as one way meets it. */
export function conditionOf(way: WayId, condition: Condition): Condition {
  const isLong = way === 'loop' && condition.eachWayMs > 0;
  return isLong ? { ...condition, items: Math.min(condition.items, LOOP_OVER_DELAY) } : condition;
}

/**
 * Milliseconds between two batches of the HTTP Request node: until the one before is answered, which takes a round
 * trip each for TCP, TLS and the request itself, and the model's time. Its least is 1: with 0 it makes no batches.
 */
export function batchInterval({ modelMs, eachWayMs }: Condition): number {
  return Math.max(1, modelMs + 3 * 2 * eachWayMs);
}

/** Milliseconds that the predictions take at best with `IN_FLIGHT` at a time, over open connections. */
export function limitMs({ items, modelMs, eachWayMs }: Condition): number {
  return (items * (modelMs + 2 * eachWayMs)) / IN_FLIGHT;
}

/** What the items hold; each is the body of its request. */
export function itemsOf({ items, modelMs }: Condition): Array<{ n: number; delay_ms: number }> {
  return Array.from({ length: items }, (_, n) => ({ n, delay_ms: modelMs }));
}

/** `200 at 100 ms`, with the delay where there is one. */
export function conditionName({ items, modelMs, eachWayMs }: Condition): string {
  const delay = eachWayMs > 0 ? `, ${eachWayMs} ms each way` : '';
  return `${items.toLocaleString('en-US')} at ${modelMs} ms${delay}`;
}
