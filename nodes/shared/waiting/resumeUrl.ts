// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IExecuteFunctions, IWebhookDescription } from 'n8n-workflow';

/**
 * The last step of the addresses at which executions of ours wait. n8n's resume URL belongs to an
 * execution and not to a node: without a step of its own, a late delivery would wake whatever node
 * waits there then.
 */
const LAST_STEP = 'baseten';

/**
 * The webhook of a node that waits. It exists only while its execution waits, so activation sets
 * nothing up.
 */
export const RESUME_WEBHOOKS: IWebhookDescription[] = [
  {
    name: 'default',
    httpMethod: 'POST',
    responseMode: 'onReceived',
    responseData: '',
    path: LAST_STEP,
    restartWebhook: true,
    isFullPath: true,
  },
];

/**
 * The address at which an execution of ours waits, or will.
 * @returns what n8n gives, with the last step; it need not be a URL
 */
export function resumeUrlOf(context: Pick<IExecuteFunctions, 'evaluateExpression'>): string {
  const url = String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0) ?? '');
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return `${path}/${LAST_STEP}${query < 0 ? '' : url.slice(query)}`;
}
