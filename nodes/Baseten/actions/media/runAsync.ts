import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { nameOf, type Owner, type Target } from '../../../shared/connection/endpoints';
import { hidingSecrets } from '../../../shared/errors/nodeErrors';
import { secretsOf } from '../../../shared/errors/redact';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Format } from '../../../shared/formats/format';
import { toItems, type Reading } from '../../../shared/formats/results';
import { wakeFirst } from '../../../shared/management/wakeFirst';
import { readItemOptions, type Options } from '../../../shared/parameters/options';
import { readOutputField } from '../../../shared/run/outputField';
import { toJsonText } from '../../../shared/payload/jsonText';
import { jsonBody } from '../../../shared/payload/requestBody';
import type { ItemJob } from '../../../shared/waiting/job';
import { startWaiting } from '../modelOrChain/startWaiting';
import {
  QUEUE_OPTIONS,
  readQueueing,
  readWaitOptions,
  WAIT_OPTIONS,
} from '../modelOrChain/submitAsync.parameters';
import type { ItemCall, ItemOperation, NodeRun } from '../operation';
import { calls } from '../singleItems';
import { askModel } from './exchange';

/** What an item asks a model, and how the answers become items. */
export interface MediaAsk {
  owner: Owner;
  target: Target;
  format: Format;
  /** The bodies of its requests. */
  requests: Array<Record<string, unknown>>;
  reading: Reading;
}

const NAME = 'Run Async';
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Options: whether the workflow sleeps until the results have come, and how they are awaited. */
export const ASYNC_OPTIONS: INodeProperties[] = [
  {
    displayName: NAME,
    name: 'runAsync',
    type: 'boolean',
    default: false,
    description:
      'Whether to queue the requests at Baseten and pause this workflow until all results have arrived. Use it for work that takes longer than 20 minutes. It needs a webhook secret in the credential, and an n8n that Baseten can reach. Baseten takes inputs of up to 256 KiB then, so give links to large files.',
    // An agent's tool call can't be put to sleep.
    displayOptions: { hide: { '@tool': [true] } },
  },
  ...[...WAIT_OPTIONS, ...QUEUE_OPTIONS].map((option) => ({
    ...option,
    description: `With ${NAME}: ${lowerFirst(option.description ?? '')}`,
  })),
];

/**
 * Submits what all items of a run ask and puts the workflow to sleep, if that is how it is set.
 * @param read reads what an item asks; everything that can be wrong with it is found here
 * @returns what n8n shows until the results are there; nothing if the items are to be taken one by
 * one
 * @throws {UserInputError} if waiting is not possible here; then nothing was sent
 */
export async function runAsync(
  run: NodeRun,
  operation: Pick<ItemOperation, 'callsDeployment'>,
  read: (call: ItemCall) => Promise<MediaAsk>,
): Promise<INodeExecutionData[] | undefined> {
  const { context, connection } = run;
  if (!isAsync(readItemOptions(context, 0).own)) return undefined;
  const secrets = secretsOf(connection);
  const signal = context.getExecutionCancelSignal?.() ?? new AbortController().signal;
  const callOf = calls(operation, run);
  return await startWaiting(
    run,
    async (itemIndex) => {
      const call = callOf(itemIndex, signal);
      if (!isAsync(call.options.own)) throw notForAll();
      const submission = readSubmission(call);
      const { requests, owner, target, reading } = await hidingSecrets(secrets, async () => {
        const ask = await read(call);
        await wakeBefore(run, call);
        return ask;
      });
      return requests.map((request) => ({
        ...submission,
        owner,
        target,
        input: toJsonText(request),
        reading,
      }));
    },
    NAME,
  );
}

/** Others send the requests later, so an item's client wakes nothing by itself. */
async function wakeBefore(
  { client, connection: { endpoints }, flow }: NodeRun,
  { context, itemIndex, options, once, signal }: ItemCall,
): Promise<void> {
  const { timeout, maxRetries, own } = options;
  const show = (message: string) => context.sendMessageToUI(message);
  const caller = { context, itemIndex, options: own, endpoints, once, show };
  await wakeFirst(client, caller, { timeout, maxRetries, signal, flow });
}

/** What all requests of an item have in common. */
function readSubmission({
  context,
  itemIndex,
}: ItemCall): Omit<ItemJob, 'owner' | 'target' | 'input' | 'reading'> {
  // A submission is short, however long the work takes.
  const { timeout, maxRetries, own } = readItemOptions(context, itemIndex);
  return {
    item: itemIndex,
    queueing: readQueueing(own),
    metadata: {},
    field: readOutputField(own),
    sendOptions: { timeout, maxRetries },
    ...readWaitOptions(own),
  };
}

/**
 * Asks a model for what an item wants, side by side, and makes items of the answers.
 * @throws {BasetenError} what went wrong with the first request that failed
 */
export async function runNow(
  call: ItemCall,
  { requests, reading, ...question }: MediaAsk,
): Promise<INodeExecutionData[]> {
  const subject = nameOf(question.owner);
  const making = { helpers: call.context.helpers, subject, notes: call.notes };
  const made = await call.sideBySide(
    requests.map(
      (request) => async () =>
        await toItems(await askModel(call, question, jsonBody(request)), reading, making),
    ),
  );
  return made.flat();
}

/**
 * Checks the options about running async of an item that is to be asked at once.
 * @throws {UserInputError} if it wants to run async, and the first one does not, or if one of them
 * can't be used
 */
export function checkRunsNow(call: ItemCall): void {
  if (isAsync(call.options.own)) throw notForAll();
  readSubmission(call);
}

function isAsync({ runAsync }: Options): boolean {
  return runAsync === true;
}

function notForAll(): UserInputError {
  return new UserInputError(
    `${NAME} is on for some items only`,
    'All items of a run wait together: let it be the same for all of them.',
  );
}
