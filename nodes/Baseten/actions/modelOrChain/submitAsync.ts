import type { IDataObject } from 'n8n-workflow';

import { submitAsync } from '../../../shared/async/requests';
import type { OwnerKind } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import { withMetadata } from '../../../shared/webhook/metadata';
import { parseWebhookUrl } from '../../../shared/webhook/url';
import type { Operation } from '../operation';
import { readJsonInput } from '../parameters/input';
import { startWaiting } from './startWaiting';
import { readMetadata, readQueueing, submitAsyncProperties } from './submitAsync.parameters';

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
          model_input: await readJsonInput(context, itemIndex),
          ...readQueueing(call.options.own),
        },
      };
      const metadata = readMetadata(context, itemIndex);
      const delivery = context.getNodeParameter('delivery', itemIndex, 'webhook');
      if (delivery === 'wait') return await startWaiting(call, { ...submission, metadata });
      if (delivery === 'webhook') {
        const url = parseWebhookUrl(context.getNodeParameter('webhookUrl', itemIndex, ''));
        const [secret] = connection.webhookSecrets;
        Object.assign(submission.body, {
          webhook_endpoint: withMetadata(url, metadata, secret).toString(),
        });
      } else if (delivery !== 'none') {
        // Taken as "none" it would be submitted, and its result would be lost.
        throw new UserInputError(
          `Delivery can't be ${JSON.stringify(delivery)}`,
          'Its values are "webhook", "wait" and "none".',
        );
      }
      const request_id = await submitAsync(send, connection.endpoints, submission);
      return [{ json: { request_id, metadata: metadata as IDataObject } }];
    },
  };
}
