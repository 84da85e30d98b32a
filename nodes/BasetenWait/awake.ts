// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import {
  at,
  failedItem,
  looksLeft,
  looksOf,
  type Command,
  type Keeper,
  type Tracked,
} from './keeper';

/** Milliseconds after which n8n is sure to notice a deadline by itself: it looks once a minute. */
const SWEEP = 60_000;
/** A deadline that is nearer than this is not left to n8n alone. */
const ALARM_WITHIN = 15_000;
/** Milliseconds that the keeper sleeps at least, so that what came meanwhile can be handed over. */
const SHORTEST_SLEEP = 1_000;
/** Milliseconds until a parent is asked again that could not say what it is. */
const ASK_AGAIN = 5_000;
/** Items that one turn looks at: Baseten allows some 20 looks a second. */
const MOST_LOOKS = 45;

/** One line of the keeper's table. While it is awake, the first line that applies counts. */
interface Line {
  /** What it is about, in words. */
  line: string;
  applies(keeper: Keeper, now: number): boolean;
  command(keeper: Keeper, now: number): Command;
}

/** What the keeper does while it is awake. */
export const AWAKE: Line[] = [
  {
    line: 'it is done, and sleeps until it is closed',
    applies: ({ phase }) => phase === 'done',
    command: (_, now) => ({ do: 'park', until: now, alarm: true }),
  },
  {
    line: 'the parent went on without it: what is still queued is not wanted any more',
    applies: ({ awake }) => awake.parent === 'gone',
    command: (keeper) => ({ do: 'cancel', items: at(keeper, 'pending') }),
  },
  {
    line: 'somebody wakes the parent: see later whether that worked',
    applies: ({ awake }) => awake.parent === 'waking',
    command: (_, now) => ({ do: 'park', until: now + SWEEP, alarm: false }),
  },
  {
    line: 'nobody could say what the parent is: ask again soon',
    applies: ({ awake }) => awake.parent === 'unclear' || awake.parent === 'awake',
    command: ({ unclear }, now) =>
      parkUntil(now + Math.min(ASK_AGAIN * 2 ** (unclear - 1), SWEEP), now),
  },
  {
    line: 'nothing is submitted before the parent is parked',
    applies: ({ phase }) => phase === 'ready',
    command: () => ({ do: 'probe', last: false, patient: true }),
  },
  {
    line: 'an item failed, and that ends the wait',
    applies: (keeper) => keeper.stops && failedItem(keeper) !== undefined,
    command(keeper) {
      if (!keeper.awake.isLast) return { do: 'probe', last: true, patient: false };
      if (!keeper.awake.hasCanceled) return { do: 'cancel', items: at(keeper, 'pending') };
      return { do: 'fail', item: failedItem(keeper) ?? 0 };
    },
  },
  {
    line: 'every item is settled: the parent gets them',
    applies: ({ items }) => items.every(({ stage }) => stage === 'settled'),
    command({ awake }) {
      if (!awake.handsBack) return { do: 'deliver' };
      return awake.isLast ? { do: 'handBack' } : { do: 'probe', last: true, patient: false };
    },
  },
  {
    line: 'items are to be submitted, if the parent is still parked',
    applies: (keeper, now) =>
      at(keeper, 'new').length > 0 && now >= keeper.submitAt && !keeper.awake.hasSubmitted,
    command: (keeper) =>
      keeper.awake.parent === undefined
        ? { do: 'probe', last: false, patient: false }
        : { do: 'submit', items: at(keeper, 'new') },
  },
  {
    line: 'it is time to look at requests',
    applies: (keeper, now) => !keeper.awake.hasLooked && isLookDue(keeper, now),
    command: (keeper) => ({ do: 'look', items: looksOf(keeper).slice(0, MOST_LOOKS) }),
  },
  {
    line: 'what was seen counts only if the parent still waits for it',
    applies: ({ awake }) => awake.sights !== undefined,
    command: () => ({ do: 'probe', last: false, patient: false }),
  },
  {
    line: 'nothing is to be done now',
    applies: () => true,
    command: (keeper, now) => parkUntil(nextTime(keeper), now),
  },
];

/** What the keeper does next, at a time in milliseconds since 1970. */
export function nextCommand(keeper: Keeper, now: number): Command {
  const line = AWAKE.find(({ applies }) => applies(keeper, now)) as Line;
  return line.command(keeper, now);
}

function isLookDue(keeper: Keeper, now: number): boolean {
  const pending = at(keeper, 'pending').map((index) => keeper.items[index] as Tracked);
  if (pending.length === 0) return false;
  const isOverdue = pending.some(({ waitUntil = Infinity }) => now >= waitUntil);
  return now >= keeper.lookAt || isOverdue || looksLeft(keeper).length > 0;
}

/** When there is something to do again, if nothing wakes it before. */
function nextTime(keeper: Keeper): number {
  if (looksLeft(keeper).length > 0) return 0;
  const { items, lookAt, submitAt } = keeper;
  return Math.min(
    ...(at(keeper, 'new').length > 0 ? [submitAt] : []),
    ...(at(keeper, 'pending').length > 0 ? [lookAt] : []),
    ...items.map(({ stage, waitUntil = Infinity }) => (stage === 'pending' ? waitUntil : Infinity)),
  );
}

function parkUntil(time: number, now: number): Command {
  const until = Math.max(time, now + SHORTEST_SLEEP);
  return { do: 'park', until, alarm: until - now <= ALARM_WITHIN };
}
