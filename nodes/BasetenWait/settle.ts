// Decisions: docs/decisions.md, "A sub-execution waits for the result".

import { nameOfRequest } from '../shared/async/requests';
import { isFinished, type AsyncRequestStatus } from '../shared/async/status';
import { nameOf } from '../shared/connection/endpoints';
import { BasetenError } from '../shared/errors/basetenError';
import { WEB_PAGE } from '../shared/errors/failures';
import { UserInputError } from '../shared/errors/userInputError';
import type { PendingRequest, Submission, WaitJob } from '../shared/waiting/job';
import type { SettleOutput } from '../shared/waiting/workflow';
import { isSuccess, toPayload, type AsyncResult } from '../shared/webhook/verify';

/** What happens next, and the JSON of the item that goes there. */
interface Decision {
  output: SettleOutput;
  json: object;
}

/** Baseten must say so often that it does not know a request: once may be a fault on the way. */
const GONE_AFTER = 2;

/**
 * Decides what happens after an execution woke with a result.
 * @throws {UserInputError} if the inference failed
 */
export function settleByResult(job: WaitJob, result: AsyncResult): Decision {
  if (!isSuccess(result)) throw inferenceFailed(job, result.request_id, result.errors);
  return { output: 'settled', json: toPayload(result, job.metadata) };
}

/**
 * Decides what happens after an execution woke because it was time before the result came. A status
 * that can't be had, for whatever reason, says nothing about the result: it may still come.
 * @param look asks Baseten for the status
 * @param signal aborts if the execution is stopped
 * @throws {UserInputError} if the inference failed, or if no result will come any more
 * @throws {BasetenError} if Baseten does not know the request, for the second time
 */
export async function settleByStatus(
  job: WaitJob,
  request: PendingRequest,
  look: () => Promise<AsyncRequestStatus>,
  signal?: AbortSignal,
): Promise<Decision> {
  const { status, failure } = await see(look, signal);
  if (status && isFinished(status)) return afterEnd(job, request, status);
  const notFound = request.notFound + (failure && isNotFound(failure) ? 1 : 0);
  if (failure && notFound > request.notFound && notFound >= GONE_AFTER)
    return submitAgain(job, request) ?? fail(failure);
  const trouble = failure && troubleOf(failure, request.trouble);
  if (Date.now() < request.waitUntil) {
    const json: PendingRequest = { ...request, notFound, trouble };
    return { output: 'keepWaiting', json };
  }
  throw new UserInputError(
    `There was no result of ${subjectOf(job, request)} within ${job.waitTimeout} seconds`,
    `Its status is ${status?.status ?? `unknown: ${trouble}`}. Raise Wait Timeout, or look at the queue and the logs of the model in Baseten.`,
  );
}

/** What a look found: the status, or what stood in its way. */
async function see(
  look: () => Promise<AsyncRequestStatus>,
  signal?: AbortSignal,
): Promise<{ status?: AsyncRequestStatus; failure?: Error }> {
  try {
    return { status: await look() };
  } catch (error) {
    signal?.throwIfAborted();
    return { failure: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Decides about a request that ended without its result reaching this n8n. */
function afterEnd(job: WaitJob, request: PendingRequest, status: AsyncRequestStatus): Decision {
  if (status.status === 'EXPIRED' || status.status === 'CANCELED')
    throw notRun(subjectOf(job, request), status.status);
  if (status.status === 'FAILED')
    throw inferenceFailed(job, request.requestId, status.errors ?? []);
  return (
    submitAgain(job, request) ??
    fail(resultLost(subjectOf(job, request), status, request.submissions))
  );
}

/** Submits the input of a lost result once more, if the user wants that and there is time. */
function submitAgain(job: WaitJob, request: PendingRequest): Decision | undefined {
  const { submissions, waitUntil } = request;
  if (job.onLostResult !== 'resubmit' || submissions > 1 || Date.now() >= waitUntil)
    return undefined;
  const again: Submission = { ...job, submissions, waitUntil };
  return { output: 'submitAgain', json: again };
}

function fail(error: Error): never {
  throw error;
}

/** Whether Baseten does not know the request. The web page of a gateway in between says nothing. */
function isNotFound(error: Error): boolean {
  return (
    error instanceof BasetenError && error.status === 404 && !error.hint.includes(WEB_PAGE.hint)
  );
}

/**
 * Why a status could not be had. What passes by itself doesn't hide a reason that was known before,
 * such as a key that was taken back. It never holds what a server said.
 */
function troubleOf(error: Error, before?: string): string {
  if (error.name === 'TimeoutError') return before ?? 'There was no response in time';
  if (error instanceof UserInputError) return error.message;
  if (!(error instanceof BasetenError)) return 'The credential could not be read';
  const isPassing = error.isPassing || error.kind === 'timeout' || (error.status ?? 0) >= 500;
  return isPassing && before !== undefined ? before : error.message;
}

/** A request as messages name it. */
function subjectOf({ owner }: WaitJob, { requestId }: PendingRequest): string {
  return nameOfRequest(owner, requestId);
}

function inferenceFailed(
  { owner }: WaitJob,
  requestId: string,
  errors: AsyncResult['errors'],
): UserInputError {
  const reasons = (Array.isArray(errors) ? errors : [errors])
    .map((error) =>
      error?.code && error.message ? `${error.code}: ${error.message}` : JSON.stringify(error),
    )
    .join(' · ');
  return new UserInputError(
    `The inference of ${nameOf(owner)} failed`,
    `${reasons || 'Baseten gave no reason'} · Request ID: ${requestId}`,
  );
}

function notRun(subject: string, status: 'EXPIRED' | 'CANCELED'): UserInputError {
  return status === 'EXPIRED'
    ? new UserInputError(
        `${subject} expired in the queue before it started`,
        'Raise Max Time in Queue, or give the deployment more replicas in Baseten.',
      )
    : new UserInputError(
        `${subject} was canceled`,
        'Somebody took it out of the queue. Submit it again if that was a mistake.',
      );
}

function resultLost(
  subject: string,
  { status, webhook_status }: AsyncRequestStatus,
  submissions: number,
): UserInputError {
  const again = submissions > 1 ? ', also when it was submitted again' : '';
  return new UserInputError(
    `The result of ${subject} was lost: it ended, but did not reach this n8n${again}`,
    `Baseten delivers twice within seconds and keeps no outputs (status ${status}, webhook ${webhook_status}). ` +
      'n8n may have been down or not reachable. A model that responds within a second can also be faster than n8n ' +
      'can go to sleep: use Predict for it. Set On Lost Result to Submit Again to repeat such requests.',
  );
}
