// Decisions: docs/decisions.md, "A sub-execution waits for the result".

import type { PendingRequest } from '../shared/waiting/job';

/** Milliseconds before the first look. A model that needs less time should be called by Predict. */
const SHORTEST = 60_000;
/** Baseten knows a request for an hour after its end, so two looks fall into that hour. */
const LONGEST = 30 * 60_000;
/** Milliseconds that Baseten gets to take a request out of its queue. */
const GRACE = 30_000;

/**
 * When to look at the status of a request, in milliseconds since 1970. n8n refuses the result while
 * a look runs, so looks are rare: one when as much time has passed again as since the submission,
 * one when the request must have left the queue, and one when the time is up.
 * @param now milliseconds since 1970
 */
export function nextLook(
  { submittedAt, queueEnd, waitUntil }: PendingRequest,
  now: number,
): number {
  const sleep = Math.min(Math.max(now - submittedAt, SHORTEST), LONGEST);
  const afterQueue = now < queueEnd ? queueEnd + GRACE : Infinity;
  return Math.min(now + sleep, afterQueue, waitUntil);
}
