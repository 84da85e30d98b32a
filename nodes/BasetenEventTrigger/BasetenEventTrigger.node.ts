import {
  NodeConnectionTypes,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IPollFunctions,
} from 'n8n-workflow';

import { basetenWorkspaceTest } from '../shared/connection/credentialTest';
import { searchChains, searchModels } from '../shared/parameters/listSearch';
import { poll } from './poll';
import { properties } from './properties';

/** Starts a workflow with what happens in a Baseten workspace. It looks at regular times. */
export class BasetenEventTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Baseten Event Trigger',
    name: 'basetenEventTrigger',
    icon: { light: 'file:../../icons/baseten.svg', dark: 'file:../../icons/baseten.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle:
      '={{ ({deploymentStatus: "Deployment Status", promotion: "Promotion", spending: "Spending", auditLog: "Audit Log"})[$parameter["event"]] }}',
    description:
      'Starts the workflow when a deployment fails, a promotion ends, spending passes a limit, or the audit log has an entry',
    eventTriggerDescription: '',
    activationMessage:
      'From now on each change starts this workflow. What is so already does not, except for spending.',
    defaults: { name: 'Baseten Event Trigger' },
    polling: true,
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      { name: 'basetenWorkspaceApi', required: true, testedBy: 'basetenWorkspaceTest' },
    ],
    properties,
  };

  methods = {
    credentialTest: { basetenWorkspaceTest },
    listSearch: { searchChains, searchModels },
  };

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    return await poll(this);
  }
}
