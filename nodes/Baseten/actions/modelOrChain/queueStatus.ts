import { actionUrl, nameOf, type OwnerKind } from '../../../shared/connection/endpoints';
import { parseResponse, toObject } from '../../../shared/payload/responseItem';
import type { Operation } from '../operation';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';

/**
 * How much async work waits and runs; the same for models and chains.
 * @see https://docs.baseten.co/reference/inference-api/status-endpoints/environments-get-async-queue-status
 */
export function queueStatusOperation(kind: OwnerKind): Operation {
  return {
    name: 'Get Queue Status',
    value: 'getQueueStatus',
    action: `Get the async queue status of a ${kind}`,
    description: 'How many async requests are waiting and running',
    properties: [...addressing(kind), optionsCollection()],
    async execute({ context, itemIndex, connection, send }) {
      const owner = readOwner(context, kind, itemIndex);
      const url = actionUrl(
        connection.endpoints,
        owner,
        readTarget(context, itemIndex),
        'async_queue_status',
      );
      const subject = nameOf(owner);
      const response = await send({ method: 'GET', url, subject });
      return [{ json: toObject(parseResponse(response.body, subject)) }];
    },
  };
}
