import { nameOfRequest } from '../../../shared/async/requests';
import { asyncRequestUrl } from '../../../shared/connection/endpoints';
import { parseResponse, toObject } from '../../../shared/payload/responseItem';
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
    const url = asyncRequestUrl(call.connection.endpoints, owner, requestId);
    const subject = nameOfRequest(owner, requestId);
    const response = await call.send({ method: 'DELETE', url, subject });
    return [{ json: toObject(parseResponse(response.body, subject)) }];
  },
};
