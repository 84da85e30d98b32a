import type { IDataObject } from 'n8n-workflow';

import { managementApi } from '../../../shared/management/api';
import { optionsCollection } from '../../../shared/parameters/options';
import {
  environmentParameter,
  getEnvironment,
  ownerParameters,
  readAnyOwner,
  readEnvironment,
} from '../management/owner';
import type { Operation } from '../operation';

/**
 * Reads an environment: its deployment, a promotion under way, its autoscaling.
 * @see https://docs.baseten.co/reference/management-api/environments/get-an-environments-details
 */
export const get: Operation = {
  name: 'Get',
  value: 'get',
  action: 'Get an environment',
  description: 'Get an environment: its deployment, a promotion under way and its settings',
  properties: [
    ...ownerParameters({ chains: true }),
    environmentParameter('The environment to get'),
    optionsCollection(),
  ],
  async execute(call) {
    const manage = managementApi(call.connection.endpoints, call.send);
    const owner = readAnyOwner(call, true);
    const environment = await getEnvironment(manage, owner, readEnvironment(call));
    return [{ json: environment as unknown as IDataObject }];
  },
};
