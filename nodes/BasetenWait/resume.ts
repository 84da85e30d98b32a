import type {
  IDataObject,
  IWebhookDescription,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';

import { acceptOnly, receiveDelivery, refuseForNow } from '../shared/webhook/delivery';

/**
 * The URL of a waiting execution. It exists only while the execution waits, so activation sets
 * nothing up.
 */
export const RESUME_WEBHOOKS: IWebhookDescription[] = [
  {
    name: 'default',
    httpMethod: 'POST',
    responseMode: 'onReceived',
    responseData: '',
    path: '',
    restartWebhook: true,
    isFullPath: true,
  },
];

/**
 * Takes the result that an execution waits for. The URL belongs to the execution and not to the
 * request, so a late delivery of an earlier request can arrive here, too. Its request ID shows
 * that: it gets a 200 and wakes nothing. It never throws.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  try {
    // The URL is the execution's alone, so the awaited result is no replay, whatever its age.
    const reception = await receiveDelivery(context, { verifySignature: true, tolerance: 0 });
    if ('refused' in reception) return reception.refused;
    const { result } = reception;
    if (result.request_id !== context.getNodeParameter('requestId', ''))
      return acceptOnly('not awaited any more');
    return {
      webhookResponse: { received: true },
      workflowData: [[{ json: { result: result as unknown as IDataObject } }]],
    };
  } catch (error) {
    return refuseForNow(context, error);
  }
}
