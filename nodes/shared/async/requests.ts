import type { AsyncRequestStatus } from './status';
import type { BasetenRequest, BasetenResponse } from '../http/client';
import {
  actionUrl,
  asyncRequestUrl,
  nameOf,
  type Endpoints,
  type Owner,
  type Target,
} from '../connection/endpoints';
import { responseFailure } from '../errors/basetenError';
import { jsonBody } from '../payload/requestBody';
import { parseResponseObject } from '../payload/responseItem';

/** Body of an async submission: https://docs.baseten.co/inference/async */
export interface SubmitAsyncBody {
  model_input: unknown;
  webhook_endpoint?: string;
  priority?: number;
  max_time_in_queue_seconds?: number;
  inference_retry_config?: {
    max_attempts?: number;
    initial_delay_ms?: number;
    max_delay_ms?: number;
  };
}

export type Send = (request: BasetenRequest) => Promise<BasetenResponse>;

/**
 * Submits work to a model or chain.
 * @returns the request ID
 * @throws {BasetenError} where Baseten did not take it
 */
export async function submitAsync(
  send: Send,
  endpoints: Endpoints,
  { owner, target, body }: { owner: Owner; target: Target; body: SubmitAsyncBody },
): Promise<string> {
  const action = owner.kind === 'model' ? 'async_predict' : 'async_run_remote';
  const url = actionUrl(endpoints, owner, target, action);
  const subject = nameOf(owner);
  const response = await send({ method: 'POST', url, body: jsonBody(body), subject });
  const { request_id } = parseResponseObject(response.body, subject);
  if (typeof request_id === 'string' && request_id !== '') return request_id;
  throw responseFailure(
    `The answer of ${subject} has no request ID`,
    'Check that the credential’s URLs lead to Baseten.',
  );
}

/**
 * Asks how far an async request is.
 * @see https://docs.baseten.co/reference/inference-api/status-endpoints/get-async-request-status
 */
export async function askStatus(
  send: Send,
  endpoints: Endpoints,
  owner: Owner,
  requestId: string,
): Promise<AsyncRequestStatus> {
  const subject = nameOfRequest(owner, requestId);
  const response = await send({
    method: 'GET',
    url: asyncRequestUrl(endpoints, owner, requestId),
    subject,
  });
  return parseResponseObject(response.body, subject) as unknown as AsyncRequestStatus;
}

/** An async request as messages name it. */
export function nameOfRequest(owner: Owner, requestId: string): string {
  return `async request ${requestId.trim()} of ${nameOf(owner)}`;
}
