// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { toErrorJson } from '../shared/errors/errorJson';
import { toNodeError } from '../shared/errors/nodeErrors';
import { UserInputError } from '../shared/errors/userInputError';
import { toItems } from '../shared/waiting/outcome';
import { resumeUrlOf } from '../shared/waiting/resumeUrl';
import { readJob, type Asleep, type WaitStep } from '../shared/waiting/workflow';
import type { WaitJob } from '../shared/waiting/job';
import type { Sleeping } from './turn';
import { work } from './work';

/** Milliseconds after which the keeper begins by itself, if its parent can't tell it to. */
const BEGIN_AFTER = 5_000;

/**
 * Runs the step that the node is set to.
 * @throws {NodeApiError | NodeOperationError} if that is the result of the wait, or if there is no
 * such step
 */
export async function runStep(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const step = context.getNodeParameter('step', 0) as WaitStep;
  try {
    if (step === 'sleep') return await sleepStep(context);
    if (step === 'work') return await work(context);
    throw new UserInputError(
      `Baseten Wait has no step ${JSON.stringify(step)}`,
      'Its steps are "sleep" and "work". The Baseten node sets them: choose Wait for Result there.',
    );
  } catch (error) {
    throw toNodeError(context.getNode(), error, 0);
  }
}

/** Puts the keeper to sleep. @returns what n8n hands to the parent if the keeper dies meanwhile */
async function sleepStep(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const { until } = context.getInputData()[0]?.json as unknown as Partial<Sleeping>;
  await context.putExecutionToWait(new Date(until ?? Date.now() + BEGIN_AFTER));
  const asleep: Asleep = { keeperUrl: resumeUrlOf(context) };
  return [await ifItDies(context), [{ json: { ...asleep } }]];
}

/** Under "stop" nothing may go on: an item would count as a result. */
async function ifItDies(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const { stops, items, shape, inputs = [] } = readJob<WaitJob>(context);
  if (stops) return [];
  const error = new UserInputError(
    'The sub-execution that waited for the results ended before they came',
    'n8n was stopped while it looked at the requests. They may still run at Baseten.',
  );
  const outcomes = items.map((_, item) => ({
    failure: toErrorJson(context.getNode(), error, item),
  }));
  return await toItems(context, outcomes, shape, inputs);
}
