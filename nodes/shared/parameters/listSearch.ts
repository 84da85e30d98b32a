import type {
  ILoadOptionsFunctions,
  INodeListSearchItems,
  INodeListSearchResult,
} from 'n8n-workflow';

import { toModelChoices } from './modelChoices';
import { createClient } from '../http/client';
import { toConnection } from '../connection/connection';
import {
  managementUrl,
  modelApiUrl,
  routeUrl,
  type Endpoints,
  type OwnerKind,
  type Target,
} from '../connection/endpoints';
import { BasetenError, hidingSecrets, toNodeError } from '../errors/basetenError';
import { parseAnswer } from '../payload/responseItem';
import { secretsOf } from '../errors/redact';

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
export async function searchModels(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const answer = await list<{ models?: Named[] }>(this, 'models', ['models']);
  if (!answer) return notAllowed('models');
  return matching(filter, (answer.models ?? []).map(toChoice));
}

/** Chains of the workspace: https://docs.baseten.co/reference/management-api/chains/gets-all-chains */
export async function searchChains(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
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
  const answer = await list<{ deployments?: Deployment[] }>(this, 'deployments', [
    ...owner,
    'deployments',
  ]);
  if (!answer) return notAllowed('deployments');
  return matching(
    filter,
    (answer.deployments ?? []).map(({ id, name, status, environment }) => ({
      name: [name ?? id, environment, status?.toLowerCase().replaceAll('_', ' ')]
        .filter(Boolean)
        .join(' · '),
      value: id,
    })),
  );
}

/**
 * Names that requests to the chosen source can give as their model: the hosted models with their context length, or
 * what a deployment says it serves.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function searchModelNames(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const isDeployment = this.getCurrentNodeParameter('source') === 'deployment';
  try {
    const owner = isDeployment ? chosenOwner(this) : undefined;
    if (isDeployment && !owner) return firstChoose(this);
    const answer = await ask(this, 'the list of model names', (endpoints) =>
      owner
        ? routeUrl(endpoints, { kind: 'model', id: owner[1] }, chosenTarget(this), '/v1/models')
        : modelApiUrl(endpoints, '/models'),
    );
    const choices = toModelChoices(answer);
    return choices.length > 0 ? matching(filter, choices) : noNames(isDeployment);
  } catch (error) {
    if (error instanceof BasetenError && error.status === 403) return notAllowed('model names');
    // A deployment may be asleep, or have no such route, and work all the same.
    if (isDeployment && !(error instanceof BasetenError && error.status === 401))
      return noNames(true);
    throw toNodeError(this.getNode(), error, 0);
  }
}

/** Asks the management API. @returns nothing where the key may not list */
async function list<T>(
  context: ILoadOptionsFunctions,
  what: string,
  path: string[],
): Promise<T | undefined> {
  try {
    return (await ask(context, `the list of ${what}`, (endpoints) =>
      managementUrl(endpoints, ...path),
    )) as T;
  } catch (error) {
    if (error instanceof BasetenError && error.status === 403) return undefined;
    throw toNodeError(context.getNode(), error, 0);
  }
}

async function ask(
  context: ILoadOptionsFunctions,
  subject: string,
  urlIn: (endpoints: Endpoints) => string,
): Promise<unknown> {
  const connection = toConnection(await context.getCredentials('basetenApi'));
  const request = { method: 'GET' as const, url: urlIn(connection.endpoints), subject };
  const response = await createClient(context, connection).send(request, {
    timeout: LIST_TIMEOUT,
    maxRetries: 1,
  });
  return await hidingSecrets(secretsOf(connection), async () =>
    parseAnswer(response.body, subject),
  );
}

function chosenOwner(context: ILoadOptionsFunctions): [string, string] | undefined {
  const kind = chosenKind(context);
  const id = context.getCurrentNodeParameter(kind === 'model' ? 'modelId' : 'chainId', {
    extractValue: true,
  });
  return typeof id === 'string' && id !== '' ? [`${kind}s`, id] : undefined;
}

function chosenKind(context: ILoadOptionsFunctions): OwnerKind {
  return context.getCurrentNodeParameter('resource') === 'chain' ? 'chain' : 'model';
}

function chosenTarget(context: ILoadOptionsFunctions): Target {
  const chosen = (name: string) =>
    String(context.getCurrentNodeParameter(name, { extractValue: true }) ?? '');
  const type = (chosen('target') || 'production') as Target['type'];
  if (type === 'deployment') return { type, deploymentId: chosen('deploymentId') };
  return type === 'environment' || type === 'regional'
    ? { type, environment: chosen('environment') }
    : { type };
}

function toChoice({ id, name }: Named): INodeListSearchItems {
  return { name: `${name} (${id})`, value: id };
}

function matching(
  filter: string | undefined,
  choices: INodeListSearchItems[],
): INodeListSearchResult {
  const wanted = (filter ?? '').trim().toLowerCase();
  const results = choices.filter(({ name, value }) =>
    `${name}\n${value}`.toLowerCase().includes(wanted),
  );
  return { results: results.sort((a, b) => a.name.localeCompare(b.name)) };
}

/** A list can only show choices, so the hint is one; chosen all the same, it is an empty value that the node refuses. */
function hint(text: string): INodeListSearchResult {
  return { results: [{ name: text, value: '' }] };
}

function notAllowed(what: string): INodeListSearchResult {
  return hint(`This API key may not list ${what}. Choose "By ID" and enter it.`);
}

function noNames(isDeployment: boolean): INodeListSearchResult {
  return hint(
    isDeployment
      ? 'This deployment tells no model names now. Choose "By ID" and enter one, or leave it empty.'
      : 'No Model API is enabled in this workspace. Add one in Baseten, or choose "By ID" and enter it.',
  );
}

function firstChoose(context: ILoadOptionsFunctions): INodeListSearchResult {
  return hint(`Choose the ${chosenKind(context)} first.`);
}
