import type { IDataObject } from 'n8n-workflow';

import { managementApi } from '../../../shared/management/api';
import { optionsCollection } from '../../../shared/parameters/options';
import { readTarget } from '../../../shared/parameters/addressing';
import { deploymentParameters, findDeployment, readAnyOwner } from '../management/owner';
import type { Operation } from '../operation';

/**
 * Reads a deployment: its status, its replicas, its autoscaling.
 * @see https://docs.baseten.co/reference/management-api/deployments/gets-a-models-deployment-by-id
 */
export const get: Operation = {
  name: 'Get',
  value: 'get',
  action: 'Get a deployment',
  description: 'Get a deployment: its status, its replicas and its autoscaling settings',
  properties: [...deploymentParameters({ chains: true }), optionsCollection()],
  async execute(call) {
    const { context, itemIndex, connection, send } = call;
    const manage = managementApi(connection.endpoints, send);
    const owner = readAnyOwner(call, true);
    const deployment = await findDeployment(manage, owner, readTarget(context, itemIndex));
    return [{ json: deployment as unknown as IDataObject }];
  },
};
