// Decisions: docs/decisions.md, "One request carries the texts of many items".

import { hidingSecrets } from '../../shared/errors/nodeErrors';
import { secretsOf } from '../../shared/errors/redact';
import { withWakeFirst } from '../../shared/management/wakeFirst';
import { withWakingHint } from '../../shared/management/wakingHint';
import { readItemOptions, type ItemOptions } from '../../shared/parameters/options';
import { FailedEntry } from '../../shared/run/batches';
import type { ItemWork } from '../../shared/run/items';
import { onceEach } from '../../shared/run/once';
import type { BatchCall, BatchOperation, BatchPart, NodeRun } from './operation';
import { inField, readOutputField } from '../../shared/run/outputField';

/**
 * The work of an operation that puts the texts of many items into one request. Items share a
 * request if they differ in nothing but their text.
 * @returns what `runItems` does for the items of each request
 */
export function batchedItems(
  operation: BatchOperation,
  { context, connection, client, flow }: NodeRun,
): ItemWork {
  const parts = new Map<number, BatchPart & { options: ItemOptions; field?: string }>();
  const secrets = secretsOf(connection);
  const once = onceEach();
  return {
    share(itemIndex) {
      const options = readItemOptions(context, itemIndex);
      const part = operation.readPart({ context, itemIndex, connection, options });
      parts.set(itemIndex, { ...part, options, field: readOutputField(options.own) });
      const { timeout, maxRetries, own } = options;
      const { wakeFirst } = own;
      const kind = JSON.stringify({ ...part, text: undefined, timeout, maxRetries, wakeFirst });
      return { kind, batchSize: part.batchSize };
    },
    async send(itemIndexes, signal) {
      const shared = itemIndexes.flatMap((itemIndex) => parts.get(itemIndex) ?? []);
      const [{ url, subject, fields, options }] = shared as [(typeof shared)[0]];
      const { timeout, maxRetries } = options;
      const [itemIndex = 0] = itemIndexes;
      const door = withWakeFirst(client, {
        context,
        itemIndex,
        endpoints: connection.endpoints,
        options: options.own,
        once,
        show: (message) => context.sendMessageToUI(message),
      });
      const call: BatchCall = {
        url,
        subject,
        fields,
        texts: shared.map(({ text }) => text),
        itemIndexes,
        connection,
        send: async (request) => await door.send(request, { timeout, maxRetries, signal, flow }),
      };
      const caller = { context, itemIndex, connection, signal, once };
      const items = await hidingSecrets(secrets, async () => {
        try {
          return await operation.executeBatch(call);
        } catch (error) {
          throw await withWakingHint(error, caller);
        }
      });
      return items.map((item, position) => {
        if (item instanceof FailedEntry) return item;
        const field = shared[position]?.field;
        return [field === undefined ? item : inField(item, field)];
      });
    },
  };
}
