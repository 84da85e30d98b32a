// Decisions: docs/decisions.md, "The trigger has version 2 only".

import {
  NodeConnectionTypes,
  type IHookFunctions,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import { refuseWhatLosesResults } from './activation';
import { getAddress } from './address';
import { properties } from './properties';
import { receive } from './receive';

/** Starts a workflow with each result that Baseten delivers. */
export class BasetenTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Trigger',
    name: 'basetenTrigger',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['trigger'],
    // For webhook nodes of version 1 n8n evaluates an expression at every call. With its default
    // expression engine that costs far more CPU than the node itself.
    version: 2,
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
          '<b>While you build</b>, click <i>Execute step</i> and submit an async request with the Test URL as its Webhook URL. The result shows up here. <br /><br /><b>Once it works</b>, publish the workflow and submit with the Production URL: each result starts the workflow. <br /><br /><b>In Submit Async</b> this expression gives the Production URL of this n8n. Put the ID of this node from the URL above in the place of ID: <code>{{ $execution.resumeUrl.split("/webhook-waiting/")[0] }}/webhook/ID/webhook</code>',
        active:
          '<b>Results at the Production URL</b> start the workflow; see them in the executions. <br /><br /><b>To try a change</b>, click <i>Execute step</i> and submit an async request with the Test URL as its Webhook URL.',
      },
      activationHint:
        'Once it works, publish the workflow and submit with the Production URL: each result starts the workflow.',
    },
    builderHint: {
      searchHint:
        'Starts a workflow with the result of an async request. Give its Production URL to Submit Async of the Baseten node as Webhook URL. To go on in the same workflow use Submit Async with Wait for Result, without this trigger.',
      relatedNodes: [
        { nodeType: 'n8n-nodes-baseten.baseten', relationHint: 'Submits the async requests' },
      ],
    },
    defaults: { name: 'Baseten Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'basetenWorkspaceApi', required: false, testedBy: 'basetenWorkspaceTest' },
    ],
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
        await refuseWhatLosesResults(this);
        return true;
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return true;
      },
    },
  };

  methods = { credentialTest: { basetenWorkspaceTest }, resourceMapping: { getAddress } };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return await receive(this);
  }
}
