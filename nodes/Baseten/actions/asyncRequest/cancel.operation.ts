import type { IDataObject } from 'n8n-workflow';

import { cancelAsync } from '../../../shared/async/requests';
import type { Operation } from '../operation';
import { readRequest, requestParameters } from './request';

/**
 * Cancels an async request that is still in the queue.
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/cancel-async-request
 */
export const cancel: Operation = {
  name: 'Cancel',
  value: 'cancel',
  action: 'Cancel an async request',
  description: 'Take an async request out of the queue. A request that has started goes on.',
  properties: requestParameters,
  async execute(call) {
    const { owner, requestId } = readRequest(call);
    const said = await cancelAsync(call.send, call.connection.endpoints, owner, requestId);
    return [{ json: said as unknown as IDataObject }];
  },
};
