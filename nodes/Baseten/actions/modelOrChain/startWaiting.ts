// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import { randomBytes } from 'crypto';

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { WEBHOOK_SECRET_HINT } from '../../../shared/connection/connection';
import type { Endpoints } from '../../../shared/connection/endpoints';
import type { ErrorJson } from '../../../shared/errors/errorJson';
import { UserInputError } from '../../../shared/errors/userInputError';
import { readItemOptions } from '../../../shared/parameters/options';
import { readIncludesInput } from '../../../shared/run/inputBeside';
import { failedItem } from '../../../shared/run/items';
import type { ItemJob, WaitJob } from '../../../shared/waiting/job';
import { toItems, type ItemShape } from '../../../shared/waiting/outcome';
import { postUntilAsleep } from '../../../shared/waiting/postUntilAsleep';
import { resumeUrlOf } from '../../../shared/waiting/resumeUrl';
import { keeperWorkflow, OUTPUTS, type Asleep } from '../../../shared/waiting/workflow';
import { whyUnreachable } from '../../../shared/webhook/reachable';
import { writeRecord, type WaitRecord } from '../../waiting/record';
import type { NodeRun } from '../operation';
import { readFileSettings } from '../parameters/output';
import { isToolCall } from '../toolCall';
import { hostSupportsWaiting } from './hostSupportsWaiting';

/** Most items that one wait takes: n8n writes down all of them each time that results come. */
const MOST_ITEMS = 1_000;

/**
 * Submits the items of a run and pauses the workflow until all results are there. This execution is
 * parked first, so that a result can't come before it sleeps. It takes the results at an address of
 * its own. A sub-execution, the keeper, submits the items once this one is parked, and keeps watch.
 * @param readJobs reads what is to be submitted for an item: a request, or several
 * @param name what the form calls it
 * @returns what n8n shows until the results are there, or, if no item could be read, their errors
 * @throws {UserInputError} if waiting is not possible here; then nothing was sent
 */
export async function startWaiting(
  run: NodeRun,
  readJobs: (itemIndex: number) => Promise<ItemJob[]>,
  name = 'Wait for Result',
): Promise<INodeExecutionData[]> {
  const { context } = run;
  const parentUrl = checkedUrl(run, name);
  const items = await readAll(context, readJobs);
  refuseMany(items.length, 'requests', name);
  const shape = readShape(context);
  const inputs = inputsOf(context, shape);
  const failed = items.flatMap((item) => ('failure' in item ? [item] : []));
  if (failed.length === items.length) return await toItems(context, failed, shape, inputs ?? []);
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('hex');
  const stops = !context.continueOnFail();
  const { maxConcurrency, requestsPerMinute } = run.options;
  const limits = { maxConcurrency, requestsPerMinute };
  const job: WaitJob = { run: id, parentUrl, stops, items, shape, inputs, ...limits };
  const { keeperUrl } = await startKeeper(context, job, secret);
  const [first] = items;
  writeRecord(context, {
    run: id,
    secret,
    parentUrl,
    keeperUrl,
    count: items.length,
    stops,
    shape,
    positions: positionsOf(items),
    ...(items.length === 1 && first && 'owner' in first && { single: pick(first) }),
  });
  // If it can't be told, it begins by itself.
  void postLater(keeperUrl, secret);
  return [{ json: waitingJson(items) }];
}

async function postLater(keeperUrl: string, secret: string): Promise<void> {
  await postUntilAsleep(keeperUrl, { kind: 'go', turn: 0 }, secret);
}

function pick(job: ItemJob): NonNullable<WaitRecord['single']> {
  const { owner, metadata, field, reading, item } = job;
  return { owner, metadata, field, reading, item };
}

/** @returns nothing if every item has one request */
function positionsOf(items: WaitJob['items']): number[] | undefined {
  const positions = items.map((item, request) =>
    'failure' in item ? item.failure.details.itemIndex : (item.item ?? request),
  );
  return positions.some((position, request) => position !== request) ? positions : undefined;
}

/** Reads all items. With "continue on fail" an error stands for each that can't be read. */
async function readAll(
  context: IExecuteFunctions,
  readJobs: (itemIndex: number) => Promise<ItemJob[]>,
): Promise<WaitJob['items']> {
  const items: WaitJob['items'] = [];
  for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
    try {
      items.push(...(await readJobs(itemIndex)));
    } catch (cause) {
      items.push({ failure: failedItem(context, itemIndex, cause).json as ErrorJson });
    }
  }
  return items;
}

/** Reads how the items look that the workflow goes on with. */
function readShape(context: IExecuteFunctions): ItemShape {
  const includesInput = readIncludesInput(context);
  const items = [...context.getInputData().keys()].filter(includesInput);
  const errors = context.getNode().onError !== 'continueErrorOutput';
  const files = readFileSettings(readItemOptions(context, 0).own);
  return { files, ...(items.length > 0 && { beside: { items, errors } }) };
}

/** The incoming items that stay beside their answers. */
function inputsOf(context: IExecuteFunctions, { beside }: ItemShape): WaitJob['inputs'] {
  if (!beside) return undefined;
  const kept = new Set(beside.items);
  return context.getInputData().map((input, index) => (kept.has(index) ? input : null));
}

/** Starts the keeper, which falls asleep at once and says at which address. */
async function startKeeper(
  context: IExecuteFunctions,
  job: WaitJob,
  secret: string,
): Promise<Asleep> {
  const { data } = await context.executeWorkflow(
    { code: keeperWorkflow(context.getNode(), secret) },
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
  const json = data[OUTPUTS.sleep.indexOf('asleep')]?.[0]?.json;
  if (typeof json?.keeperUrl === 'string') return json as unknown as Asleep;
  throw new Error('The sub-execution that waits for results did not fall asleep');
}

/** What the node shows while it waits. */
function waitingJson(items: WaitJob['items']): IDataObject {
  return { waiting: true, items: items.length, since: new Date().toISOString() };
}

/** @returns the address that Baseten will deliver to */
function checkedUrl({ context, connection }: NodeRun, name: string): string {
  if (isToolCall(context)) {
    throw new UserInputError(
      'A tool can’t wait for a result',
      'Use Predict as the tool, or another Delivery.',
    );
  }
  if (!hostSupportsWaiting()) {
    throw new UserInputError(
      `${name} needs n8n 2.41.0 or newer`,
      'On this n8n a workflow could wait for good if n8n restarts at the wrong moment: update it, or receive results with the Baseten Trigger. Nothing was submitted.',
    );
  }
  refuseMany(context.getInputData().length, 'items', name);
  if (connection.webhookSecrets.length === 0) {
    throw new UserInputError(
      'There is no webhook secret to verify the result with',
      WEBHOOK_SECRET_HINT,
    );
  }
  return reachable(resumeUrlOf(context), connection.endpoints);
}

function refuseMany(count: number, what: 'items' | 'requests', name: string): void {
  if (count <= MOST_ITEMS) return;
  const came = what === 'items' ? 'came in' : 'would be sent';
  throw new UserInputError(
    `${name} takes up to ${MOST_ITEMS} ${what} a run, and ${count} ${came}`,
    `Put a Loop Over Items node before this one, with a batch size of up to ${MOST_ITEMS}. Nothing was submitted.`,
  );
}

function reachable(url: string, endpoints: Endpoints): string {
  const unreachable = whyUnreachable(url, endpoints);
  if (unreachable) throw new UserInputError(unreachable.message, unreachable.hint);
  return url;
}
