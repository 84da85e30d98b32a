import type { IDataObject, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';

import { WEBHOOK_SECRET_HINT } from '../../../shared/connection/connection';
import type { WaitJob } from '../../../shared/waiting/job';
import { UserInputError } from '../../../shared/errors/userInputError';
import { handsResultsBack } from './handsResultsBack';
import type { ItemCall } from '../operation';
import { readNumber, readOptions, readSendOptions } from '../../../shared/parameters/options';

/** Seconds; the longest that Baseten lets a request wait in its queue, and an hour of work. */
const LONGEST_WAIT = 259_200 + 3_600;

/**
 * Submits a request and pauses the workflow until its result is there. A node that put its execution to wait can't act
 * when it wakes, so an inline sub-workflow does the waiting: n8n parks this execution with it, and resumes it with the
 * items or the error that the sub-workflow ends with.
 * @throws {UserInputError} where waiting can't work here, before anything is sent
 */
export async function waitForResult(
  { context, itemIndex, connection }: ItemCall,
  submission: Pick<WaitJob, 'owner' | 'target' | 'body' | 'metadata'>,
): Promise<INodeExecutionData[]> {
  const node = context.getNode();
  if (node.type.endsWith('Tool')) {
    throw new UserInputError(
      'A tool can’t wait for a result',
      'Use Predict as the tool, or another Delivery.',
    );
  }
  if (!handsResultsBack()) {
    throw new UserInputError(
      'Wait for Result needs n8n 2.0 or newer',
      'This n8n would lose the result: update it, or receive results with the Baseten Trigger. Nothing was submitted.',
    );
  }
  if (context.getInputData().length > 1) {
    throw new UserInputError(
      `Wait for Result takes one item a run, and ${context.getInputData().length} came in`,
      'Put a Loop Over Items node before this one, with a batch size of 1. Nothing was submitted.',
    );
  }
  if (connection.webhookSecrets.length === 0) {
    throw new UserInputError(
      'There is no webhook secret to verify the result with',
      WEBHOOK_SECRET_HINT,
    );
  }
  const options = readOptions(context, itemIndex);
  const job: WaitJob = {
    ...submission,
    sendOptions: readSendOptions(context, itemIndex),
    waitTimeout: readNumber(options, {
      name: 'waitTimeout',
      label: 'Wait Timeout',
      range: [1, LONGEST_WAIT],
      fallback: 7200,
    }),
    onLostResult: options.onLostResult === 'resubmit' ? 'resubmit' : 'fail',
  };
  const result = await context.executeWorkflow(
    { code: waitingWorkflow(node.type, node.credentials) },
    [{ json: job as unknown as IDataObject }],
    undefined,
    {
      parentExecution: {
        executionId: context.getExecutionId(),
        workflowId: context.getWorkflow().id ?? '',
        shouldResume: true,
      },
      executionMode: context.getMode(),
    },
  );
  return result.data[0] ?? [];
}

/** Submit → Wait → Settle, and from there back to waiting, or to submitting again, until it is settled. */
function waitingWorkflow(nodeType: string, credentials: INodeCredentials): IWorkflowBase {
  const type = nodeType.replace(/[^.]+$/, 'basetenWait');
  const step = (name: string, position: number, parameters: IDataObject) => ({
    id: name.toLowerCase(),
    name,
    type,
    typeVersion: 1,
    position: [position, 0] as [number, number],
    webhookId: `baseten-${name.toLowerCase()}`,
    credentials,
    parameters: { step: name.toLowerCase(), ...parameters } as never,
  });
  const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
  return {
    id: undefined as unknown as string,
    name: 'Baseten: Wait for Result',
    active: false,
    isArchived: false,
    activeVersionId: null,
    createdAt: new Date(),
    updatedAt: new Date(),
    settings: { executionOrder: 'v1' },
    nodes: [
      {
        id: 'start',
        name: 'Start',
        type: 'n8n-nodes-base.executeWorkflowTrigger',
        typeVersion: 1,
        position: [0, 0],
        parameters: {},
      },
      step('Submit', 200, {}),
      step('Wait', 400, { requestId: '={{ $json.requestId }}' }),
      step('Settle', 600, { job: '={{ $("Start").first().json }}' }),
    ],
    connections: {
      Start: { main: [to('Submit')] },
      Submit: { main: [to('Wait')] },
      Wait: { main: [to('Settle')] },
      Settle: { main: [[], to('Wait'), to('Submit')] },
    },
  };
}

type INodeCredentials = ReturnType<ItemCall['context']['getNode']>['credentials'];
