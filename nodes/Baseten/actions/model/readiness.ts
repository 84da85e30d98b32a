import type { BasetenRequest, BasetenResponse } from '../../../shared/http/client';
import { BasetenError } from '../../../shared/errors/basetenError';
import { parseResponseObject } from '../../../shared/payload/responseItem';
import { realTime, type Time } from '../../../shared/time';
import { UserInputError } from '../../../shared/errors/userInputError';

/** Pause between two questions. */
const POLL_MS = 2000;

/** Statuses in which a deployment does not wake: somebody has to act first. */
const STUCK = [
  'BUILD_FAILED',
  'BUILD_STOPPED',
  'DEACTIVATING',
  'DEPLOY_FAILED',
  'FAILED',
  'INACTIVE',
];

/** The fields of a deployment in the management API that are read here. */
interface Deployment {
  status: string;
  active_replica_count?: number;
}

/** What `untilReady` waits for, and how long. */
export interface ReadinessQuestion {
  /** Management API URL of an environment or a deployment. */
  url: string;
  /** What is waking, for messages. */
  subject: string;
  /** Most seconds to wait. */
  limit: number;
  /** Stops the waiting. */
  signal: AbortSignal;
  send(request: BasetenRequest): Promise<BasetenResponse>;
}

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
): Promise<Deployment> {
  const { subject, limit, signal } = question;
  const end = time.elapsed() + limit * 1000;
  for (;;) {
    const deployment = await askDeployment(question);
    const { status } = deployment;
    if (status === 'ACTIVE' && deployment.active_replica_count !== 0) return deployment;
    if (STUCK.includes(status)) {
      throw new UserInputError(
        `${subject} can't wake: its deployment is ${status}`,
        'Activate or redeploy it in Baseten first.',
      );
    }
    if (time.elapsed() + POLL_MS > end) {
      throw new UserInputError(
        `${subject} was not ready within ${limit} seconds: its deployment is ${status}`,
        'Raise Ready Timeout, or look at the deployment’s logs in Baseten.',
      );
    }
    await time.wait(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

async function askDeployment({ send, url, subject }: ReadinessQuestion): Promise<Deployment> {
  try {
    const { body } = await send({ method: 'GET', url, key: 'management', subject });
    const response = parseResponseObject(body, subject) as Partial<Deployment> & {
      current_deployment?: Deployment | null;
    };
    // The response is an environment with its deployment, or a deployment itself.
    const deployment = 'current_deployment' in response ? response.current_deployment : response;
    return {
      status: deployment?.status ?? 'not deployed',
      active_replica_count: deployment?.active_replica_count,
    };
  } catch (error) {
    throw toReadinessFailure(error, subject);
  }
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
