import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import { RESUME_WEBHOOKS } from '../shared/waiting/resumeUrl';
import { OUTPUTS, WAIT_NODE } from '../shared/waiting/workflow';
import { resume } from './resume';
import { runStep } from './steps';

/**
 * The steps of the sub-workflow behind Delivery "Wait for Result". The Baseten node builds that
 * sub-workflow; this node is hidden from the node panel, since nobody adds it by hand.
 */
export class BasetenWait implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Wait',
    name: WAIT_NODE,
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['organization'],
    version: 2,
    hidden: true,
    subtitle: '={{ $parameter["step"] }}',
    // It only serves the Baseten node, so it is of no use to an agent.
    usableAsTool: undefined,
    description: 'Waits for the result of an async request, on behalf of the Baseten node',
    defaults: { name: 'Baseten Wait' },
    inputs: [NodeConnectionTypes.Main],
    outputs: OUTPUTS.work.map(() => NodeConnectionTypes.Main),
    credentials: [
      { name: 'basetenWorkspaceApi', required: true, testedBy: 'basetenWorkspaceTest' },
    ],
    webhooks: RESUME_WEBHOOKS,
    properties: [
      {
        displayName: 'Step',
        name: 'step',
        type: 'options',
        noDataExpression: true,
        default: 'sleep',
        options: [
          { name: 'Sleep', value: 'sleep' },
          { name: 'Work', value: 'work' },
        ],
      },
      {
        displayName: 'Secret',
        name: 'secret',
        type: 'hidden',
        typeOptions: { password: true },
        default: '',
      },
    ],
  };

  methods = { credentialTest: { basetenWorkspaceTest } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runStep(this);
  }

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await resume(this);
  }
}
