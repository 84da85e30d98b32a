import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { properties } from './actions/resources';
import { execute } from './actions/router';
import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import {
  searchChainlets,
  searchChains,
  searchDeployments,
  searchEnvironments,
  searchModelNames,
  searchModels,
} from '../shared/parameters/listSearch';
import { getModelFields } from './methods/getModelFields';
import { searchRoutes } from './methods/searchRoutes';
import { RESUME_WEBHOOKS } from '../shared/waiting/resumeUrl';
import { SUBTITLE } from './subtitle';
import { receiveWhileParked } from './waiting/receive';
import { WAITING_TOOLTIP } from './waiting/tooltip';

export class Baseten implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten',
    name: 'baseten',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['transform'],
    // Since 1.1 the input of a model is filled in by Model Fields at first.
    version: [1, 1.1],
    subtitle: SUBTITLE,
    description: 'Call models and chains deployed on Baseten, now or in the background',
    builderHint: {
      searchHint:
        'Calls models on Baseten. Hosted LLMs: chat/complete. Own models: model/predict. Speech to text, text to speech and images: audio and image, whatever the template of the model. Vectors, reranking, classifying: embedding. Work over 20 minutes: model/submitAsync. As the model of an AI Agent use the Baseten Chat Model.',
    },
    defaults: { name: 'Baseten' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'basetenWorkspaceApi', required: true, testedBy: 'basetenWorkspaceTest' },
    ],
    // Only while an execution waits for results.
    webhooks: RESUME_WEBHOOKS,
    waitingNodeTooltip: WAITING_TOOLTIP,
    properties,
  };

  methods = {
    credentialTest: { basetenWorkspaceTest },
    listSearch: {
      searchChainlets,
      searchChains,
      searchDeployments,
      searchEnvironments,
      searchModelNames,
      searchModels,
      searchRoutes,
    },
    resourceMapping: { getModelFields },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await execute(this);
  }

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await receiveWhileParked(this);
  }
}
