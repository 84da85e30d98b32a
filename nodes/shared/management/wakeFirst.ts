import type { INodeProperties } from 'n8n-workflow';

import type { Send } from '../async/requests';
import {
  actionUrl,
  nameOf,
  readinessUrl,
  type Endpoints,
  type Owner,
  type Target,
} from '../connection/endpoints';
import { BasetenError } from '../errors/basetenError';
import type { BasetenRequest, Client, SendOptions } from '../http/client';
import { readOwner, readTarget } from '../parameters/addressing';
import type { ParameterContext } from '../parameters/parameter';
import type { Options } from '../parameters/options';
import { onceEach, type Once } from '../run/once';
import { realTime, type Time } from '../time';
import { progressOf, readinessOf, untilReady } from './readiness';

/** Option: wakes the deployment before it is called. */
export const WAKE_FIRST: INodeProperties = {
  displayName: 'Wake First',
  name: 'wakeFirst',
  type: 'boolean',
  default: false,
  description:
    'Whether to wake the deployment if it is scaled to zero, and wait up to 10 minutes for it, before the first request of a run. Waiting needs a key that may use the management API. Model APIs never sleep.',
};

/** Most seconds to wait for a deployment: as long as Wake does by default. */
const LIMIT = 600;
const HINT =
  'It goes on waking up in Baseten. Run this again later, or put a node with Model → Wake before this one and raise its Ready Timeout.';

/** Whose requests wake a deployment. */
interface Caller {
  context: ParameterContext;
  itemIndex: number;
  endpoints: Endpoints;
  /** The item's options. */
  options: Options;
  /** What is shared with other items, so that each deployment is woken once for all of them. */
  once?: Once;
  /** Shows how far the deployment is. */
  show?(message: string): void;
}

/**
 * Makes a client that wakes the deployment of an item before its first request, if the option says
 * so. Requests to the management API wake nothing.
 * @param client sends the requests
 * @returns the client itself if nothing is to be woken; else its requests throw, besides their own
 * errors, a `UserInputError` if the deployment can't wake, or is not awake in time
 */
export function withWakeFirst(client: Client, given: Caller, time: Time = realTime): Client {
  if (!wakesFirst(given)) return client;
  const caller = { once: onceEach(), ...given };
  const wakeBefore = async ({ key }: BasetenRequest, sending: SendOptions) => {
    if (key !== 'management') await wakeFirst(client, caller, sending, time);
  };
  return {
    async send(request, sending) {
      await wakeBefore(request, sending);
      return await client.send(request, sending);
    },
    async stream(request, sending, isStreamed) {
      await wakeBefore(request, sending);
      return await client.stream(request, sending, isStreamed);
    },
  };
}

/**
 * Wakes the deployment of an item, if the option says so and nobody has done it before.
 * @param client sends the requests for that
 * @throws {UserInputError} if the deployment can't wake, or is not awake in time
 */
export async function wakeFirst(
  client: Client,
  caller: Caller & { once: Once },
  { timeout, maxRetries, signal, flow }: SendOptions,
  time: Time = realTime,
): Promise<void> {
  if (!wakesFirst(caller)) return;
  const { context, itemIndex, endpoints, once, show } = caller;
  const owner = readOwner(context, 'model', itemIndex);
  const target = readTarget(context, itemIndex);
  const send: Send = async (request) =>
    await client.send(request, { timeout, maxRetries, signal, flow });
  await once(`wake ${JSON.stringify([owner, target])}`, async () => {
    await wakeIfAsleep({ owner, target, endpoints, send, signal, show }, time);
  });
}

/** Whether an item wants its deployment woken. */
function wakesFirst(caller: Caller): boolean {
  return caller.options.wakeFirst === true && callsDeployment(caller);
}

/** Whether an item calls a deployment, and not one of the Model APIs. */
export function callsDeployment({
  context,
  itemIndex,
}: Pick<Caller, 'context' | 'itemIndex'>): boolean {
  return context.getNodeParameter('source', itemIndex, 'deployment') === 'deployment';
}

/** A deployment that may be asleep. */
interface Sleeper {
  owner: Owner;
  target: Target;
  endpoints: Endpoints;
  send: Send;
  signal?: AbortSignal;
  show?(message: string): void;
}

/**
 * Wakes a model's deployment if it sleeps, and waits until it is ready. If the management API can't
 * be asked, it is woken and not waited for: Baseten keeps requests until it is awake.
 * @throws {UserInputError} if it can't wake, or takes too long
 * @throws {BasetenError} if it can't be woken
 */
async function wakeIfAsleep(
  { owner, target, endpoints, send, signal, show }: Sleeper,
  time: Time,
): Promise<void> {
  const subject = nameOf(owner);
  const look = { url: readinessUrl(endpoints, owner.id, target), subject, send };
  const readiness = await ifItCanBeAsked(readinessOf(look));
  const progress = readiness && progressOf(readiness, subject);
  if (readiness && progress === undefined) return;
  const sleeps = !readiness || ['ACTIVE', 'SCALED_TO_ZERO'].includes(readiness.status);
  if (sleeps) {
    await send({ method: 'POST', url: actionUrl(endpoints, owner, target, 'wake'), subject });
  }
  const waiting = { ...look, limit: LIMIT, signal, show, hint: HINT };
  if (readiness) await ifItCanBeAsked(untilReady(waiting, time));
}

async function ifItCanBeAsked<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  return await asking.catch((error: unknown) => {
    if (error instanceof BasetenError) return undefined;
    throw error;
  });
}
