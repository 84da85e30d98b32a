// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { KeeperReply, ToKeeper } from '../shared/waiting/messages';
import type { Keeper } from './keeper';

/** What can be seen of a keeper that sleeps. */
export interface View {
  phase: Keeper['phase'];
  /** How often it was awake. */
  turn: number;
  /** Positions of the items whose results it has. */
  have: number[];
}

/** What a message does to a keeper that sleeps: it wakes it, ends it, or only asks. */
type Move = 'wake' | 'end' | 'tell';

/** What the keeper does while it sleeps, by how far it is and what it is told. */
const ASLEEP: Record<Keeper['phase'], Record<ToKeeper['kind'], Move>> = {
  ready: { go: 'wake', keep: 'wake', have: 'tell', close: 'end' },
  watching: { go: 'wake', keep: 'wake', have: 'tell', close: 'end' },
  done: { go: 'tell', keep: 'tell', have: 'tell', close: 'end' },
};

/** What can be seen of a keeper before it was awake for the first time. */
export const UNSTARTED: View = { phase: 'ready', turn: 0, have: [] };

/** What can be seen of a keeper while it sleeps. */
export function viewOf({ phase, turn, items }: Keeper): View {
  const have = items.flatMap(({ settled }, index) =>
    settled && 'outcome' in settled ? [index] : [],
  );
  return { phase, turn, have };
}

/**
 * What a message does to a keeper that sleeps. A `go` for an earlier turn, and results that the
 * keeper has, need not wake it.
 */
export function hear({ phase, turn, have }: View, message: ToKeeper): Move {
  const move = ASLEEP[phase][message.kind] ?? 'tell';
  if (move !== 'wake') return move;
  if (message.kind === 'go') return message.turn === turn ? 'wake' : 'tell';
  if (message.kind !== 'keep') return move;
  return Object.keys(message.results).every((item) => have.includes(Number(item)))
    ? 'tell'
    : 'wake';
}

/** What the keeper answers if it is not woken, or just before it is. */
export function replyOf({ phase, have }: View): KeeperReply {
  return { wait: phase, have };
}
