import { createHash } from 'crypto';

import type { Connection } from '../connection/connection';
import { nameOf, routeUrl, type Owner, type Target } from '../connection/endpoints';
import type { BasetenRequest, BasetenResponse } from '../http/client';
import { toModelChoices } from '../parameters/modelChoices';
import { parseResponse } from '../payload/responseItem';
import { PROCESS_MEMORY, type Memory } from './memory';

/** Milliseconds that a name is remembered: a run asks once. */
const FRESH_FOR = 30_000;
/** The name for servers that take any. */
const ANY_NAME = 'baseten';

/** Which deployment is asked, and how. */
export interface ServedModelQuestion {
  connection: Connection;
  owner: Owner;
  target: Target;
  send(request: BasetenRequest): Promise<BasetenResponse>;
}

/**
 * Asks a deployment's own server under which name it serves its model.
 * @returns the first name; `baseten` if it doesn't say
 */
export async function servedModelOf(
  { connection, owner, target, send }: ServedModelQuestion,
  memory: Memory = PROCESS_MEMORY,
): Promise<string> {
  const url = routeUrl(connection.endpoints, { owner, target, route: '/v1/models' });
  const key = createHash('sha256').update(connection.apiKey).digest('base64');
  const subject = nameOf(owner);
  try {
    return await memory.recall(`${key} ${url}`, FRESH_FOR, async () => {
      const { body } = await send({ method: 'GET', url, subject });
      return toModelChoices(parseResponse(body, subject))?.[0]?.value ?? ANY_NAME;
    });
  } catch {
    // What is wrong shows at the request itself.
    return ANY_NAME;
  }
}
