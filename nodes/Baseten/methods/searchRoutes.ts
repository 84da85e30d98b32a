import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { toConnection, type Connection } from '../../shared/connection/connection';
import { routeUrl, type Owner, type Target } from '../../shared/connection/endpoints';
import { createClient } from '../../shared/http/client';
import { Memory } from '../../shared/knowledge/memory';
import { deploymentStateOf } from '../../shared/knowledge/modelKnowledge';
import { chosenOwner, chosenTarget } from '../../shared/parameters/chosen';
import { parseResponse } from '../../shared/payload/responseItem';
import { realTime } from '../../shared/time';
import { toRouteChoices } from './routeChoices';

/** Most seconds for one request: a person waits for the list to open. */
const TIMEOUT = 20;

/**
 * Lists the routes of a model's own server, if it describes itself and is awake. Looking must wake
 * nothing, so Baseten is asked first.
 * @param filter what the user typed into the list's search field
 * @see https://docs.baseten.co/development/model/custom-server
 */
export async function searchRoutes(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  const owner = chosenOwner(this);
  if (!owner) return hint('Choose the model first.');
  const target = chosenTarget(this);
  const connection = toConnection(await this.getCredentials('basetenWorkspaceApi'));
  const isAwake = await isKnownToBeAwake(this, connection, owner, target);
  if (isAwake === undefined)
    return hint('This API key may not ask whether the model is awake. Choose "By Path".');
  if (!isAwake)
    return hint('The model is not awake, so its routes are not known. Choose "By Path".');
  const method = String(this.getCurrentNodeParameter('method') ?? 'GET').toUpperCase();
  const choices = toRouteChoices(await readDocument(this, connection, owner, target), method);
  if (!choices) return hint('This model does not describe its routes. Choose "By Path".');
  const wanted = filter.trim().toLowerCase();
  return { results: choices.filter(({ name }) => name.toLowerCase().includes(wanted)) };
}

/** @returns nothing if Baseten does not say */
async function isKnownToBeAwake(
  context: ILoadOptionsFunctions,
  connection: Connection,
  owner: Owner,
  target: Target,
): Promise<boolean | undefined> {
  const question = { context, connection, modelId: owner.id, target };
  try {
    // What is remembered is too old: the model may have gone to sleep.
    return (await deploymentStateOf(question, new Memory(realTime))).isAwake;
  } catch {
    return undefined;
  }
}

async function readDocument(
  context: ILoadOptionsFunctions,
  connection: Connection,
  owner: Owner,
  target: Target,
): Promise<unknown> {
  const url = routeUrl(connection.endpoints, { owner, target, route: '/openapi.json' });
  const subject = 'the list of routes';
  try {
    const { body } = await createClient(context, connection).send(
      { method: 'GET', url, subject },
      { timeout: TIMEOUT, maxRetries: 0 },
    );
    return parseResponse(body, subject);
  } catch {
    // Most servers that are no OpenAPI servers answer 404.
    return undefined;
  }
}

/** A list shows nothing but choices, so the hint is one. The node refuses its empty value. */
function hint(text: string): INodeListSearchResult {
  return { results: [{ name: text, value: '' }] };
}
