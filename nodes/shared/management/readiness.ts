import type { Send } from '../async/requests';
import { BasetenError } from '../errors/basetenError';
import { UserInputError } from '../errors/userInputError';
import { parseResponseObject } from '../payload/responseItem';
import { realTime, type Time } from '../time';
import { STUCK_STATUSES } from './statuses';
import { untilDone, type Waiting } from './untilDone';

/** What an environment is to which nothing was promoted, and nothing is being promoted. */
const NOT_DEPLOYED = 'not deployed';

/** The fields of a deployment in the management API that say whether it is ready. */
interface Readiness {
  status: string;
  active_replica_count?: number;
}

/** Which deployment it is about. */
interface ReadinessLook {
  /** Management API URL of an environment or a deployment: `readinessUrl`. */
  url: string;
  /** What is called, for messages. */
  subject: string;
  send: Send;
}

/** What `untilReady` waits for, and how long. */
export interface ReadinessQuestion
  extends ReadinessLook, Pick<Waiting<Readiness>, 'limit' | 'signal' | 'show' | 'hint'> {}

/**
 * Asks the management API again and again until a deployment is active.
 * @returns the deployment as it was in the last response
 * @throws {UserInputError} if it is not ready in time or can't become ready, or the key may not ask
 * @throws {BasetenError} if the management API can't be asked
 * @see https://docs.baseten.co/reference/management-api/environments/get-an-environments-details
 */
export async function untilReady(
  question: ReadinessQuestion,
  time: Time = realTime,
): Promise<Readiness> {
  return await untilDone<Readiness>(
    {
      ...question,
      async look() {
        try {
          return await readinessOf(question);
        } catch (error) {
          throw toReadinessFailure(error, question.subject);
        }
      },
      progress: (readiness) => progressOf(readiness, question.subject),
    },
    time,
  );
}

/**
 * Reads whether a deployment is ready. Asking wakes nothing.
 * @throws {BasetenError} if the management API can't be asked
 */
export async function readinessOf({ url, subject, send }: ReadinessLook): Promise<Readiness> {
  const { body } = await send({ method: 'GET', url, key: 'management', subject });
  const response = parseResponseObject(body, subject) as Partial<Readiness> & {
    current_deployment?: Readiness | null;
    candidate_deployment?: Readiness | null;
  };
  // The response is an environment with its deployment, or a deployment itself.
  const deployment = 'current_deployment' in response ? response.current_deployment : response;
  const none = response.candidate_deployment ? 'not promoted yet' : NOT_DEPLOYED;
  return {
    status: deployment?.status ?? none,
    active_replica_count: deployment?.active_replica_count,
  };
}

/**
 * Says how far a deployment is.
 * @returns nothing if it is ready
 * @throws {UserInputError} if it can't become ready by itself
 */
export function progressOf(
  { status, active_replica_count: replicas }: Readiness,
  subject: string,
): string | undefined {
  if (status === NOT_DEPLOYED) {
    throw new UserInputError(
      `${subject} can't wake: nothing is deployed there`,
      'Promote a deployment to this environment first, or choose another Target.',
    );
  }
  if (status === 'ACTIVE') return replicas === 0 ? 'ACTIVE without a replica' : undefined;
  if (!STUCK_STATUSES.includes(status)) return status;
  throw new UserInputError(
    `${subject} can't wake: its deployment is ${status}`,
    ['INACTIVE', 'DEACTIVATING'].includes(status)
      ? 'Start it first with Deployment → Activate.'
      : 'Look for the cause with Deployment → Get Logs. Deployment → Retry builds and deploys it again.',
  );
}

/** A missing right becomes an error about waking. Any other error stays as it is. */
function toReadinessFailure(error: unknown, subject: string): unknown {
  if (!(error instanceof BasetenError) || error.status !== 403) return error;
  return new UserInputError(
    `${subject} is waking, but this API key may not ask whether it is ready`,
    'Use a key that may call the management API, or turn Wait Until Ready off: ' +
      'a prediction waits for the deployment anyway.',
  );
}
