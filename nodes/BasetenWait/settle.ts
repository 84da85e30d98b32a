import { askStatus, nameOfRequest, type Send } from '../shared/async/requests';
import { isFinished, type AsyncRequestStatus } from '../shared/async/status';
import { nameOf, type Endpoints } from '../shared/connection/endpoints';
import { BasetenError } from '../shared/errors/basetenError';
import { UserInputError } from '../shared/errors/userInputError';
import type { PendingRequest, Submission, WaitJob, WokenWith } from '../shared/waiting/job';
import type { SettleOutput } from '../shared/waiting/workflow';
import { isSuccess, toPayload, type AsyncResult } from '../shared/webhook/verify';

/** What happens next, and the JSON of the item that goes there. */
interface Decision {
  output: SettleOutput;
  json: object;
}

/**
 * Decides what happens after an execution woke: with the result, or, if it was time before the
 * result came, by the status that Baseten gives the request.
 * @throws {UserInputError} if the inference failed, or if no result will come any more
 * @throws {BasetenError} if Baseten refuses to give the status
 */
export async function settle(
  { send, endpoints }: { send: Send; endpoints: Endpoints },
  job: WaitJob,
  wokenWith: WokenWith,
): Promise<Decision> {
  if ('result' in wokenWith) return { output: 'settled', json: toResult(job, wokenWith.result) };
  const status = await askStatus(send, endpoints, job.owner, wokenWith.requestId).catch(
    undefinedIfTransient,
  );
  const mayStillCome = status === undefined || !isFinished(status);
  if (!mayStillCome) return afterEnd(job, wokenWith, status);
  if (Date.now() < wokenWith.waitUntil)
    return { output: 'keepWaiting', json: { ...wokenWith, looks: wokenWith.looks + 1 } };
  throw new UserInputError(
    `There was no result of ${subjectOf(job, wokenWith)} within ${job.waitTimeout} seconds`,
    `Its status is ${status?.status ?? 'unknown'}. Raise Wait Timeout, or look at the queue and the logs of the model in Baseten.`,
  );
}

/** Decides about a request that ended without its result reaching this n8n. */
function afterEnd(job: WaitJob, request: PendingRequest, status: AsyncRequestStatus): Decision {
  const { submissions, waitUntil } = request;
  if (status.status === 'EXPIRED' || status.status === 'CANCELED')
    throw notRun(subjectOf(job, request), status.status);
  if (status.status === 'FAILED')
    throw inferenceFailed(job, request.requestId, status.errors ?? []);
  if (job.onLostResult === 'resubmit' && submissions === 1 && Date.now() < waitUntil) {
    const again: Submission = { ...job, submissions, waitUntil };
    return { output: 'submitAgain', json: again };
  }
  throw resultLost(subjectOf(job, request), status, submissions);
}

/** For a status that could not be had now, but may be had later. */
function undefinedIfTransient(error: unknown): undefined {
  if (!isTransient(error)) throw error;
}

function isTransient(error: unknown): boolean {
  if ((error as Partial<Error> | undefined)?.name === 'TimeoutError') return true;
  return (
    error instanceof BasetenError &&
    (error.status === undefined || error.status === 429 || error.status >= 500)
  );
}

function toResult(job: WaitJob, result: AsyncResult): object {
  if (!isSuccess(result)) throw inferenceFailed(job, result.request_id, result.errors);
  return toPayload(result, job.metadata);
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
