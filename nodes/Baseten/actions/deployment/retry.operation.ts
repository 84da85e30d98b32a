import { UserInputError } from '../../../shared/errors/userInputError';
import type { Schemas } from '../../../shared/management/api';
import { lifecycleOperation } from '../management/lifecycle';
import { nameOfDeployment } from '../management/owner';
import { pathOf } from '../../../shared/connection/endpoints';

/**
 * Builds or deploys a failed deployment once more. Chains don't have this.
 * @see https://docs.baseten.co/reference/management-api/deployments/retry/retries-a-failed-deployment
 */
export const retry = lifecycleOperation({
  name: 'Retry',
  value: 'retry',
  action: 'Retry a failed deployment, which builds and deploys it again',
  description: 'Build and deploy a failed deployment once more. Waits until it is active.',
  chains: false,
  done: ['ACTIVE', 'SCALED_TO_ZERO'],
  over: ['DEACTIVATING', 'INACTIVE'],
  async start(manage, owner, { id }) {
    const subject = nameOfDeployment(owner, id);
    const { retried, reason } = await manage<Schemas['RetryDeploymentResponseV1']>({
      method: 'POST',
      path: [...pathOf(owner), 'deployments', id, 'retry'],
      subject,
    });
    if (retried) return;
    throw new UserInputError(
      `Baseten did not retry ${subject}`,
      reason ?? 'It gives no reason. Only a deployment that failed can be retried.',
    );
  },
});
