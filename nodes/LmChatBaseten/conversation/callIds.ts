// Decisions: docs/decisions.md, "The chat model calls through the client".

import { randomBytes } from 'crypto';

/** What stands behind the ID of a call: the mark of the answer that it belongs to. */
const MARK = /#([\da-f]{8})$/;

/** Makes the mark of an answer. All its calls have it. */
export function newMark(): string {
  return randomBytes(4).toString('hex');
}

/**
 * The ID by which n8n knows a call. Some models count their calls from the start in every answer,
 * and n8n's agents take two calls with one ID for the same call.
 * @param id the server's ID
 * @param mark the mark of the answer
 */
export function markedId(id: string, mark: string): string {
  return `${id}#${mark}`;
}

/** The ID by which the server knows a call. */
export function serverId(id: string): string {
  return id.replace(MARK, '');
}

/** The mark of the answer that a call belongs to; nothing if another model has made the call. */
export function markIn(id: string | undefined): string | undefined {
  return id === undefined ? undefined : MARK.exec(id)?.[1];
}
