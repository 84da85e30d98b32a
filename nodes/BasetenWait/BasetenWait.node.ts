import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { resume } from './resume';
import { runStep } from './steps';
import { RESUME_WEBHOOKS } from './webhooks';

/** The steps of the sub-workflow behind Delivery "Wait for Result". Not for people: nobody finds it in the panel. */
export class BasetenWait implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Wait',
    name: 'basetenWait',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['organization'],
    version: 1,
    hidden: true,
    subtitle: '={{ $parameter["step"] }}',
    // A step of the Baseten node's own; there is nothing in it for an agent.
    usableAsTool: undefined,
    description: 'Waits for the result of an async request, on behalf of the Baseten node',
    defaults: { name: 'Baseten Wait' },
    inputs: [NodeConnectionTypes.Main],
    outputs: '={{ $parameter["step"] === "settle" ? ["main", "main", "main"] : ["main"] }}',
    credentials: [{ name: 'basetenApi', required: true }],
    webhooks: RESUME_WEBHOOKS,
    properties: [
      {
        displayName: 'Step',
        name: 'step',
        type: 'options',
        noDataExpression: true,
        default: 'submit',
        options: [
          { name: 'Settle', value: 'settle' },
          { name: 'Submit', value: 'submit' },
          { name: 'Wait', value: 'wait' },
        ],
      },
      {
        displayName: 'Request ID',
        name: 'requestId',
        type: 'string',
        default: '',
        description: 'The request whose result is awaited',
        displayOptions: { show: { step: ['wait'] } },
      },
      {
        displayName: 'Job',
        name: 'job',
        type: 'json',
        default: '{}',
        description: 'What was submitted',
        displayOptions: { show: { step: ['settle'] } },
      },
    ],
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await runStep(this);
  }

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await resume(this);
  }
}
