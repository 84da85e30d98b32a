// Decisions: docs/decisions.md, "A promotion is watched at its environment".

import { UserInputError } from '../../../shared/errors/userInputError';
import type { Schemas } from '../../../shared/management/api';
import { FAILED_STATUSES } from '../../../shared/management/statuses';
import type { AnyDeployment, AnyEnvironment } from './owner';

/** Milliseconds in which a promotion may not show yet. */
const SLOWEST_START = 60_000;

/** What is known of a promotion when it begins. */
interface Promotion {
  /** The environment, for messages. */
  subject: string;
  /** The deployment that is promoted. Baseten may make another one of it. */
  deploymentId: string;
  /** The deployment that served before. */
  previous: string | null;
  /** Makes the error for a candidate that failed. */
  failed(candidate: AnyDeployment): Promise<Error>;
}

/**
 * Watches a promotion at its environment: its candidate may be another deployment than the one
 * given, and it may be over between two looks.
 * @returns a function that says how it goes on, and nothing when it is over; it throws a
 * `UserInputError` if the promotion is paused, or ends without the deployment serving
 */
export function promotionProgress({
  subject,
  deploymentId,
  previous,
  failed,
}: Promotion): (environment: AnyEnvironment, waitedMs: number) => Promise<string | undefined> {
  let last: AnyDeployment | undefined;
  return async (environment, waited) => {
    const { current_deployment: current, candidate_deployment: candidate } = environment;
    const underway =
      'in_progress_promotion' in environment ? environment.in_progress_promotion : undefined;
    last = candidate ?? last;
    if (underway) checkStatus(underway, subject);
    if (candidate && FAILED_STATUSES.includes(candidate.status)) throw await failed(candidate);
    if (underway && underway.status !== 'SUCCEEDED') {
      return `${underway.status}, ${underway.percent_traffic_to_new_version} %`;
    }
    if (candidate && candidate.id !== current?.id) return candidate.status;
    // Nothing is under way, and another deployment serves than before: it was over quickly, and the
    // deployment may be one that Baseten made anew of the one given.
    if (current && current.id !== previous) return undefined;
    if (!last && waited <= SLOWEST_START) return 'starting';
    // The deployment that already served was promoted again.
    if (current?.id === deploymentId && (!last || last.id === deploymentId)) return undefined;
    throw new UserInputError(
      `The promotion to ${subject} ended, and ${current ? `deployment ${current.id}` : 'no deployment'} serves there`,
      last
        ? `Its candidate ${last.id} was ${last.status} at last. Look at its logs with Deployment → Get Logs.`
        : 'It did not start within a minute. Look at the environment with Environment → Get.',
    );
  };
}

/** @throws {UserInputError} if a promotion can't end well by itself */
function checkStatus(
  {
    status,
    percent_traffic_to_new_version: percent,
    error_message,
  }: Schemas['InProgressPromotionV1'],
  subject: string,
): void {
  if (status === 'PAUSED') {
    throw new UserInputError(
      `The promotion to ${subject} is PAUSED at ${percent} % of the traffic`,
      'It goes on only when somebody resumes it: with Environment → Control Promotion, or in Baseten.',
    );
  }
  if (status === 'FAILED' || status === 'CANCELED') {
    throw new UserInputError(
      `The promotion to ${subject} is ${status}`,
      error_message ??
        'Baseten gives no reason. Look at the candidate’s logs with Deployment → Get Logs.',
    );
  }
}
