// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

/**
 * How a parent stands, as far as this process knows.
 * - `parked`: it waits;
 * - `waking`: this process has begun to wake it, and n8n has not recorded that yet;
 * - `woken`: n8n has recorded it;
 * - `ending`: its keeper is about to end the wait with an error.
 */
export type Standing = 'parked' | 'waking' | 'woken' | 'ending';

/**
 * What a parent is told: what its keeper sends (`last` is a probe before the end), or a result of
 * Baseten's. `result`: the parent can go on with it. `part`: the keeper must have it, because there
 * are several items, or because only the keeper can make a failure the error of the node.
 */
export type Heard = 'probe' | 'last' | 'deliver' | 'result' | 'part';

/** What the parent does. */
export type Move =
  | 'sayParked'
  | 'sayWaking'
  | 'sayGone'
  | 'sayTaken'
  /** Says that it is parked, and takes no more results: its keeper ends the wait. */
  | 'end'
  /** Goes on with what came. */
  | 'wake'
  /** Gives the result to the keeper, and answers when that has it. */
  | 'handOver'
  /** Answers as soon as it is known whether the waking that has begun was recorded. */
  | 'awaitWaking'
  /** Accepts a result that is not needed any more. */
  | 'drop';

/** What a parent does while n8n keeps it parked, by how it stands and what it is told. */
export const PARENT: Record<Standing, Record<Heard, Move>> = {
  parked: { probe: 'sayParked', last: 'end', deliver: 'wake', result: 'wake', part: 'handOver' },
  waking: {
    probe: 'sayWaking',
    last: 'sayWaking',
    deliver: 'sayWaking',
    result: 'awaitWaking',
    part: 'awaitWaking',
  },
  woken: { probe: 'sayGone', last: 'sayGone', deliver: 'sayTaken', result: 'drop', part: 'drop' },
  ending: { probe: 'sayParked', last: 'end', deliver: 'wake', result: 'drop', part: 'drop' },
};

/** Milliseconds that a turn takes in which one item may wake a parent whose keeper is gone. */
const TURN = 2_000;

/**
 * Milliseconds until it is the turn of an item, the same in all processes.
 * @param count how many items take turns
 * @param now milliseconds since 1970
 */
export function untilTurnOf(item: number, count: number, now: number): number {
  const round = count * TURN;
  return (item * TURN - (now % round) + round) % round;
}

/** What is known of a wait that is not merely parked. */
interface Known {
  standing: Exclude<Standing, 'parked'>;
  /** When this is forgotten, in milliseconds since 1970. */
  until: number;
  /** Those who want to know whether n8n recorded the waking that has begun. */
  curious: Array<(isRecorded: boolean) => void>;
}

/** Milliseconds that a standing is remembered. A waking may wait for one of n8n's free places. */
const REMEMBERED = { waking: 3_600_000, woken: 60_000, ending: 300_000 };

/**
 * How the parents stand that this process has to do with. n8n loads an execution, and wakes it some
 * time later from that copy: a second waking would undo what the first one led to. So one process
 * begins only one. Times are in milliseconds since 1970.
 */
export class Standings {
  private readonly known = new Map<string, Known>();

  /** How the parent of a wait stands. */
  of(wait: string, now: number): Standing {
    const known = this.known.get(wait);
    return known && known.until > now ? known.standing : 'parked';
  }

  /** Notes that a waking has begun. */
  wake(wait: string, now: number): void {
    this.note(wait, 'waking', now);
  }

  /** Notes whether n8n recorded the waking: the parent is woken then, or parked as before. */
  recorded(wait: string, isRecorded: boolean, now: number): void {
    const { curious } = this.known.get(wait) ?? { curious: [] };
    if (isRecorded) this.note(wait, 'woken', now);
    else this.known.delete(wait);
    for (const tell of curious) tell(isRecorded);
  }

  /** Tells whether the waking that has begun was recorded, once that is known. */
  onRecorded(wait: string, tell: (isRecorded: boolean) => void): void {
    this.known.get(wait)?.curious.push(tell);
  }

  /** Notes that a keeper is about to end its wait. */
  end(wait: string, now: number): void {
    this.note(wait, 'ending', now);
  }

  private note(wait: string, standing: Known['standing'], now: number): void {
    this.known.delete(wait);
    this.known.set(wait, { standing, until: now + REMEMBERED[standing], curious: [] });
    for (const [each, { until }] of this.known) if (until <= now) this.known.delete(each);
  }
}
