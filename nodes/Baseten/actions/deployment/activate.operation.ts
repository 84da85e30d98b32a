import type { Schemas } from '../../../shared/management/api';
import { checkSuccess, lifecycleOperation } from '../management/lifecycle';
import { nameOfDeployment } from '../management/owner';
import { pathOf } from '../../../shared/connection/endpoints';

/**
 * Starts a deployment that was deactivated. Chains don't have this.
 * @see https://docs.baseten.co/reference/management-api/deployments/activate/activates-a-deployment
 */
export const activate = lifecycleOperation({
  name: 'Activate',
  value: 'activate',
  action: 'Activate a deployment, which starts it and costs money',
  description:
    'Start a deployment that was deactivated. Its replicas cost money from then on. Waits until it is active.',
  chains: false,
  // A deployment that may scale to zero does so when nobody calls it: it is activated all the same.
  done: ['ACTIVE', 'SCALED_TO_ZERO'],
  over: ['DEACTIVATING', 'INACTIVE'],
  async start(manage, owner, { id }) {
    const subject = nameOfDeployment(owner, id);
    const { success } = await manage<Schemas['ActivateResponseV1']>({
      method: 'POST',
      path: [...pathOf(owner), 'deployments', id, 'activate'],
      subject,
    });
    checkSuccess(success, subject, 'activate');
  },
});
