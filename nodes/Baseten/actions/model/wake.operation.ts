import type { IDataObject } from 'n8n-workflow';

import {
  actionUrl,
  nameOf,
  readinessUrl,
  type Owner,
  type Target,
} from '../../../shared/connection/endpoints';
import { untilReady } from '../../../shared/management/readiness';
import { realTime, type Time } from '../../../shared/time';
import type { ItemCall, Operation } from '../operation';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { optionsCollection, readNumber } from '../../../shared/parameters/options';

/** What is told of a deployment that was woken. */
interface Woken extends IDataObject {
  /** Its status; nothing if it was not waited for. */
  status: string | null;
  activeReplicas: number | null;
  /** Seconds from the request to wake it until it was ready. */
  waitedSeconds: number;
}

/**
 * Wakes a deployment that is scaled to zero, and waits until it is ready. It does so once for each
 * deployment of a run, and lets the items pass.
 * @see https://docs.baseten.co/reference/inference-api/wake/environments-wake
 */
export const wake: Operation = {
  name: 'Wake',
  value: 'wake',
  action: 'Wake a model',
  description: 'Start a deployment that is scaled to zero, before it is needed',
  passesInputOn: true,
  properties: [
    ...addressing('model'),
    {
      displayName: 'Wait Until Ready',
      name: 'waitUntilReady',
      type: 'boolean',
      default: true,
      description:
        'Whether to go on only once the deployment is active. This needs a key that may use the management API.',
    },
    optionsCollection([
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
  async execute(call) {
    const { context, itemIndex, options } = call;
    const owner = readOwner(context, 'model', itemIndex);
    const target = readTarget(context, itemIndex);
    const isWaited = context.getNodeParameter('waitUntilReady', itemIndex, true) !== false;
    const limit = readNumber(options.own, {
      name: 'readyTimeout',
      label: 'Ready Timeout',
      range: [1, 3600],
      fallback: 600,
    });
    const wish = { owner, target, limit: isWaited ? limit : 0 };
    const woken = await call.once(
      JSON.stringify(wish),
      async () => await wakeOne(call, wish, realTime),
    );
    const { json = {}, binary } = context.getInputData()[itemIndex] ?? {};
    return [{ json: { ...json, wake: { ...woken } }, ...(binary && { binary }) }];
  },
};

interface Wish {
  owner: Owner;
  target: Target;
  /** Most seconds to wait; 0 does not wait. */
  limit: number;
}

async function wakeOne(
  { context, connection, send, signal }: ItemCall,
  { owner, target, limit }: Wish,
  time: Time,
): Promise<Woken> {
  const subject = nameOf(owner);
  const start = time.elapsed();
  await send({
    method: 'POST',
    url: actionUrl(connection.endpoints, owner, target, 'wake'),
    subject,
  });
  if (limit === 0) return { status: null, activeReplicas: null, waitedSeconds: 0 };
  const url = readinessUrl(connection.endpoints, owner.id, target);
  const deployment = await untilReady(
    { url, subject, limit, signal, send, show: (message) => context.sendMessageToUI(message) },
    time,
  );
  return {
    status: deployment.status,
    activeReplicas: deployment.active_replica_count ?? null,
    waitedSeconds: Math.round((time.elapsed() - start) / 100) / 10,
  };
}
