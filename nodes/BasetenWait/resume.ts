import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import {
  acceptOnly,
  readSecretsFor,
  receiveDelivery,
  refuseForNow,
} from '../shared/webhook/delivery';

/** Seconds that a result may be old. */
const TOLERANCE = 300;

/**
 * Takes the result that a waiting execution is parked for. The URL belongs to the execution and not to the request, so
 * a late delivery of an earlier request is told apart by its ID; it is answered and wakes nothing.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  try {
    const secrets = await readSecretsFor(context);
    const reception = receiveDelivery(context, {
      secrets,
      verifySignature: true,
      tolerance: TOLERANCE,
    });
    if ('answered' in reception) return reception.answered;
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
