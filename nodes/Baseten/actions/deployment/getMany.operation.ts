import type { IDataObject } from 'n8n-workflow';

import { pathOf, nameOf } from '../../../shared/connection/endpoints';
import { isBlank } from '../../../shared/json';
import { managementApi, type Schemas } from '../../../shared/management/api';
import { DEPLOYMENT_STATUSES } from '../../../shared/management/statuses';
import { toChoice } from '../../../shared/choice';
import { optionsCollection, type Options } from '../../../shared/parameters/options';
import { MANY, readLimit } from '../management/many';
import { ownerParameters, readAnyOwner } from '../management/owner';
import { STATUSES } from '../management/statusesOption';
import type { Operation } from '../operation';

/**
 * Lists the deployments of a model or chain, an item each.
 * @see https://docs.baseten.co/reference/management-api/deployments/gets-all-deployments-of-a-model
 */
export const getMany: Operation = {
  name: 'Get Many',
  value: 'getMany',
  action: 'Get many deployments',
  description: 'Get the deployments of a model or chain, an item each',
  properties: [...ownerParameters({ chains: true }), ...MANY, optionsCollection([STATUSES])],
  async execute(call) {
    const owner = readAnyOwner(call, true);
    const wanted = readStatuses(call.options.own);
    const { deployments } = await managementApi(
      call.connection.endpoints,
      call.send,
    )<Schemas['DeploymentsV1'] | Schemas['ChainDeploymentsV1']>({
      path: [...pathOf(owner), 'deployments'],
      subject: `the deployments of ${nameOf(owner)}`,
    });
    return deployments
      .filter(({ status }) => wanted.length === 0 || wanted.includes(status))
      .slice(0, readLimit(call))
      .map((deployment) => ({ json: deployment as unknown as IDataObject }));
  },
};

/** @throws {UserInputError} if a status is unknown. An expression may give a single one. */
function readStatuses({ statuses }: Options): string[] {
  return [statuses]
    .flat()
    .filter((status) => !isBlank(status))
    .map((status) => toChoice(status, { label: 'Statuses', values: DEPLOYMENT_STATUSES }));
}
