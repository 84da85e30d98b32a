// Decisions: docs/decisions.md, "What an older n8n lacks is looked for".

import * as host from 'n8n-workflow';

/** Exported since n8n 2.8.0. One of them is enough, so that a later n8n may drop the others. */
const SINCE_2_8 = ['validateNodeCredentials', 'isNodeConnected', 'isTriggerLikeNode'];

/**
 * Whether this n8n records an execution before it answers the webhook that starts it. n8n up to
 * 2.7.5 answers first. A node cannot ask n8n for its version, so this looks for what n8n exports.
 */
export function hostRecordsFirst(): boolean {
  return SINCE_2_8.some((name) => name in host);
}
