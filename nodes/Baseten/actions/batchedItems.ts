import type { IExecuteFunctions } from 'n8n-workflow';

import type { BasetenRequest, Client, SendOptions } from '../../shared/http/client';
import type { Connection } from '../../shared/connection/connection';
import { hidingSecrets } from '../../shared/errors/basetenError';
import type { Packing } from '../../shared/run/items';
import { secretsOf } from '../../shared/errors/redact';
import type { PackedOperation, Share } from './operation';
import { readSendOptions } from '../../shared/parameters/options';

/** An item's share of a request, and how that is to be sent. */
interface Part extends Share {
  sendOptions: Omit<SendOptions, 'signal'>;
}

/** How the items of an operation share requests: those that differ in nothing but their text. */
export function packing(
  operation: PackedOperation,
  context: IExecuteFunctions,
  connection: Connection,
  client: Client,
): Packing<Part> {
  return {
    read: (itemIndex) => ({
      ...operation.read({ context, itemIndex, connection }),
      sendOptions: readSendOptions(context, itemIndex),
    }),
    kindOf: ({ text: _, ...common }) => JSON.stringify(common),
    batchSizeOf: ({ batchSize }) => batchSize,
    async send(parts, itemIndexes, signal) {
      const [first] = parts as [Part];
      const call = {
        ...first,
        texts: parts.map(({ text }) => text),
        itemIndexes,
        send: async (request: BasetenRequest) =>
          await client.send(request, { ...first.sendOptions, signal }),
      };
      return await hidingSecrets(
        secretsOf(connection),
        async () => await operation.executePacked(call),
      );
    },
  };
}
