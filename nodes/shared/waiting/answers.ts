// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { Answer } from './post';

/**
 * What an execution is that was asked. n8n itself answers for one that does not wait:
 * - `awake`: it runs just now;
 * - `ended`: it has ended or waits at another node, or there is no such execution;
 * - `unclear`: something answered that is neither, such as an n8n that starts, or nothing did;
 * - `refused`: the message was too large;
 * - `unreachable`: there was no connection.
 */
export type Said =
  | { it: 'says'; json: Record<string, unknown> }
  | { it: 'awake' | 'ended' | 'missing' | 'unclear' | 'refused' | 'unreachable' };

/** Reads how a message was answered, by the execution itself or by n8n. */
export function readAnswer({ status, json }: Answer): Said {
  if (status === 'unreachable') return { it: 'unreachable' };
  if (status === 200 && typeof json?.wait === 'string') return { it: 'says', json };
  if (status === 413) return { it: 'refused' };
  // n8n's own errors are JSON with their status; what a proxy or a starting n8n says is not.
  if (json?.code === 404) return { it: 'missing' };
  if (json?.code === 409)
    return { it: /\brunning\b/.test(String(json.message)) ? 'awake' : 'ended' };
  return { it: 'unclear' };
}
