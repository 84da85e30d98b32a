import type { ILoadOptionsFunctions, INodeProperties, ResourceMapperFields } from 'n8n-workflow';

import { toConnection } from '../shared/connection/connection';
import { BASETEN_ENDPOINTS, type Endpoints } from '../shared/connection/endpoints';
import { whyUnreachable } from '../shared/webhook/reachable';

/**
 * Says in the form whether Baseten can deliver to this n8n. A notice can't compute anything, so it
 * is a form without fields, of which n8n shows the notice only.
 */
export const ADDRESS: INodeProperties = {
  displayName: 'Webhook Address',
  name: 'address',
  type: 'resourceMapper',
  noDataExpression: true,
  default: { mappingMode: 'defineBelow', value: null },
  typeOptions: {
    resourceMapper: {
      resourceMapperMethod: 'getAddress',
      mode: 'map',
      addAllFields: true,
      supportAutoMap: false,
      hideNoDataError: true,
      valuesLabel: 'Webhook Address',
      fieldWords: { singular: 'field', plural: 'fields' },
    },
  },
};

/** Looks at the address that n8n gives its webhooks: `N8N_WEBHOOK_URL`, or its own. */
export async function getAddress(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
  const url = this.getInstanceBaseUrl();
  const unreachable = whyUnreachable(url, await endpointsOf(this));
  return {
    fields: [],
    emptyFieldsNotice: unreachable
      ? `${unreachable.message}, so every result would be lost. ${unreachable.hint}`
      : `Baseten delivers to this n8n at ${new URL(url).origin}.`,
  };
}

/** Without a credential results come from Baseten itself. */
async function endpointsOf(context: ILoadOptionsFunctions): Promise<Endpoints> {
  try {
    return toConnection(await context.getCredentials('basetenWorkspaceApi')).endpoints;
  } catch {
    return BASETEN_ENDPOINTS;
  }
}
