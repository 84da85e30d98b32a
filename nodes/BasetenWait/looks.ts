// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

/** Milliseconds before the first look. */
const SHORTEST = 60_000;
/** Baseten knows a request for an hour after its end, so two looks fall into that hour. */
const LONGEST = 30 * 60_000;
/** Milliseconds that Baseten gets to take a request out of its queue. */
const GRACE = 30_000;

/**
 * When to look at the status again, in milliseconds since 1970. Each look wakes the keeper, so they
 * are rare: when as much time has passed again as since the submission, and once when a request
 * must have left the queue.
 * @param since when the last submission was made, in milliseconds since 1970
 * @param queueEnds when requests expire that have not started, in milliseconds since 1970
 * @param now milliseconds since 1970
 */
export function nextLook(since: number, queueEnds: number[], now: number): number {
  const sleep = Math.min(Math.max(now - since, SHORTEST), LONGEST);
  const afterQueue = queueEnds.filter((end) => end > now).map((end) => end + GRACE);
  return Math.min(now + sleep, ...afterQueue);
}
