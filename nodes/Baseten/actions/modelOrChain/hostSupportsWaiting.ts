// Decisions: docs/decisions.md, "What an older n8n lacks is looked for".

import * as host from 'n8n-workflow';

/** Exported since n8n 2.41.0. One of them is enough, so that a later n8n may drop the other. */
const SINCE_2_41 = ['WAIT_FOR_SUB_EXECUTION', 'isIndefiniteWait'];

/**
 * Whether this n8n looks once a minute for workflows whose sub-execution has ended, and resumes
 * them. An older n8n resumes a workflow only if the process that ends the sub-execution lives long
 * enough: else the workflow waits for good. A node cannot ask n8n for its version, so this looks
 * for what n8n exports.
 */
export function hostSupportsWaiting(): boolean {
  return SINCE_2_41.some((name) => name in host);
}
