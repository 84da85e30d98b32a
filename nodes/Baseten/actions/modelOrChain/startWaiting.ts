// Decisions: docs/decisions.md, "A sub-execution waits for the result".

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { WEBHOOK_SECRET_HINT } from '../../../shared/connection/connection';
import { UserInputError } from '../../../shared/errors/userInputError';
import { toData } from '../../../shared/payload/jsonText';
import type { WaitJob } from '../../../shared/waiting/job';
import { waitingWorkflow } from '../../../shared/waiting/workflow';
import type { ItemCall } from '../operation';
import { hostSupportsWaiting } from './hostSupportsWaiting';
import { readWaitOptions } from './submitAsync.parameters';

/**
 * Submits a request and pauses the workflow until its result is there. A node that put its
 * execution to wait cannot act when it wakes, so a sub-workflow does the waiting: n8n parks this
 * execution, and resumes it with the items or the error that the sub-workflow ends with.
 * @throws {UserInputError} if waiting is not possible here; then nothing was sent
 */
export async function startWaiting(
  call: ItemCall,
  submission: Pick<WaitJob, 'owner' | 'target' | 'body' | 'metadata'>,
): Promise<INodeExecutionData[]> {
  assertCanWait(call);
  const { context, options } = call;
  const job: WaitJob = {
    ...submission,
    // The sub-workflow gets data: text could not be told from an input that is a text.
    body: { ...submission.body, model_input: toData(submission.body.model_input) },
    sendOptions: { timeout: options.timeout, maxRetries: options.maxRetries },
    ...readWaitOptions(options.own),
  };
  const result = await context.executeWorkflow(
    { code: waitingWorkflow(context.getNode()) },
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

function assertCanWait({ context, connection }: ItemCall): void {
  if (context.getNode().type.endsWith('Tool')) {
    throw new UserInputError(
      'A tool can’t wait for a result',
      'Use Predict as the tool, or another Delivery.',
    );
  }
  if (!hostSupportsWaiting()) {
    throw new UserInputError(
      'Wait for Result needs n8n 2.41.0 or newer',
      'On this n8n a workflow could wait for good if n8n restarts at the wrong moment: update it, or receive results with the Baseten Trigger. Nothing was submitted.',
    );
  }
  const items = context.getInputData().length;
  if (items > 1) {
    throw new UserInputError(
      `Wait for Result takes one item a run, and ${items} came in`,
      'Put a Loop Over Items node before this one, with a batch size of 1. Nothing was submitted.',
    );
  }
  if (connection.webhookSecrets.length === 0) {
    throw new UserInputError(
      'There is no webhook secret to verify the result with',
      WEBHOOK_SECRET_HINT,
    );
  }
}
