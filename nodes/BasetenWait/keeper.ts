// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { AsyncRequestStatus } from '../shared/async/status';

/** Why an item has no result. */
export type Reason =
  | { why: 'inference'; errors: NonNullable<AsyncRequestStatus['errors']> }
  | { why: 'EXPIRED' | 'CANCELED' }
  | { why: 'lost'; status: string; webhook: string }
  | { why: 'unknown'; words: string; hint: string }
  | { why: 'time'; last: string };

/** What became of an item: an outcome as JSON text, or a reason why there is none. */
export type Settled = { outcome: string; failed: boolean } | { reason: Reason; failed: true };

/** What the keeper knows of an item. Times are in milliseconds since 1970. */
export interface Tracked {
  /** `new`: to be submitted, for the first time or again. */
  stage: 'new' | 'pending' | 'settled';
  /** Milliseconds to wait for its result. */
  patience: number;
  /** Whether a lost result is submitted again. */
  resubmits: boolean;
  submissions: number;
  requestId?: string;
  /** When its request expires if it has not started. */
  queueEnd?: number;
  /** When to give up; set by its first submission. */
  waitUntil?: number;
  /** How often Baseten said that it does not know the request. */
  notFound: number;
  /** Why its status could not be had, as far as is known. */
  trouble?: string;
  settled?: Settled;
}

/** What a look at the status of a request shows. */
export type Sight =
  | { see: 'running'; status: string }
  | { see: 'failed'; reason: Reason; webhook: string }
  | { see: 'undelivered'; status: string; webhook: string }
  | { see: 'unknown'; words: string; hint: string }
  | { see: 'nothing'; trouble: string };

/**
 * What a parent is. `unclear`: something answered that is not it, such as an n8n that starts.
 * `awake`: n8n has not parked it yet, or has woken it.
 */
export type Parent = 'parked' | 'waking' | 'gone' | 'awake' | 'unclear' | 'unreachable';

/** All that the keeper remembers. It is saved with its execution. */
export interface Keeper {
  /** `ready`: nothing is submitted, because the parent may not be parked yet. */
  phase: 'ready' | 'watching' | 'done';
  /** Whether an item that fails ends the wait. */
  stops: boolean;
  /** How often it was awake. */
  turn: number;
  items: Tracked[];
  /** When the last submission was made. */
  since: number;
  lookAt: number;
  /** Items that are left of a look. */
  toLook: number[];
  /** When the next submission may start. */
  submitAt: number;
  /** Whether the parent was seen parked. If it is awake after that, it was woken. */
  wasParked: boolean;
  /** How often in a row nobody could say what the parent is. */
  unclear: number;
  /** What it has learned and done since it woke. */
  awake: Awake;
}

interface Awake {
  parent?: Parent;
  /** The parent knows that the keeper is about to end the wait. */
  isLast?: boolean;
  hasSubmitted?: boolean;
  hasLooked?: boolean;
  hasCanceled?: boolean;
  /** What was seen of each item, until the parent has said what it holds. */
  sights?: Record<number, Sight>;
  /** The results can't be delivered, so n8n is to hand them back. */
  handsBack?: boolean;
}

/** What the keeper does next. The last four end its being awake. */
export type Command =
  | { do: 'probe'; last: boolean; patient: boolean }
  | { do: 'submit'; items: number[] }
  | { do: 'look'; items: number[] }
  | { do: 'cancel'; items: number[] }
  | { do: 'deliver' }
  | { do: 'park'; until: number; alarm: boolean }
  | { do: 'fail'; item: number }
  | { do: 'handBack' };

/** What came of a command, or what woke the keeper. */
export type News =
  | { of: 'waking'; results: Record<string, Settled> }
  | { of: 'probe'; parent: Parent; holding: number[]; last: boolean }
  | { of: 'submit'; made: Record<number, Submitted | Settled>; nextAt: number }
  | { of: 'look'; sights: Record<number, Sight> }
  | { of: 'cancel' }
  | { of: 'deliver'; answer: Exclude<Parent, 'parked'> | 'taken' | 'refused' };

/** A request that Baseten took. */
interface Submitted {
  requestId: string;
  queueEnd: number;
}

/** A keeper that has just begun, at a time in milliseconds since 1970. */
export function newKeeper(
  stops: boolean,
  items: Array<Pick<Tracked, 'patience' | 'resubmits' | 'settled'>>,
  now: number,
): Keeper {
  return {
    phase: 'ready',
    stops,
    turn: 0,
    items: items.map((item) => ({
      ...item,
      stage: item.settled ? 'settled' : 'new',
      submissions: 0,
      notFound: 0,
    })),
    since: now,
    lookAt: now,
    toLook: [],
    submitAt: now,
    wasParked: false,
    unclear: 0,
    awake: {},
  };
}

/** Positions of the items that are at a stage. */
export function at({ items }: Keeper, stage: Tracked['stage']): number[] {
  return items.flatMap((item, index) => (item.stage === stage ? [index] : []));
}

/** Position of the first item that failed. */
export function failedItem({ items }: Keeper): number | undefined {
  const index = items.findIndex(({ settled }) => settled?.failed === true);
  return index < 0 ? undefined : index;
}

/** What is left of a look that takes several turns. */
export function looksLeft(keeper: Keeper): number[] {
  return keeper.toLook.filter((index) => keeper.items[index]?.stage === 'pending');
}

/** The requests to look at: those that are left of a look, or all. */
export function looksOf(keeper: Keeper): number[] {
  const left = looksLeft(keeper);
  return left.length > 0 ? left : at(keeper, 'pending');
}

export function queueEndsOf(keeper: Keeper): number[] {
  return at(keeper, 'pending').map((index) => keeper.items[index]?.queueEnd ?? 0);
}
