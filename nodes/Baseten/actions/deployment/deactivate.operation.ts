import type { Schemas } from '../../../shared/management/api';
import { checkSuccess, lifecycleOperation } from '../management/lifecycle';
import { nameOfDeployment } from '../management/owner';
import { pathOf } from '../../../shared/connection/endpoints';

/**
 * Stops a deployment and takes its replicas away.
 * @see https://docs.baseten.co/reference/management-api/deployments/deactivate/deactivates-a-deployment
 */
export const deactivate = lifecycleOperation({
  name: 'Deactivate',
  value: 'deactivate',
  action: 'Deactivate a deployment, which stops it',
  description:
    'Stop a deployment and take its replicas away. It answers no more calls until it is activated again. Waits until it is inactive.',
  chains: true,
  done: ['INACTIVE', 'SCALED_TO_ZERO'],
  over: [],
  async start(manage, owner, { id }) {
    const subject = nameOfDeployment(owner, id);
    const { success } = await manage<Schemas['DeactivateResponseV1']>({
      method: 'POST',
      path: [...pathOf(owner), 'deployments', id, 'deactivate'],
      subject,
    });
    checkSuccess(success, subject, 'deactivate');
  },
});
