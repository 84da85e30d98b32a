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
import { lostRequestIdFailure, notBasetenFailure, responseFailure } from '../errors/basetenError';
import { isPage } from '../errors/responseText';
import { jsonBody } from '../payload/requestBody';
import { isJson, parseResponseObject } from '../payload/responseItem';

/**
 * Body of an async submission.
 * @see https://docs.baseten.co/inference/async
 */
export interface SubmitAsyncBody {
  model_input: unknown;
  /** URL that Baseten delivers the result to. */
  webhook_endpoint?: string;
  /** From 0, which goes first, to 2. */
  priority?: number;
  max_time_in_queue_seconds?: number;
  inference_retry_config?: {
    max_attempts?: number;
    initial_delay_ms?: number;
    max_delay_ms?: number;
  };
}

/** Sends one request. It throws a `BasetenError` if the request fails. */
export type Send = (request: BasetenRequest) => Promise<BasetenResponse>;

/**
 * Submits an async request to a model or chain.
 * @returns the request ID
 * @throws {BasetenError} if Baseten refused it, or its response has no request ID
 * @see https://docs.baseten.co/inference/async
 */
export async function submitAsync(
  send: Send,
  endpoints: Endpoints,
  { owner, target, body }: { owner: Owner; target: Target; body: SubmitAsyncBody },
): Promise<string> {
  const action = owner.kind === 'model' ? 'async_predict' : 'async_run_remote';
  const url = actionUrl(endpoints, owner, target, action);
  const subject = nameOf(owner);
  const response = await send({
    method: 'POST',
    url,
    body: jsonBody(body),
    subject,
    startsWork: true,
  });
  return readRequestId(response.body, subject);
}

/**
 * Reads the ID of a request that was taken.
 * @throws {BasetenError} if there is none. A response that can't be read has lost it, unless it is
 * a web page of something in between. To try again would run the input twice.
 */
function readRequestId(body: Buffer, subject: string): string {
  const isLost = body.length === 0 || !(isJson(body) || isPage(body.toString('utf8')));
  if (isLost) throw lostRequestIdFailure(subject);
  const { request_id } = parseResponseObject(body, subject);
  if (typeof request_id === 'string' && request_id !== '') return request_id;
  throw responseFailure(
    `The response of ${subject} has no request ID`,
    'Check that the credential’s URLs lead to Baseten.',
  );
}

/**
 * Reads the status of an async request.
 * @throws {BasetenError} if Baseten does not know the request, the call fails, or the response has
 * no status
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
  const status = parseResponseObject(response.body, subject);
  // Without a status nobody would know that the request has ended, and a loop would ask for ever.
  if (typeof status.status !== 'string' || status.status === '') throw notBasetenFailure(subject);
  return status as unknown as AsyncRequestStatus;
}

/**
 * What Baseten says when a request should be canceled.
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/cancel-async-request
 */
export interface Cancellation {
  request_id: string;
  /** Whether the request was canceled. */
  canceled: boolean;
  message: string;
}

/**
 * Takes an async request out of the queue. If a first response was lost, a repeat may find that the
 * request can't be canceled any more because it is canceled. Then its status says so.
 * @returns what Baseten says; a request that can't be canceled is not an error
 * @throws {BasetenError} if Baseten does not know the request, a call fails, or the response does
 * not say whether the request was canceled
 * @see https://docs.baseten.co/reference/inference-api/predict-endpoints/cancel-async-request
 */
export async function cancelAsync(
  send: Send,
  endpoints: Endpoints,
  owner: Owner,
  requestId: string,
): Promise<Cancellation> {
  const subject = nameOfRequest(owner, requestId);
  const url = asyncRequestUrl(endpoints, owner, requestId);
  const { body, attempts = 1 } = await send({ method: 'DELETE', url, subject });
  const response = parseResponseObject(body, subject);
  if (typeof response.canceled !== 'boolean') throw notBasetenFailure(subject);
  const said = response as unknown as Cancellation;
  if (said.canceled || attempts === 1) return said;
  const { status } = await askStatus(send, endpoints, owner, requestId);
  if (status !== 'CANCELED') return said;
  return {
    ...said,
    canceled: true,
    message: 'The request was canceled. Baseten’s first response was lost on the way.',
  };
}

/** The name of an async request in messages. */
export function nameOfRequest(owner: Owner, requestId: string): string {
  return `async request ${requestId.trim()} of ${nameOf(owner)}`;
}
