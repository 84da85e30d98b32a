import {
  NodeConnectionTypes,
  NodeOperationError,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { WEBHOOK_SECRET_HINT } from '../shared/connection';
import { readSecrets } from '../shared/delivery';
import { properties } from './properties';
import { receive } from './receive';

/** Activations that nobody is watching: refusing there would drop results until somebody does. */
const UNATTENDED = ['init', 'leadershipChange'];

export class BasetenTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Trigger',
    name: 'basetenTrigger',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['trigger'],
    // Both do the same. For nodes of version 1 n8n evaluates an expression at every webhook call, which costs far more
    // CPU than the node itself with n8n's default expression engine.
    version: [1, 2],
    defaultVersion: 2,
    subtitle: '={{ $parameter["outcomes"].join(", ") }}',
    description: 'Starts the workflow when an async request on Baseten has ended',
    defaults: { name: 'Baseten Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'basetenApi', required: false }],
    // An empty responseData lets the answer be ours; without it n8n answers with the word "firstEntryJson".
    webhooks: [
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', responseData: '', path: 'webhook' },
    ],
    properties,
  };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return false;
      },
      async create(this: IHookFunctions): Promise<boolean> {
        if (this.getNodeParameter('verifySignature', true) === false) return true;
        if (UNATTENDED.includes(this.getActivationMode())) return true;
        if ((await readSecrets(this)).length > 0) return true;
        throw new NodeOperationError(this.getNode(), 'There is no webhook secret to verify deliveries with', {
          description: `${WEBHOOK_SECRET_HINT} To take deliveries without verifying them, turn Verify Signature off.`,
        });
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await receive(this);
  }
}
