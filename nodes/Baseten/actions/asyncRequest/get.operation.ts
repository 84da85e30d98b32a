import type { IDataObject } from 'n8n-workflow';

import { askStatus } from '../../../shared/async/requests';
import { isFinished, isResultLost } from '../../../shared/async/status';
import type { Operation } from '../operation';
import { readRequest, requestParameters } from './request';

/**
 * Reads the status of an async request, and says whether it is final.
 * @see https://docs.baseten.co/reference/inference-api/status-endpoints/get-async-request-status
 */
export const get: Operation = {
  name: 'Get',
  value: 'get',
  action: 'Get the status of an async request',
  description: 'Get the status of an async request. Baseten keeps it until one hour after its end.',
  properties: requestParameters,
  async execute(call) {
    const { owner, requestId } = readRequest(call);
    const status = await askStatus(call.send, call.connection.endpoints, owner, requestId);
    const json = { ...status, finished: isFinished(status), resultLost: isResultLost(status) };
    return [{ json: json as unknown as IDataObject }];
  },
};
