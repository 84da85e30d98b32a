// Decisions: docs/decisions.md,
// "200 means that the result is recorded",
// "Received request IDs are kept in memory and in static data".

import {
  sleep,
  type IDataObject,
  type INodeExecutionData,
  type IWebhookFunctions,
  type IWebhookResponseData,
} from 'n8n-workflow';

import { quoted } from '../shared/quoted';
import { moveFiles } from '../shared/payload/jsonFiles';
import {
  acceptOnly,
  receiveDelivery,
  refuseForNow,
  REPLY_IS_OURS,
  type Accepted,
  type HttpReply,
} from '../shared/webhook/delivery';
import { logSeldom } from '../shared/webhook/seldom';
import { keyOfEvent, type BillingEvent } from '../shared/webhook/billingUsage';
import { isSuccess, ownerOf, toPayload, type AsyncResult } from '../shared/webhook/verify';
import { GroupCommit } from './groupCommit';
import { ReceivedIds, type StaticData } from './receivedIds';
import { readSettings, type Settings } from './settings';

/**
 * Milliseconds between two marks, and most marks: together, as long as Baseten waits for a
 * response.
 */
const MARKING_MS = 2;
const MARKING_TURNS = 5_000;

const received = new ReceivedIds();
const commits = new GroupCommit((trigger, requestIds) => received.add(trigger, requestIds));

/**
 * Receives one delivery: verifies it, drops what the workflow does not want, and starts an
 * execution with it, alone or together with others. It never throws, because n8n would start an
 * execution then.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  try {
    const settings = readSettings(context, ({ message }) =>
      logSeldom(context, 'error', message, `${message}, so its default counts`),
    );
    const reception = await receiveDelivery(context, settings);
    if ('refused' in reception) return reception.refused;
    const unwanted = whyUnwanted(reception.result, settings);
    if (unwanted !== undefined) {
      const { request_id, billingEvents } = reception.result;
      const what = billingEvents ? 'billing usage' : `the result of request ${quoted(request_id)}`;
      context.logger.info(`${context.getNode().name}: ${what} was left out: ${unwanted}`);
      return acceptOnly('not wanted by this workflow');
    }
    return await handOver(context, reception, settings);
  } catch (error) {
    return refuseForNow(context, error);
  }
}

/** Hands a delivery to n8n, unless it is in an execution already. */
async function handOver(
  context: IWebhookFunctions,
  accepted: Accepted,
  settings: Settings,
): Promise<IWebhookResponseData> {
  const { request_id, billingEvents } = accepted.result;
  const itemsOf = async (events = billingEvents) =>
    events ? events.map(toEventItem) : await itemOf(context, accepted, settings);
  // A test run listens for one delivery, which may be the same one as last time.
  if (context.getMode() === 'manual')
    return { webhookResponse: { received: true }, workflowData: [[await itemsOf()].flat()] };
  const trigger = `${context.getWorkflow().id}/${context.getNode().id}`;
  const { ignoreDuplicates, groupDeliveries, maxGroupSize } = settings;
  const staticData: StaticData = ignoreDuplicates ? context.getWorkflowStaticData('node') : {};
  const requestId = ignoreDuplicates ? request_id : uniqueId(request_id);
  // Nothing is awaited from here to `join`, or a repeat could slip in between.
  const isKnown = (id: string) => received.has(trigger, staticData, id);
  const fresh = ignoreDuplicates ? billingEvents && freshOf(billingEvents, isKnown) : billingEvents;
  if (fresh ? fresh.length === 0 : isKnown(requestId)) return acceptOnly('received before');
  const reply = context.getResponseObject() as unknown as HttpReply;
  const ids = fresh?.map(keyOfEvent);
  const toItem = async () => await itemsOf(fresh);
  const delivery = { requestId, ids, toItem, reply, bytes: accepted.bytes };
  const started = await commits.join(trigger, delivery, { group: groupDeliveries, maxGroupSize });
  if (!started) return REPLY_IS_OURS;
  const allIds = started.flatMap((each) => each.ids);
  if (ignoreDuplicates && !sharesStaticData(context)) {
    const isChanged = received.store(trigger, staticData, allIds);
    if (isChanged) void keepMarked(staticData, reply);
  }
  return {
    webhookResponse: { received: true },
    workflowData: [started.flatMap(({ item }) => item)],
  };
}

/**
 * Whether the workflow keeps static data of its own. n8n saves all of it together, as it was when
 * this request came, so the trigger would undo what the workflow has stored since.
 */
function sharesStaticData(context: IWebhookFunctions): boolean {
  return Object.keys(context.getWorkflowStaticData('global')).length > 0;
}

/**
 * Keeps the static data marked as changed until the response is sent. n8n saves marked static data
 * when the execution is recorded. But to start the execution it makes a second workflow of the same
 * data, which removes the mark.
 */
async function keepMarked(staticData: StaticData, reply: HttpReply): Promise<void> {
  const { received: ids } = staticData;
  for (let turn = 0; turn < MARKING_TURNS; turn++) {
    await sleep(MARKING_MS);
    // A mark set after the response would have the data saved again when the execution ends. That
    // would overwrite what a later execution has saved.
    if (reply.headersSent) return;
    staticData.received = ids;
  }
}

/** The events that are not known, each once. */
function freshOf(events: BillingEvent[], isKnown: (id: string) => boolean): BillingEvent[] {
  const byKey = new Map(events.map((event) => [keyOfEvent(event), event]));
  return [...byKey].flatMap(([key, event]) => (isKnown(key) ? [] : [event]));
}

/** An event of billing usage as it came. */
function toEventItem(event: BillingEvent): INodeExecutionData {
  return { json: event as IDataObject };
}

/** Why a delivery does not start the workflow, or `undefined` if it does. */
function whyUnwanted(
  result: AsyncResult,
  { events, outcomes, modelIds }: Settings,
): string | undefined {
  const event = result.billingEvents ? 'billingUsage' : 'asyncResult';
  if (!events.includes(event)) return 'it is not among the Events';
  if (result.billingEvents) return undefined;
  const outcome = isSuccess(result) ? 'succeeded' : 'failed';
  if (!outcomes.includes(outcome)) return `it ${outcome}, which is not among the Outcomes`;
  const owner = ownerOf(result);
  const isWanted = modelIds.length === 0 || modelIds.includes(owner);
  return isWanted ? undefined : `it is of ${quoted(owner)}, which is not among the Model IDs`;
}

async function itemOf(
  context: IWebhookFunctions,
  { result, metadata, unverified }: Accepted,
  { base64Fields, base64ToFiles }: Settings,
): Promise<INodeExecutionData> {
  const json = toPayload(result, metadata, unverified) as unknown as IDataObject;
  const warn = (why: string) =>
    context.logger.warn(`${context.getNode().name}: a field was left as it came: ${why}`);
  const settings = {
    base64Fields,
    base64ToFiles,
    inside: 'data',
    onNoFile: (path: string) => warn(`"${path}" does not hold base64 text`),
  };
  return await moveFiles(json, settings, context.helpers).catch((error: Error) => {
    // A field that cannot be moved is no reason to lose the result.
    warn(error.message);
    return { json };
  });
}

let counter = 0;

/** An ID of its own for each delivery, so that duplicates are let through. */
function uniqueId(requestId: string): string {
  return `${requestId}#${++counter}`;
}
