import type { INodeExecutionData } from 'n8n-workflow';

import type { BasetenRequest } from '../../../shared/http/client';
import { closeBody } from '../../../shared/payload/requestBody';
import { isLargeFile, toItem } from '../../../shared/payload/responseItem';
import type { ItemCall } from '../operation';
import { readOutputSettings } from '../parameters/output';

/**
 * Sends a request and makes an item of its response, in the way that the output parameters say.
 * @param request its body is closed at the end
 * @throws {BasetenError} what went wrong, or if the response is not what was asked for
 */
export async function exchange(
  { context, itemIndex, stream }: ItemCall,
  request: BasetenRequest,
): Promise<INodeExecutionData[]> {
  try {
    const settings = readOutputSettings(context, itemIndex);
    const response = await stream(request, (head) => isLargeFile(head, settings.format));
    return [await toItem(response, settings, context.helpers, request.subject)];
  } finally {
    closeBody(request.body);
  }
}
