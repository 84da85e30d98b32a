import { actionUrl, nameOf, readinessUrl } from '../../../shared/connection/endpoints';
import { untilReady } from './readiness';
import type { Operation } from '../operation';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { optionsCollection, readNumber } from '../../../shared/parameters/options';

/**
 * Wakes a deployment that is scaled to zero, and waits for it if asked to.
 * @see https://docs.baseten.co/reference/inference-api/wake/environments-wake
 */
export const wake: Operation = {
  name: 'Wake',
  value: 'wake',
  action: 'Wake a model',
  description: 'Start a deployment that is scaled to zero, before it is needed',
  properties: [
    ...addressing('model'),
    optionsCollection([
      {
        displayName: 'Wait Until Ready',
        name: 'waitUntilReady',
        type: 'boolean',
        default: false,
        description:
          'Whether to go on only once the deployment is active. This needs a key that may use the management API.',
      },
      {
        displayName: 'Ready Timeout',
        name: 'readyTimeout',
        type: 'number',
        typeOptions: { minValue: 1, maxValue: 3600 },
        default: 600,
        description: 'Most seconds to wait for the deployment, from 1 to 3600',
      },
    ]),
  ],
  async execute({ context, itemIndex, connection, options: { own: options }, send, signal }) {
    const owner = readOwner(context, 'model', itemIndex);
    const target = readTarget(context, itemIndex);
    const limit = readNumber(options, {
      name: 'readyTimeout',
      label: 'Ready Timeout',
      range: [1, 3600],
      fallback: 600,
    });
    const subject = nameOf(owner);
    await send({
      method: 'POST',
      url: actionUrl(connection.endpoints, owner, target, 'wake'),
      subject,
    });
    if (options.waitUntilReady !== true) return [{ json: { woken: true } }];
    const url = readinessUrl(connection.endpoints, owner.id, target);
    const deployment = await untilReady({ url, subject, limit, signal, send });
    return [{ json: { woken: true, ready: true, ...deployment } }];
  },
};
