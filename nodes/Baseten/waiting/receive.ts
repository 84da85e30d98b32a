// Decisions: docs/decisions.md, "The workflow is parked first, and a sub-execution keeps watch".

import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { toConnection } from '../../shared/connection/connection';
import { toErrorJson } from '../../shared/errors/errorJson';
import { hidingSecrets } from '../../shared/errors/nodeErrors';
import { secretsOf } from '../../shared/errors/redact';
import { UserInputError } from '../../shared/errors/userInputError';
import { realTime } from '../../shared/time';
import { openAddress, openMessage, MESSAGE_HEADER } from '../../shared/waiting/messages';
import type { ParentReply, ToParent } from '../../shared/waiting/messages';
import { checkResult, inferenceFailed, toItems, type Outcome } from '../../shared/waiting/outcome';
import { noteOwnAddress, post, type Arrival } from '../../shared/waiting/post';
import { postUntilAsleep } from '../../shared/waiting/postUntilAsleep';
import {
  acceptOnly,
  receiveDelivery,
  refuseForNow,
  REPLY_IS_OURS,
  type HttpReply,
} from '../../shared/webhook/delivery';
import { isSuccess, toPayload, type AsyncResult } from '../../shared/webhook/verify';
import { whenEnded } from '../../shared/webhook/whenEnded';
import { Hands, type HandedOver } from './handOver';
import { PARENT, Standings, untilTurnOf, type Heard, type Move } from './parent';
import { readInputs, readRecord, type WaitRecord } from './record';

/** What this process knows of parents. */
const standings = new Standings();
const hands = new Hands(post, realTime);

/** Milliseconds after which Baseten gets an answer, whatever is known: it gives up after 10 s. */
const ANSWER_WITHIN = 8_000;
/** Milliseconds until a keeper is told that it can end: it may be going to sleep just now. */
const CLOSE_AFTER = 100;

/** A request to a parent, with what belongs to it. */
interface Call {
  context: IWebhookFunctions;
  record: WaitRecord;
  /** Names the wait within this process. */
  wait: string;
}

/** The parts of a request that are read. */
type Received = Arrival & {
  rawBody?: unknown;
  headers: Record<string, unknown>;
  query?: Record<string, unknown>;
};

/**
 * Takes what comes to the address of a parked execution: results of Baseten's, and messages of its
 * keeper. It never throws: n8n would then lose what the execution has done.
 */
export async function receiveWhileParked(
  context: IWebhookFunctions,
): Promise<IWebhookResponseData> {
  try {
    const request = context.getRequestObject() as unknown as Received;
    noteOwnAddress(request);
    const record = readRecord(context);
    const signature = request.headers[MESSAGE_HEADER];
    if (signature === undefined) return await receiveResult(context, request, record);
    const message = openMessage<ToParent>(request.rawBody, signature, record?.secret);
    // It is not for this wait. That may be the one of an earlier run of the node, which is over.
    if (!record || !message) return say({ wait: 'gone' });
    return await hearKeeper(callOf(context, record), message);
  } catch (error) {
    return refuseForNow(context, error);
  }
}

function callOf(context: IWebhookFunctions, record: WaitRecord): Call {
  return { context, record, wait: `${context.getExecutionId()}:${record.run}` };
}

async function hearKeeper(call: Call, message: ToParent): Promise<IWebhookResponseData> {
  const isProbe = message.kind === 'probe';
  const move = moveOf(call, isProbe ? (message.last ? 'last' : 'probe') : 'deliver');
  if (move !== 'wake' || isProbe) return reply(call, move);
  return await wake(call, async () => message.outcomes, { wait: 'taken' });
}

/** Takes a result of Baseten's: verified first, like any delivery. */
async function receiveResult(
  context: IWebhookFunctions,
  request: Received,
  record: WaitRecord | undefined,
): Promise<IWebhookResponseData> {
  // The URL is the execution's alone, so the awaited result is no replay, whatever its age.
  const reception = await receiveDelivery(context, { verifySignature: true, tolerance: 0 });
  if ('refused' in reception) return reception.refused;
  const { result } = reception;
  const address = record && openAddress(request.query, record.secret);
  if (!record || address?.run !== record.run) return acceptOnly('not awaited any more');
  const call = callOf(context, record);
  const goesOn = record.single !== undefined && (!record.stops || (await isUsable(call, result)));
  const move = moveOf(call, goesOn ? 'result' : 'part');
  switch (move) {
    case 'wake':
      return await wake(
        call,
        async () => [await outcomeOf(call, result)],
        { received: true },
        closeKeeper,
      );
    case 'handOver': {
      const { keeperUrl, secret } = record;
      const handedOver = hands.give(keeperUrl, secret, address.item, reception);
      void handedOver.then((fate) => afterHandingOver(call, address.item, fate));
      return answerLater(
        context,
        handedOver.then((fate) => fate !== 'given up'),
      );
    }
    case 'awaitWaking':
      return answerLater(
        context,
        new Promise((resolve) => standings.onRecorded(call.wait, resolve)),
      );
    default:
      return acceptOnly('not awaited any more');
  }
}

