import {
  sleep,
  type IDataObject,
  type INodeExecutionData,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import {
  acceptOnly,
  ANSWERED,
  metadataOf,
  readSecretsFor,
  receiveDelivery,
  refuseForNow,
  type Answer,
} from '../shared/webhook/delivery';
import { moveBase64, toPaths } from '../shared/payload/responseItem';
import { isSuccess, toPayload, type AsyncResult } from '../shared/webhook/verify';
import { GroupCommit } from './groupCommit';
import { ReceivedIds, type StaticData } from './receivedIds';

interface Settings {
  secrets: string[];
  verifySignature: boolean;
  /** Seconds. */
  tolerance: number;
  outcomes: string[];
  modelIds: string[];
  base64Fields: string[];
  ignoreDuplicates: boolean;
  groupDeliveries: boolean;
  maxGroupSize: number;
}

/** Milliseconds between two marks, and how many there are at most: as long as Baseten waits for an answer. */
const MARKING_MS = 2;
const MARKING_TURNS = 5_000;

const received = new ReceivedIds();
const commits = new GroupCommit((trigger, requestIds) => received.add(trigger, requestIds));

/**
 * Receives one delivery: verifies it, sorts out what the workflow doesn't want, and starts an execution with it, alone
 * or together with others. It never throws, since n8n would start an execution for that.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  try {
    const settings = await readSettings(context);
    const reception = receiveDelivery(context, settings);
    if ('answered' in reception) return reception.answered;
    if (!isWanted(reception.result, settings)) return acceptOnly('not wanted by this workflow');
    return await handOver(context, reception.result, settings);
  } catch (error) {
    return refuseForNow(context, error);
  }
}

/** Hands a delivery to n8n, unless it is in an execution already. */
async function handOver(
  context: IWebhookFunctions,
  result: AsyncResult,
  settings: Settings,
): Promise<IWebhookResponseData> {
  const item = await toItem(context, result, settings);
  // A test listens for one delivery, which may be the same as the last time.
  if (context.getMode() === 'manual')
    return { webhookResponse: { received: true }, workflowData: [[item]] };
  const trigger = `${context.getWorkflow().id}/${context.getNode().id}`;
  const { ignoreDuplicates, groupDeliveries, maxGroupSize } = settings;
  const staticData: StaticData = ignoreDuplicates ? context.getWorkflowStaticData('node') : {};
  const requestId = ignoreDuplicates ? result.request_id : uniqueId(result.request_id);
  // Nothing is awaited between this look and joining, or a repeat could slip in between.
  if (received.has(trigger, staticData, requestId)) return acceptOnly('received before');
  const answer = context.getResponseObject() as unknown as Answer;
  const bytes = (context.getRequestObject().rawBody as Buffer).length;
  const delivery = { requestId, item, answer, bytes };
  const deliveries = await commits.join(trigger, delivery, {
    group: groupDeliveries,
    maxGroupSize,
  });
  if (!deliveries) return ANSWERED;
  if (ignoreDuplicates) {
    received.store(
      trigger,
      staticData,
      deliveries.map((each) => each.requestId),
    );
    void keepMarked(staticData, answer);
  }
  return {
    webhookResponse: { received: true },
    workflowData: [deliveries.map((each) => each.item)],
  };
}

/**
 * n8n saves static data that is marked as changed, once the execution is recorded. But when it starts the execution it
 * makes a second workflow of the same data, which takes the mark off: so it is set again until the answer is out.
 */
async function keepMarked(staticData: StaticData, answer: Answer): Promise<void> {
  const { received: ids } = staticData;
  for (let turn = 0; turn < MARKING_TURNS; turn++) {
    await sleep(MARKING_MS);
    // What is marked after the answer is saved once more when the execution ends, over what a later one has saved.
    if (answer.headersSent) return;
    staticData.received = ids;
  }
}

async function readSettings(context: IWebhookFunctions): Promise<Settings> {
  const options = context.getNodeParameter('options', {}) as IDataObject;
  // An expression may give anything: a list of IDs must not come to "all", what is no number not switch a check off.
  const list = (value: unknown) => toPaths([value].flat().filter(isWord).join(','));
  const whole = (value: unknown, fallback: number, least: number) => {
    const isText = typeof value === 'string' && value.trim() !== '';
    const number = typeof value === 'number' || isText ? Math.floor(Number(value)) : fallback;
    return number >= least && Number.isFinite(number) ? number : fallback;
  };
  return {
    secrets: await readSecretsFor(context),
    verifySignature: context.getNodeParameter('verifySignature', true) !== false,
    tolerance: whole(options.timestampTolerance, 300, 0),
    outcomes: context.getNodeParameter('outcomes', ['succeeded', 'failed']) as string[],
    modelIds: list(options.modelIds),
    base64Fields: list(options.base64Fields),
    ignoreDuplicates: options.ignoreDuplicates !== false,
    groupDeliveries: options.groupDeliveries !== false,
    maxGroupSize: whole(options.maxGroupSize, 100, 1),
  };
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function isWanted(result: AsyncResult, { outcomes, modelIds }: Settings): boolean {
  const owner = result.model_id ?? result.chain_id ?? '';
  return (
    outcomes.includes(isSuccess(result) ? 'succeeded' : 'failed') &&
    (modelIds.length === 0 || modelIds.includes(owner))
  );
}

async function toItem(
  context: IWebhookFunctions,
  result: AsyncResult,
  { secrets, base64Fields }: Settings,
): Promise<INodeExecutionData> {
  const metadata = metadataOf(context, secrets);
  const json = toPayload(result, metadata) as unknown as IDataObject;
  return await moveBase64(json, base64Fields, context.helpers, 'data').catch((error: Error) => {
    // A result is never given up for what a field holds.
    context.logger.warn(`${context.getNode().name}: a field was left as it came: ${error.message}`);
    return { json };
  });
}

let counter = 0;

/** Where duplicates are wanted each delivery counts as one of its own. */
function uniqueId(requestId: string): string {
  return `${requestId}#${++counter}`;
}
