import type { BasetenRequest, BasetenResponse } from '../../../shared/http/client';
import { BasetenError } from '../../../shared/errors/basetenError';
import { parseResponseObject } from '../../../shared/payload/responseItem';
import { realTime, type Time } from '../../../shared/time';
import { UserInputError } from '../../../shared/errors/userInputError';

const POLL_MS = 2000;

/** Statuses from which waking leads nowhere: somebody has to act first. */
const STUCK = [
  'BUILD_FAILED',
  'BUILD_STOPPED',
  'DEACTIVATING',
  'DEPLOY_FAILED',
  'FAILED',
  'INACTIVE',
];

/** A deployment as the management API shows it. */
interface Deployment {
  status: string;
  active_replica_count?: number;
}

export interface ReadinessQuestion {
  /** Management API URL of an environment or a deployment. */
  url: string;
  /** What is waking, for messages. */
  subject: string;
  /** Most seconds to wait. */
  limit: number;
  signal: AbortSignal;
  send(request: BasetenRequest): Promise<BasetenResponse>;
}

/**
 * Asks the management API until a deployment is active.
 * @returns the deployment's last status
 * @throws {UserInputError} when the time is over, or the deployment can't become ready
 * @see https://docs.baseten.co/reference/management-api/environments/get-an-environments-details
 */
export async function untilReady(
  question: ReadinessQuestion,
  time: Time = realTime,
): Promise<Deployment> {
  const { subject, limit, signal } = question;
  const end = time.now() + limit * 1000;
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
    if (time.now() + POLL_MS > end) {
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
  const response = await send({ method: 'GET', url, subject }).catch((error: unknown) => {
    if (!(error instanceof BasetenError) || error.status !== 403) throw error;
    throw new UserInputError(
      `${subject} is waking, but this API key may not ask whether it is ready`,
      'Use a key that may call the management API, or turn Wait Until Ready off: a prediction waits for the deployment anyway.',
    );
  });
  const answer = parseResponseObject(response.body, subject) as Partial<Deployment> & {
    current_deployment?: Deployment | null;
  };
  // An environment holds its deployment; a deployment stands for itself.
  const deployment = 'current_deployment' in answer ? answer.current_deployment : answer;
  return {
    status: deployment?.status ?? 'not deployed',
    active_replica_count: deployment?.active_replica_count,
  };
}
