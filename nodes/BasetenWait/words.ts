import { isFinished, type AsyncRequestStatus } from '../shared/async/status';
import { nameOfRequest } from '../shared/async/requests';
import { BasetenError } from '../shared/errors/basetenError';
import { WEB_PAGE } from '../shared/errors/failures';
import { UserInputError } from '../shared/errors/userInputError';
import { isBlank } from '../shared/json';
import type { ItemJob } from '../shared/waiting/job';
import { inferenceFailed } from '../shared/waiting/outcome';
import type { Reason, Sight, Tracked } from './keeper';

/** What the status of a request says about its result. */
export function sightOf(status: AsyncRequestStatus): Sight {
  if (!isFinished(status)) return { see: 'running', status: status.status };
  const webhook = status.webhook_status;
  if (status.status === 'EXPIRED' || status.status === 'CANCELED')
    return { see: 'failed', reason: { why: status.status }, webhook };
  if (status.status === 'FAILED')
    return { see: 'failed', reason: { why: 'inference', errors: status.errors ?? [] }, webhook };
  // Before Baseten says anything of the delivery, the result may still be on its way.
  if (status.status === 'SUCCEEDED' && isBlank(webhook))
    return { see: 'running', status: status.status };
  return { see: 'undelivered', status: status.status, webhook };
}

/**
 * What a status that can't be had says. Whatever the reason, the result may still come.
 * @param before why the status could not be had the last time
 */
export function sightWithout(error: unknown, before?: string): Sight {
  if (error instanceof BasetenError && isNotFound(error))
    return { see: 'unknown', words: error.message, hint: error.hint };
  return { see: 'nothing', trouble: troubleOf(error, before) };
}

/** Whether Baseten does not know the request. The web page of a gateway in between says nothing. */
function isNotFound({ status, hint }: BasetenError): boolean {
  return status === 404 && !hint.includes(WEB_PAGE.hint);
}

/**
 * Why a status could not be had. What passes by itself doesn't hide a reason that was known before,
 * such as a key that was taken back. It never holds what a server said.
 */
function troubleOf(error: unknown, before?: string): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return before ?? 'There was no response in time';
  if (error instanceof UserInputError) return error.message;
  if (!(error instanceof BasetenError)) return 'The credential could not be read';
  const isPassing = error.isPassing || error.kind === 'timeout' || (error.status ?? 0) >= 500;
  return isPassing && before !== undefined ? before : error.message;
}

/** Why an item has no result, in words that a person can act on. */
export function wordsOf(
  reason: Reason,
  { owner, waitTimeout }: Pick<ItemJob, 'owner' | 'waitTimeout'>,
  { requestId = '', submissions }: Pick<Tracked, 'requestId' | 'submissions'>,
): UserInputError {
  const subject = nameOfRequest(owner, requestId);
  const again = submissions > 1 ? ', also when it was submitted again' : '';
  switch (reason.why) {
    case 'inference':
      return inferenceFailed(owner, requestId, reason.errors);
    case 'EXPIRED':
      return new UserInputError(
        `${subject} expired in the queue before it started`,
        'Raise Max Time in Queue, or give the deployment more replicas with Deployment → Update Autoscaling.',
      );
    case 'CANCELED':
      return new UserInputError(
        `${subject} was canceled`,
        'Somebody took it out of the queue. Submit it again if that was a mistake.',
      );
    case 'lost':
      return new UserInputError(
        `The result of ${subject} was lost: it ended, but did not reach this n8n${again}`,
        `Baseten delivers twice within seconds and keeps no outputs (status ${reason.status}, webhook ${reason.webhook}). ` +
          'n8n may have been down, starting or not reachable. Set On Lost Result to Submit Again to repeat such requests.',
      );
    case 'unknown':
      return new UserInputError(reason.words, reason.hint);
    case 'time':
      return new UserInputError(
        `There was no result of ${subject} within ${waitTimeout} seconds`,
        `Its status is ${reason.last}. Raise Wait Timeout, or look at the queue with Get Queue Status and at the logs with Deployment → Get Logs.`,
      );
  }
}
