import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import { createClient } from '../../shared/client';
import { toConnection } from '../../shared/connection';
import { managementUrl, type OwnerKind } from '../../shared/endpoints';
import { BasetenError, toNodeError } from '../../shared/errors';
import { parseAnswer } from '../../shared/output';

/** Seconds: a person is waiting for the list to open. */
const LIST_TIMEOUT = 20;

interface Named {
  id: string;
  name: string;
}

/** A deployment; those of chains have no name. */
interface Deployment {
  id: string;
  name?: string;
  status?: string;
  environment?: string | null;
}

/** Models of the workspace: https://docs.baseten.co/reference/management-api/models/gets-all-models */
export async function searchModels(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
  const answer = await list<{ models?: Named[] }>(this, 'models', ['models']);
  if (!answer) return notAllowed('models');
  return matching(filter, (answer.models ?? []).map(toChoice));
}

/** Chains of the workspace: https://docs.baseten.co/reference/management-api/chains/gets-all-chains */
export async function searchChains(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
  const answer = await list<{ chains?: Named[] }>(this, 'chains', ['chains']);
  if (!answer) return notAllowed('chains');
  return matching(filter, (answer.chains ?? []).map(toChoice));
}

/** Environments of the chosen model or chain. */
export async function searchEnvironments(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const owner = chosenOwner(this);
  if (!owner) return firstChoose(this);
  const answer = await list<{ environments?: Array<{ name: string }> }>(this, 'environments', [
    ...owner,
    'environments',
  ]);
  if (!answer) return notAllowed('environments');
  return matching(
    filter,
    (answer.environments ?? []).map(({ name }) => ({ name, value: name })),
  );
}

/** Deployments of the chosen model or chain. */
export async function searchDeployments(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const owner = chosenOwner(this);
  if (!owner) return firstChoose(this);
  const answer = await list<{ deployments?: Deployment[] }>(this, 'deployments', [...owner, 'deployments']);
  if (!answer) return notAllowed('deployments');
  return matching(
    filter,
    (answer.deployments ?? []).map(({ id, name, status, environment }) => ({
      name: [name ?? id, environment, status?.toLowerCase().replaceAll('_', ' ')].filter(Boolean).join(' · '),
      value: id,
    })),
  );
}

/** Asks the management API. @returns nothing where the key may not list */
async function list<T>(context: ILoadOptionsFunctions, what: string, path: string[]): Promise<T | undefined> {
  try {
    const connection = toConnection(await context.getCredentials('basetenApi'));
    const client = createClient(context, connection);
    const subject = `the list of ${what}`;
    const url = managementUrl(connection.endpoints, ...path);
    const response = await client.send({ method: 'GET', url, subject }, { timeout: LIST_TIMEOUT, maxRetries: 1 });
    return parseAnswer(response.body, subject) as T;
  } catch (error) {
    if (error instanceof BasetenError && error.status === 403) return undefined;
    throw toNodeError(context.getNode(), error, 0);
  }
}

function chosenOwner(context: ILoadOptionsFunctions): [string, string] | undefined {
  const kind = chosenKind(context);
  const id = context.getCurrentNodeParameter(kind === 'model' ? 'modelId' : 'chainId', { extractValue: true });
  return typeof id === 'string' && id !== '' ? [`${kind}s`, id] : undefined;
}

function chosenKind(context: ILoadOptionsFunctions): OwnerKind {
  return context.getCurrentNodeParameter('resource') === 'chain' ? 'chain' : 'model';
}

function toChoice({ id, name }: Named): INodeListSearchItems {
  return { name: `${name} (${id})`, value: id };
}

function matching(filter: string | undefined, choices: INodeListSearchItems[]): INodeListSearchResult {
  const wanted = (filter ?? '').trim().toLowerCase();
  const results = choices.filter(({ name }) => name.toLowerCase().includes(wanted));
  return { results: results.sort((a, b) => a.name.localeCompare(b.name)) };
}

/** A list can only show choices, so the hint is one; chosen all the same, it is an empty value that the node refuses. */
function hint(text: string): INodeListSearchResult {
  return { results: [{ name: text, value: '' }] };
}

function notAllowed(what: string): INodeListSearchResult {
  return hint(`This API key may not list ${what}. Choose "By ID" and enter it.`);
}

function firstChoose(context: ILoadOptionsFunctions): INodeListSearchResult {
  return hint(`Choose the ${chosenKind(context)} first.`);
}
