import type { IDataObject } from 'n8n-workflow';

import { submitAsync } from '../../../shared/async/requests';
import type { OwnerKind } from '../../../shared/connection/endpoints';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import { readChoice } from '../../../shared/parameters/choice';
import { readItemOptions } from '../../../shared/parameters/options';
import { wakeFirst } from '../../../shared/management/wakeFirst';
import { onceEach, type Once } from '../../../shared/run/once';
import { UserInputError } from '../../../shared/errors/userInputError';
import { toJsonText } from '../../../shared/payload/jsonText';
import type { ItemJob } from '../../../shared/waiting/job';
import { withMetadata } from '../../../shared/webhook/metadata';
import { readWebhookUrl } from '../../../shared/webhook/url';
import type { ItemInput, NodeRun, Operation } from '../operation';
import { readOutputField } from '../../../shared/run/outputField';
import { readJsonInput } from '../parameters/input';
import { startWaiting } from './startWaiting';
import {
  readMetadata,
  readQueueing,
  readWaitOptions,
  submitAsyncProperties,
  submitModes,
} from './submitAsync.parameters';

const DELIVERY = {
  name: 'delivery',
  label: 'Delivery',
  values: ['webhook', 'wait', 'none'],
  fallback: 'webhook',
} as const;

/**
 * Submits work whose result comes later; the same for models and chains.
 * @see https://docs.baseten.co/inference/async
 */
export function submitAsyncOperation(kind: OwnerKind): Operation {
  return {
    name: 'Submit Async',
    value: 'submitAsync',
    action: `Submit an async request to a ${kind}`,
    description: `Queue long work for a ${kind}; the result comes by webhook`,
    properties: submitAsyncProperties(kind),
    // Baseten has no route that wakes a chain.
    ...(kind === 'model' && { callsDeployment: true }),
    async executeRun(run) {
      if (readChoice(run.context, DELIVERY, 0) !== 'wait') return undefined;
      const once = onceEach();
      return await startWaiting(run, async (itemIndex) => [
        await readJob(run, kind, itemIndex, once),
      ]);
    },
    async execute(call) {
      const { context, itemIndex, connection, send } = call;
      const submission = await readSubmission(call, kind);
      const metadata = readMetadata(context, itemIndex);
      const delivery = readChoice(context, DELIVERY, itemIndex);
      if (delivery === 'wait') throw notForAll();
      if (delivery === 'webhook') {
        const { endpoints, webhookSecrets: secrets } = connection;
        const url = readWebhookUrl(context.getNodeParameter('webhookUrl', itemIndex, ''), {
          endpoints,
          isManual: context.getMode() === 'manual',
        });
        const owner = submission.owner.id.trim();
        Object.assign(submission.body, {
          webhook_endpoint: withMetadata(url, metadata, { secrets, owner, now: Date.now() }),
        });
      }
      const request_id = await submitAsync(send, connection.endpoints, submission);
      return [{ json: { request_id, metadata: metadata as IDataObject } }];
    },
  };
}

/** Reads what an item submits, however its result comes back. */
async function readSubmission(
  { context, itemIndex, options }: Pick<ItemInput, 'context' | 'itemIndex' | 'options'>,
  kind: OwnerKind,
) {
  return {
    owner: readOwner(context, kind, itemIndex),
    target: readTarget(context, itemIndex),
    body: {
      model_input: await readJsonInput(context, itemIndex, submitModes(kind)),
      ...readQueueing(options.own),
    },
  };
}

/** Reads an item of a run that waits for its results. */
async function readJob(
  { context, client, connection, flow }: NodeRun,
  kind: OwnerKind,
  itemIndex: number,
  once: Once,
): Promise<ItemJob> {
  if (readChoice(context, DELIVERY, itemIndex) !== 'wait') throw notForAll();
  const options = readItemOptions(context, itemIndex);
  const { owner, target, body } = await readSubmission({ context, itemIndex, options }, kind);
  const { model_input, ...queueing } = body;
  const { timeout, maxRetries, own } = options;
  const signal = context.getExecutionCancelSignal();
  if (kind === 'model') {
    const show = (message: string) => context.sendMessageToUI(message);
    const { endpoints } = connection;
    const caller = { context, itemIndex, options: own, endpoints, once, show };
    await wakeFirst(client, caller, { timeout, maxRetries, signal, flow });
  }
  return {
    owner,
    target,
    input: toJsonText(model_input),
    queueing,
    metadata: readMetadata(context, itemIndex),
    field: readOutputField(own),
    sendOptions: { timeout, maxRetries },
    ...readWaitOptions(own),
  };
}

function notForAll(): UserInputError {
  return new UserInputError(
    'Delivery is Wait for Result for some items only',
    'All items of a run wait together: let Delivery be the same for all of them.',
  );
}
