// Decisions: docs/decisions.md, "What an older n8n lacks is looked for".

import * as host from 'n8n-workflow';

/** Exported since n8n 2.0. One of them is enough, so that a later n8n may drop the other. */
const SINCE_2 = ['calculateWorkflowChecksum', 'validateWorkflowHasTriggerLikeNode'];

/**
 * Whether this n8n resumes a workflow with the final items of a sub-workflow that waited. n8n 1.x
 * resumes it with the items that the sub-workflow had when it went to sleep. A node cannot ask n8n
 * for its version, so this looks for what n8n exports.
 */
export function hostSupportsWaiting(): boolean {
  return SINCE_2.some((name) => name in host);
}
