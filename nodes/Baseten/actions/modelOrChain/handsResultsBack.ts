import * as host from 'n8n-workflow';

/** Exported since n8n 2.0. Any of them will do, so that a later n8n may drop one. */
const SINCE_2 = ['calculateWorkflowChecksum', 'validateWorkflowHasTriggerLikeNode'];

/**
 * Whether this n8n gives the results of a sub-workflow that waited to the workflow that called it. n8n 1.x resumes the
 * caller with what the sub-workflow had when it went to sleep, and tells a node neither that nor its version.
 */
export function handsResultsBack(): boolean {
  return SINCE_2.some((name) => name in host);
}
