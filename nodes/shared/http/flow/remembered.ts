// Decisions: docs/decisions.md, "The node finds out how much a deployment takes".

import type { Time } from '../../time';

/** How long something is remembered that nobody uses. */
const UNUSED_MS = 30 * 60_000;
/** How much is remembered at most; what is busy is not counted out. */
const MOST = 1000;

/**
 * What this process knows about others by their names, such as how much a deployment takes. What
 * nobody has used for half an hour is forgotten, since it may not hold any more. If there is too
 * much of it, what was used longest ago goes first.
 */
export class Remembered<Value extends { isBusy: boolean }> {
  /** What was used longest ago comes first. */
  private readonly entries = new Map<string, { value: Value; usedAt: number }>();

  /** @param make makes the value of a name that is not known */
  constructor(
    private readonly time: Time,
    private readonly make: () => Value,
  ) {}

  /** @returns the value of a name */
  of(name: string): Value {
    const now = this.time.elapsed();
    const known = this.entries.get(name);
    const isFresh = known && (known.value.isBusy || now - known.usedAt < UNUSED_MS);
    const value = isFresh ? known.value : this.make();
    this.entries.delete(name);
    this.entries.set(name, { value, usedAt: now });
    if (this.entries.size > MOST) this.forgetOldest();
    return value;
  }

  private forgetOldest(): void {
    for (const [name, { value }] of this.entries) {
      if (value.isBusy) continue;
      this.entries.delete(name);
      return;
    }
  }
}
