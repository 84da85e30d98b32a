import type { INodeProperties } from 'n8n-workflow';

import { DEPLOYMENT_STATUSES } from '../../../shared/management/statuses';

/** Which statuses a deployment may have. */
export const STATUSES: INodeProperties = {
  displayName: 'Statuses',
  name: 'statuses',
  type: 'multiOptions',
  default: [],
  description: 'Only deployments with one of these statuses. None means all.',
  options: [...DEPLOYMENT_STATUSES].sort().map((status) => ({
    name: status
      .split('_')
      .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
      .join(' '),
    value: status,
  })),
};
