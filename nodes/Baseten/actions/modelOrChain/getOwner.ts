import type { IDataObject } from 'n8n-workflow';

import { pathOf, nameOf, type OwnerKind } from '../../../shared/connection/endpoints';
import { managementApi, type Schemas } from '../../../shared/management/api';
import { readOwner } from '../../../shared/parameters/addressing';
import { ownerLocator } from '../../../shared/parameters/locators';
import { optionsCollection } from '../../../shared/parameters/options';
import { MANY, readLimit } from '../management/many';

import type { Operation } from '../operation';

/**
 * Reads a model or chain; the same for both.
 * @see https://docs.baseten.co/reference/management-api/models/gets-a-model-by-id
 */
export function getOwnerOperation(kind: OwnerKind): Operation {
  return {
    name: 'Get',
    value: 'get',
    action: `Get a ${kind}`,
    description: `Get a ${kind}: its name and how many deployments it has`,
    properties: [ownerLocator(kind), optionsCollection()],
    async execute({ context, itemIndex, connection, send }) {
      const owner = readOwner(context, kind, itemIndex);
      const manage = managementApi(connection.endpoints, send);
      const json = await manage<IDataObject>({ path: pathOf(owner), subject: nameOf(owner) });
      return [{ json }];
    },
  };
}

/**
 * Lists the models or chains of the workspace, an item each.
 * @see https://docs.baseten.co/reference/management-api/models/gets-all-models
 */
export function getOwnersOperation(kind: OwnerKind): Operation {
  return {
    name: 'Get Many',
    value: 'getMany',
    action: `Get many ${kind}s`,
    description: `Get the ${kind}s of the workspace, an item each`,
    properties: [...MANY, optionsCollection()],
    async execute(call) {
      const manage = managementApi(call.connection.endpoints, call.send);
      const response = await manage<Partial<Schemas['ModelsV1'] & Schemas['ChainsV1']>>({
        path: [`${kind}s`],
        subject: `the list of ${kind}s`,
      });
      const owners = response[`${kind}s`] ?? [];
      return owners
        .slice(0, readLimit(call))
        .map((owner) => ({ json: owner as unknown as IDataObject }));
    },
  };
}
