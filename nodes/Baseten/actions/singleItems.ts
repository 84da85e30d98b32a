import { hidingSecrets } from '../../shared/errors/nodeErrors';
import { secretsOf } from '../../shared/errors/redact';
import { hedgeOf } from '../../shared/http/hedge';
import { readItemOptions } from '../../shared/parameters/options';
import type { ItemWork } from '../../shared/run/items';
import type { ItemCall, ItemOperation, NodeRun } from './operation';
import { inField, readOutputField } from './outputField';

/**
 * The work of an operation that takes items one by one.
 * @returns what `runItems` does for each item
 */
export function singleItems(
  operation: ItemOperation,
  { context, connection, client, flow, notes, options: { hedgeAfter } }: NodeRun,
): ItemWork {
  const mayHedge = operation.mayHedge === true && hedgeAfter > 0;
  const hedge = mayHedge ? hedgeOf(hedgeAfter, context.getInputData().length) : undefined;
  const secrets = secretsOf(connection);
  const shared = new Map<string, Promise<unknown>>();
  return {
    async send([itemIndex = 0], signal) {
      const options = readItemOptions(context, itemIndex, operation.timeout);
      const { timeout, maxRetries } = options;
      const sendOptions = { timeout, maxRetries, signal, hedge, flow };
      const call: ItemCall = {
        context,
        itemIndex,
        connection,
        options,
        notes,
        signal,
        async once<Result>(key: string, work: () => Promise<Result>) {
          const begun = (shared.get(key) as Promise<Result> | undefined) ?? work();
          shared.set(key, begun);
          return await begun;
        },
        send: async (request) => await client.send(request, sendOptions),
        stream: async (request, isStreamed) =>
          await client.stream(request, sendOptions, isStreamed),
      };
      const field = readOutputField(options.own);
      const items = await hidingSecrets(secrets, async () => await operation.execute(call));
      return [field === undefined ? items : items.map((item) => inField(item, field))];
    },
  };
}
