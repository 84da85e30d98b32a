import type { IDataObject } from 'n8n-workflow';

import { isFinished, isResultLost, type AsyncRequestStatus } from '../../../shared/asyncStatus';
import { parseAnswer } from '../../../shared/output';
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
    const { url, subject } = readRequest(call);
    const response = await call.send({ method: 'GET', url, subject });
    const status = parseAnswer(response.body, subject) as AsyncRequestStatus & IDataObject;
    return [{ json: { ...status, finished: isFinished(status), resultLost: isResultLost(status) } }];
  },
};
