// Decisions: docs/decisions.md, "The trigger's nodes have version 2".

import {
  NodeConnectionTypes,
  NodeOperationError,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { WEBHOOK_SECRET_HINT } from '../shared/connection/connection';
import { readSecrets } from '../shared/webhook/secrets';
import { properties } from './properties';
import { receive } from './receive';

/**
 * Activations that nobody watches. If the trigger refused to start there, results would be lost
 * until somebody notices.
 */
const UNATTENDED = ['init', 'leadershipChange'];

/** Starts a workflow with each result that Baseten delivers. */
export class BasetenTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Trigger',
    name: 'basetenTrigger',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['trigger'],
    // Both versions do the same. For version 1 n8n evaluates an expression at every webhook call.
    // With n8n's default expression engine that costs far more CPU than the node itself.
    version: [1, 2],
    defaultVersion: 2,
    subtitle: '={{ $parameter["outcomes"].join(", ") }}',
    // The node panel shows the Baseten node and this one as a single entry, with this description.
    description:
      'Call AI models and chains on Baseten, and start workflows with their async results',
    eventTriggerDescription: 'Waiting for a result at the Test URL',
    activationMessage:
      'Give the Production URL to Submit Async as its Webhook URL: each result starts this workflow.',
    triggerPanel: {
      header: 'Receive a result from Baseten',
      executionsHelp: {
        inactive:
          '<b>While you build</b>, click <i>Execute step</i> and submit an async request with the Test URL as its Webhook URL. The result shows up here. <br /><br /><b>Once it works</b>, publish the workflow and submit with the Production URL: each result starts the workflow.',
        active:
          '<b>Results at the Production URL</b> start the workflow; see them in the executions. <br /><br /><b>To try a change</b>, click <i>Execute step</i> and submit an async request with the Test URL as its Webhook URL.',
      },
      activationHint:
        'Once it works, publish the workflow and submit with the Production URL: each result starts the workflow.',
    },
    defaults: { name: 'Baseten Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'basetenWorkspaceApi', required: false }],
    // With an empty responseData n8n sends our response. Without it, n8n sends "firstEntryJson".
    webhooks: [
      {
        name: 'default',
        httpMethod: 'POST',
        responseMode: 'onReceived',
        responseData: '',
        path: 'webhook',
      },
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
        if (UNATTENDED.includes(this.getActivationMode())) {
          // Read now, so that they are known when a burst comes.
          await readSecrets(this).catch(() => []);
          return true;
        }
        if ((await readSecrets(this)).length > 0) return true;
        throw new NodeOperationError(
          this.getNode(),
          'There is no webhook secret to verify deliveries with',
          {
            description: `${WEBHOOK_SECRET_HINT} To take deliveries without verifying them, turn Verify Signature off.`,
          },
        );
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
