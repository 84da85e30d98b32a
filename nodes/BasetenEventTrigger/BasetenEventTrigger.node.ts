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
    eventTriggerDescription: 'Looking for the latest event at Baseten',
    activationMessage:
      'From now on each change starts this workflow. What happened before does not, except for spending.',
    triggerPanel: {
      header: 'Start with what happens at Baseten',
      executionsHelp: {
        inactive:
          '<b>While you build</b>, click <i>Fetch Test Event</i>. It shows the latest event, however old it is. <br /><br /><b>Once it works</b>, publish the workflow: it looks at the times that you set, and each change starts it.',
        active:
          '<b>Each change</b> starts this workflow; see them in the executions. <br /><br /><b>To try a change of the workflow</b>, click <i>Fetch Test Event</i>: it shows the latest event, however old it is.',
      },
      activationHint:
        'Once it works, publish the workflow: it looks at the times that you set, and each change starts it.',
    },
    builderHint: {
      searchHint:
        'Starts a workflow when a Baseten deployment fails, a promotion ends, spending passes a limit or the audit log has an entry. For results of async requests use the Baseten Trigger.',
    },
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