function moveOf({ wait }: Call, heard: Heard): Move {
  return PARENT[standings.of(wait, Date.now())][heard];
}

/** Answers a keeper, without waking anything. */
function reply({ record, wait }: Call, move: Move): IWebhookResponseData {
  if (move === 'end') standings.end(wait, Date.now());
  if (move === 'sayWaking') return say({ wait: 'waking' });
  if (move === 'sayTaken') return say({ wait: 'taken' });
  if (move === 'sayGone') return say({ wait: 'gone' });
  return say({ wait: 'parked', holding: hands.holding(record.keeperUrl) });
}

function say(what: ParentReply): IWebhookResponseData {
  return { webhookResponse: what };
}

/**
 * Goes on with what became of the items. n8n answers once it has recorded that. Anything else that
 * comes meanwhile waits for it.
 * @param outcomes tells what became of them
 * @param answer what the sender is told then
 * @param afterwards is done then
 */
async function wake(
  call: Call,
  outcomes: () => Promise<Outcome[]>,
  answer: object,
  afterwards?: (call: Call) => Promise<void>,
): Promise<IWebhookResponseData> {
  const { context, record, wait } = call;
  const recorded = (isRecorded: boolean) => standings.recorded(wait, isRecorded, Date.now());
  standings.wake(wait, Date.now());
  let isUnderWay = false;
  try {
    const { shape } = record;
    const inputs = shape.beside ? readInputs(context) : [];
    const items = await toItems(context, await outcomes(), shape, inputs);
    // n8n answers with a success once it has recorded a waking.
    whenEnded(context.getResponseObject() as unknown as HttpReply, (status) => {
      recorded(status < 300);
      if (status < 300) void afterwards?.(call);
    });
    isUnderWay = true;
    return { webhookResponse: answer, workflowData: [items] };
  } finally {
    if (!isUnderWay) recorded(false);
  }
}

async function closeKeeper({ record: { keeperUrl, secret } }: Call): Promise<void> {
  await realTime.wait(CLOSE_AFTER);
  await postUntilAsleep(keeperUrl, { kind: 'close' }, secret);
}

/**
 * If somebody deleted the keeper, nobody brings the results together any more. So that the workflow
 * does not sleep for good, it goes on without them. Each item has its turn: two processes that wake
 * it at once would undo what the other one has done.
 */
async function afterHandingOver(
  { context, record }: Call,
  item: number,
  fate: HandedOver,
): Promise<void> {
  if (fate !== 'gone') return;
  const { parentUrl, secret, stops, count, positions } = record;
  await realTime.wait(untilTurnOf(item, count, Date.now()));
  const error = new UserInputError(
    'The sub-execution that brought the results together was deleted',
    'Results that had come are lost with it. Leave the executions of this workflow alone while it waits.',
  );
  const node = context.getNode();
  const outcomes = Array.from({ length: stops ? 0 : count }, (_, request) => ({
    failure: toErrorJson(node, error, positions?.[request] ?? request),
  }));
  await post(parentUrl, { kind: 'deliver', outcomes }, secret);
}

/** Whether the workflow can go on with a result. */
async function isUsable({ record: { single } }: Call, result: AsyncResult): Promise<boolean> {
  if (!isSuccess(result) || !single) return false;
  return await checkResult(result, single.reading, single.owner).then(
    () => true,
    () => false,
  );
}

/** What the result of a single item is for the workflow. */
async function outcomeOf({ context, record }: Call, result: AsyncResult): Promise<Outcome> {
  const { owner, metadata, field, reading, item } = record.single as NonNullable<
    WaitRecord['single']
  >;
  const success = () => ({ payload: toPayload(result, metadata), field, reading, item });
  if (isSuccess(result) && !reading) return success();
  const connection = toConnection(await context.getCredentials('basetenWorkspaceApi'));
  try {
    return await hidingSecrets(secretsOf(connection), async () => {
      if (!isSuccess(result)) throw inferenceFailed(owner, result.request_id, result.errors);
      await checkResult(result, reading, owner);
      return success();
    });
  } catch (error) {
    return { failure: toErrorJson(context.getNode(), error, 0) };
  }
}

/** Answers without n8n, which then keeps no expression isolate meanwhile. */
function answerLater(context: IWebhookFunctions, isKept: Promise<boolean>): IWebhookResponseData {
  const response = context.getResponseObject() as unknown as HttpReply;
  const tooLate = realTime.wait(ANSWER_WITHIN).then(() => false);
  void Promise.race([isKept, tooLate]).then((wasKept) => {
    if (!response.headersSent) response.status(wasKept ? 200 : 503).json({ received: wasKept });
  });
  return REPLY_IS_OURS;
}
