import type { IDataObject } from 'n8n-workflow';

import { pathOf, nameOf } from '../../../shared/connection/endpoints';
import { managementApi, type Schemas } from '../../../shared/management/api';
import { optionsCollection } from '../../../shared/parameters/options';
import { MANY, readLimit } from '../management/many';
import { ownerParameters, readAnyOwner } from '../management/owner';
import type { Operation } from '../operation';

/**
 * Lists the environments of a model or chain, an item each.
 * @see https://docs.baseten.co/reference/management-api/environments/get-all-environments
 */
export const getMany: Operation = {
  name: 'Get Many',
  value: 'getMany',
  action: 'Get many environments',
  description: 'Get the environments of a model or chain, an item each',
  properties: [...ownerParameters({ chains: true }), ...MANY, optionsCollection()],
  async execute(call) {
    const owner = readAnyOwner(call, true);
    const manage = managementApi(call.connection.endpoints, call.send);
    const { environments } = await manage<Schemas['EnvironmentsV1']>({
      path: [...pathOf(owner), 'environments'],
      subject: `the environments of ${nameOf(owner)}`,
    });
    return environments
      .slice(0, readLimit(call))
      .map((environment) => ({ json: environment as unknown as IDataObject }));
  },
};
