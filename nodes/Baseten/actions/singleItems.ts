import { hidingSecrets } from '../../shared/errors/nodeErrors';
import { secretsOf } from '../../shared/errors/redact';
import { hedgeOf } from '../../shared/http/hedge';
import { withWakeFirst } from '../../shared/management/wakeFirst';
import { readItemOptions } from '../../shared/parameters/options';
import type { ItemWork } from '../../shared/run/items';
import { onceEach } from '../../shared/run/once';
import { sideBySide } from '../../shared/run/sideBySide';
import type { ItemCall, ItemOperation, NodeRun } from './operation';
import { inField, readOutputField } from './outputField';
import { withWakingHint } from './wakingHint';

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
  const once = onceEach();
  return {
    async send([itemIndex = 0], signal) {
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
      const call: ItemCall = {
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
      const field = readOutputField(options.own);
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
