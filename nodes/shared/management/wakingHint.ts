import type { Connection } from '../connection/connection';
import { nameOf, readinessUrl, type Owner, type Target } from '../connection/endpoints';
import { BasetenError } from '../errors/basetenError';
import { createClient } from '../http/client';
import type { HttpContext } from '../http/wire';
import { readOwner, readTarget } from '../parameters/addressing';
import type { ParameterContext } from '../parameters/parameter';
import { onceEach, type Once } from '../run/once';
import { readinessOf } from './readiness';
import { callsDeployment } from './wakeFirst';

/** Seconds that an error waits for the status of a deployment. */
const PATIENCE = 5;
/** Statuses of a deployment that is on its way to take requests. */
const WAKING = ['SCALED_TO_ZERO', 'WAKING_UP', 'LOADING_MODEL', 'DEPLOYING', 'BUILDING'];

/** Whose request failed. */
interface Caller {
  context: HttpContext & ParameterContext;
  /** Position of the item whose parameters say which deployment was called. */
  itemIndex: number;
  connection: Connection;
  signal?: AbortSignal;
  /** What is shared with other items, so that those of a run ask once. */
  once?: Once;
}

/**
 * Says in the error of a request that took too long whether its deployment is waking up. All items
 * of a run that have the same deployment ask once.
 * @param error what the request failed with, of any kind
 * @returns the error with that, or as it is
 */
export async function withWakingHint(error: unknown, caller: Caller): Promise<unknown> {
  if (!(error instanceof BasetenError) || error.kind !== 'timeout') return error;
  if (!callsDeployment(caller)) return error;
  const { context, itemIndex, once = onceEach() } = caller;
  const place: Place = [readOwner(context, 'model', itemIndex), readTarget(context, itemIndex)];
  const key = `status after a timeout of ${JSON.stringify(place)}`;
  const status = await once(key, async () => await statusOf(caller, place));
  if (status === undefined || !WAKING.includes(status)) return error;
  const hint =
    `Its deployment is ${status}, so the time went into waking up. ` +
    `Turn on Wake First in the options, or raise Timeout. ${error.hint}`;
  return new BasetenError(error.message, { ...error, hint });
}

type Place = [owner: Owner, target: Target];

async function statusOf(
  { context, connection, signal }: Caller,
  [owner, target]: Place,
): Promise<string | undefined> {
  const client = createClient(context, connection);
  const options = { timeout: PATIENCE, maxRetries: 0, signal };
  try {
    const { status } = await readinessOf({
      url: readinessUrl(connection.endpoints, owner.id, target),
      subject: nameOf(owner),
      send: async (request) => await client.send(request, options),
    });
    return status;
  } catch {
    // The key may not ask. The timeout itself says what matters.
    return undefined;
  }
}
