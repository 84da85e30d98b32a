import { hidingSecrets } from '../../shared/errors/nodeErrors';
import { secretsOf } from '../../shared/errors/redact';
import { hedgeOf } from '../../shared/http/hedge';
import { withWakeFirst } from '../../shared/management/wakeFirst';
import { withWakingHint } from '../../shared/management/wakingHint';
import { readItemOptions } from '../../shared/parameters/options';
import type { ItemWork } from '../../shared/run/items';
import { onceEach } from '../../shared/run/once';
import { inField, readOutputField } from '../../shared/run/outputField';
import { sideBySide } from '../../shared/run/sideBySide';
import type { ItemCall, ItemOperation, NodeRun } from './operation';

/**
 * The work of an operation that takes items one by one.
 * @returns what `runItems` does for each item
 */
export function singleItems(operation: ItemOperation, run: NodeRun): ItemWork {
  const secrets = secretsOf(run.connection);
  const callOf = calls(operation, run);
  return {
    async send([itemIndex = 0], signal) {
      const call = callOf(itemIndex, signal);
      const field = readOutputField(call.options.own);
      const items = await hidingSecrets(secrets, async () => {
        try {
          return await operation.execute(call);
        } catch (error) {
          throw operation.callsDeployment ? await withWakingHint(error, call) : error;
        }
      });
      return [field === undefined ? items : items.map((item) => inField(item, field))];
    },
  };
}

/**
 * What the items of a run are called with.
 * @returns makes it for an item; the signal stops it
 */
export function calls(
  operation: Pick<ItemOperation, 'mayHedge' | 'timeout' | 'callsDeployment'>,
  { context, connection, client, flow, notes, options: { hedgeAfter } }: NodeRun,
): (itemIndex: number, signal: AbortSignal) => ItemCall {
  const mayHedge = operation.mayHedge === true && hedgeAfter > 0;
  const hedge = mayHedge ? hedgeOf(hedgeAfter, context.getInputData().length) : undefined;
  const once = onceEach();
  return (itemIndex, signal) => {
    const options = readItemOptions(context, itemIndex, operation.timeout);
    const { timeout, maxRetries } = options;
    const sendOptions = { timeout, maxRetries, signal, hedge, flow };
    const door = operation.callsDeployment
      ? withWakeFirst(client, {
          context,
          itemIndex,
          endpoints: connection.endpoints,
          options: options.own,
          once,
          show: (message) => context.sendMessageToUI(message),
        })
      : client;
    return {
      context,
      itemIndex,
      connection,
      options,
      notes,
      signal,
      once,
      sideBySide: async (parts) => await sideBySide(parts, flow),
      stopStarting() {
        if (!context.continueOnFail()) flow.stopStarting();
      },
      send: async (request) => await door.send(request, sendOptions),
      stream: async (request, isStreamed) => await door.stream(request, sendOptions, isStreamed),
    };
  };
}
