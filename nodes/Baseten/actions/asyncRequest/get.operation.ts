import type { IDataObject } from 'n8n-workflow';

import { askStatus } from '../../../shared/async/requests';
import { isFinished, isResultLost } from '../../../shared/async/status';
import type { Operation } from '../operation';
import { readRequest, requestParameters } from './request';

/** @see https://docs.baseten.co/reference/inference-api/status-endpoints/get-async-request-status */
export const get: Operation = {
  name: 'Get',
  value: 'get',
  action: 'Get the status of an async request',
  description: 'Ask how far an async request is; Baseten knows it until an hour after its end',
  properties: requestParameters,
  async execute(call) {
    const { owner, requestId } = readRequest(call);
    const status = await askStatus(call.send, call.connection.endpoints, owner, requestId);
    const json = { ...status, finished: isFinished(status), resultLost: isResultLost(status) };
    return [{ json: json as unknown as IDataObject }];
  },
};
