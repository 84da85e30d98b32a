import type { IDataObject } from 'n8n-workflow';

import { submitAsync } from '../../../shared/async/requests';
import type { OwnerKind } from '../../../shared/connection/endpoints';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import { readChoice } from '../../../shared/parameters/choice';
import { withMetadata } from '../../../shared/webhook/metadata';
import { readWebhookUrl } from '../../../shared/webhook/url';
import type { Operation } from '../operation';
import { readJsonInput } from '../parameters/input';
import { startWaiting } from './startWaiting';
import {
  readMetadata,
  readQueueing,
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
    async execute(call) {
      const { context, itemIndex, connection, send } = call;
      const submission = {
        owner: readOwner(context, kind, itemIndex),
        target: readTarget(context, itemIndex),
        body: {
          model_input: await readJsonInput(context, itemIndex, submitModes(kind)),
          ...readQueueing(call.options.own),
        },
      };
      const metadata = readMetadata(context, itemIndex);
      const delivery = readChoice(context, DELIVERY, itemIndex);
      if (delivery === 'wait') return await startWaiting(call, { ...submission, metadata });
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
