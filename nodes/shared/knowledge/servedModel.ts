import { nameOfKey } from '../connection/nameOfKey';
import type { Connection } from '../connection/connection';
import { nameOf, routeUrl, type Owner, type Target } from '../connection/endpoints';
import { BasetenError } from '../errors/basetenError';
import type { BasetenRequest, BasetenResponse } from '../http/client';
import { toModelChoices } from '../parameters/modelChoices';
import type { Source } from '../parameters/source';
import { parseResponse } from '../payload/responseItem';
import { PROCESS_MEMORY, type Memory } from './memory';

/** Milliseconds that names are remembered: a run asks once. */
const FRESH_FOR = 30_000;
/** The name for servers that take any. */
const ANY_NAME = 'baseten';
/** Most names that a message lists. */
const MOST_LISTED = 10;

/** How a deployment is asked. */
export interface Asking {
  connection: Connection;
  send(request: BasetenRequest): Promise<BasetenResponse>;
}

/** Which deployment is asked, and how. */
export interface ServedModelQuestion extends Asking {
  owner: Owner;
  target: Target;
}

/**
 * Asks a deployment's own server under which name it serves its model.
 * @returns the first name; `baseten` if it doesn't say
 */
export async function servedModelOf(
  question: ServedModelQuestion,
  memory: Memory = PROCESS_MEMORY,
): Promise<string> {
  return (await servedNamesOf(question, memory))[0] ?? ANY_NAME;
}

/**
 * Gives a deployment's model the name under which its server serves it, if the user named none.
 * @returns the source, whose `model` is a name that the server knows
 * @see https://docs.baseten.co/inference/calling-your-model
 */
export async function named<Named extends Pick<Source, 'model' | 'isNamed' | 'deployment'>>(
  source: Named,
  asking: Asking,
): Promise<Named> {
  const { deployment, isNamed } = source;
  if (isNamed || !deployment) return source;
  return { ...source, model: await servedModelOf({ ...asking, ...deployment }) };
}

/**
 * Adds to the error about a model that was not found which names the deployment's server has.
 * @param error what a request to the source threw
 * @returns the error to throw; the same one if it is about something else, or nobody knows better
 */
export async function withServedNames(
  error: unknown,
  { model, deployment }: Pick<Source, 'model' | 'deployment'>,
  asking: Asking,
): Promise<unknown> {
  if (!(error instanceof BasetenError) || error.status !== 404 || !deployment) return error;
  const names = await servedNamesOf({ ...asking, ...deployment }, PROCESS_MEMORY);
  if (names.length === 0 || names.includes(model)) return error;
  const more = names.length > MOST_LISTED ? ', …' : '';
  const hint =
    `The deployment’s server knows no model "${model}". It serves: ` +
    `${names.slice(0, MOST_LISTED).join(', ')}${more}. Enter one of these as Model Name, or leave it empty.`;
  return new BasetenError(error.message, { ...error, hint });
}

/** @returns the names in the server's order; none if it doesn't say */
async function servedNamesOf(
  { connection, owner, target, send }: ServedModelQuestion,
  memory: Memory,
): Promise<string[]> {
  const url = routeUrl(connection.endpoints, { owner, target, route: '/v1/models' });
  const key = nameOfKey(connection.apiKey);
  const subject = nameOf(owner);
  for (;;) {
    let isOwn = false;
    try {
      return await memory.recall(`${key} ${url}`, FRESH_FOR, async () => {
        isOwn = true;
        const { body } = await send({ method: 'GET', url, subject });
        return (toModelChoices(parseResponse(body, subject)) ?? []).map(({ value }) => value);
      });
    } catch (error) {
      // Another run had asked, and was stopped. That says nothing of the server.
      if (!isOwn && !(error instanceof BasetenError)) continue;
      // What is wrong shows at the request itself.
      return [];
    }
  }
}
