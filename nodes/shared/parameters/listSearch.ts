import type {
  ILoadOptionsFunctions,
  INodeListSearchItems,
  INodeListSearchResult,
} from 'n8n-workflow';

import { chosenKind, chosenOwner, chosenTarget } from './chosen';
import { withFacts } from './modelApiChoices';
import { toModelChoices } from './modelChoices';
import { createClient, type BasetenRequest } from '../http/client';
import { toConnectionWithKey } from '../connection/connection';
import {
  managementUrl,
  modelApiUrl,
  pathOf,
  routeUrl,
  type Endpoints,
} from '../connection/endpoints';
import { BasetenError, notBasetenFailure } from '../errors/basetenError';
import { hidingSecrets, toNodeError } from '../errors/nodeErrors';
import { isRecord } from '../json';
import { detailsOf, type ListedModel } from '../knowledge/modelDetails';
import { statusInWords } from '../management/statuses';
import { parseResponse } from '../payload/responseItem';
import { secretsOf } from '../errors/redact';

/** Most seconds for one request. It is short because a person waits for the list to open. */
const LIST_TIMEOUT = 20;
/** The list that an OpenAI-compatible server gives, for messages. */
const MODEL_NAMES = 'the list of model names';

/** An entry of a list. Its fields may be missing, or of any type. */
type Entry = Record<string, unknown>;

/**
 * Lists the models of the workspace, with the status of each, and what it is for.
 * @param filter what the user typed into the list's search field
 * @throws {NodeApiError} if the request fails for another reason than the key's rights
 * @see https://docs.baseten.co/reference/management-api/models/gets-all-models
 */
export async function searchModels(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const models = await list(this, 'models', ['models']);
  if (!models) return notAllowed('models');
  if (models.length === 0) return NO_MODELS;
  const connection = toConnectionWithKey(await this.getCredentials('basetenWorkspaceApi'));
  const details = await detailsOf({ context: this, connection }, models.flatMap(toListedModel));
  return matching(
    filter,
    models.flatMap((model) => {
      const { status, kind } = details.get(textOf(model.id) ?? '') ?? {
        status: model.deployments_count === 0 ? 'not deployed' : undefined,
      };
      return toNamedChoice(model, [status, kind]);
    }),
  );
}

/**
 * Lists the chains of the workspace.
 * @param filter what the user typed into the list's search field
 * @throws {NodeApiError} if the request fails for another reason than the key's rights
 * @see https://docs.baseten.co/reference/management-api/chains/gets-all-chains
 */
export async function searchChains(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const chains = await list(this, 'chains', ['chains']);
  return chains
    ? matching(
        filter,
        chains.flatMap((chain) => toNamedChoice(chain)),
      )
    : notAllowed('chains');
}

/**
 * Lists the environments of the chosen model or chain.
 * @param filter what the user typed into the list's search field
 * @throws {NodeApiError} if the request fails for another reason than the key's rights
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export async function searchEnvironments(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  return await searchOfOwner(this, 'environments', toEnvironmentChoice, filter);
}

/**
 * Lists the deployments of the chosen model or chain, with their environment and status.
 * @param filter what the user typed into the list's search field
 * @throws {NodeApiError} if the request fails for another reason than the key's rights
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export async function searchDeployments(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  return await searchOfOwner(this, 'deployments', toDeploymentChoice, filter);
}

/** Lists what the chosen model or chain has: its environments or its deployments. */
async function searchOfOwner(
  context: ILoadOptionsFunctions,
  what: 'environments' | 'deployments',
  toChoices: (entry: Entry) => INodeListSearchItems[],
  filter?: string,
): Promise<INodeListSearchResult> {
  const owner = chosenOwner(context);
  if (!owner) return chooseOwnerFirst(context);
  const entries = await list(context, what, [...pathOf(owner), what]);
  return entries ? matching(filter, entries.flatMap(toChoices)) : notAllowed(what);
}

/**
 * Lists the chainlets of the chosen chain's deployment: the one that is chosen, or else the one in
 * production.
 * @param filter what the user typed into the list's search field
 * @throws {NodeApiError} if the request fails for another reason than the key's rights
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export async function searchChainlets(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const owner = chosenOwner(this);
  if (!owner) return chooseOwnerFirst(this);
  const deployments = await list(this, 'deployments', [...pathOf(owner), 'deployments']);
  if (!deployments) return notAllowed('chainlets');
  const target = chosenTarget(this);
  const isWanted = (deployment: Entry) =>
    target.type === 'deployment'
      ? deployment.id === target.deploymentId
      : deployment.environment ===
        (target.type === 'environment' ? target.environment : target.type);
  const chainlets = deployments.filter(isWanted).flatMap((deployment) => deployment.chainlets);
  return matching(
    filter,
    chainlets.filter(isRecord).flatMap((chainlet) => toNamedChoice(chainlet)),
  );
}

/**
 * Lists the names that a request to the chosen source can give as its model: the models that
 * Baseten hosts, with context length, price and limits, or the names that a deployment says it
 * serves.
 * @param filter what the user typed into the list's search field
 * @throws {NodeApiError} if Baseten refuses the key, or the Model APIs can't be asked
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function searchModelNames(
  this: ILoadOptionsFunctions,
  filter?: string,
): Promise<INodeListSearchResult> {
  const isDeployment = this.getCurrentNodeParameter('source') === 'deployment';
  try {
    const owner = isDeployment ? chosenOwner(this) : undefined;
    if (isDeployment && !owner) return chooseOwnerFirst(this);
    const response = await getJson(this, {
      subject: MODEL_NAMES,
      urlIn: (endpoints) =>
        owner
          ? routeUrl(endpoints, { owner, target: chosenTarget(this), route: '/v1/models' })
          : modelApiUrl(endpoints, '/models'),
    });
    const choices = toModelChoices(response);
    if (!choices) throw notBasetenFailure(MODEL_NAMES);
    if (choices.length === 0) return noModelNames(isDeployment);
    if (isDeployment) return matching(filter, choices);
    const connection = toConnectionWithKey(await this.getCredentials('basetenWorkspaceApi'));
    return matching(filter, await withFacts({ context: this, connection }, choices));
  } catch (error) {
    if (error instanceof BasetenError && error.status === 403) return notAllowed('model names', '');
    // A deployment that is asleep, or does not have this route, can still be called.
    if (isDeployment && !(error instanceof BasetenError && error.status === 401))
      return noModelNames(true);
    throw toNodeError(this.getNode(), error, 0);
  }
}

/**
 * Reads a list of the management API.
 * @param what is listed, which is also the name of the list in the response
 * @returns the list's entries; nothing if the key may not read it
 */
async function list(
  context: ILoadOptionsFunctions,
  what: string,
  path: string[],
): Promise<Entry[] | undefined> {
  const subject = `the list of ${what}`;
  try {
    const response = await getJson(context, {
      subject,
      key: 'management',
      urlIn: (endpoints) => managementUrl(endpoints, ...path),
    });
    const entries = isRecord(response) ? response[what] : undefined;
    if (!Array.isArray(entries)) throw notBasetenFailure(subject);
    return entries.filter(isRecord);
  } catch (error) {
    if (error instanceof BasetenError && error.status === 403) return undefined;
    throw toNodeError(context.getNode(), error, 0);
  }
}

interface Question extends Pick<BasetenRequest, 'key' | 'subject'> {
  urlIn(endpoints: Endpoints): string;
}

async function getJson(
  context: ILoadOptionsFunctions,
  { subject, key, urlIn }: Question,
): Promise<unknown> {
  const connection = toConnectionWithKey(await context.getCredentials('basetenWorkspaceApi'));
  const request = { method: 'GET' as const, url: urlIn(connection.endpoints), key, subject };
  const response = await createClient(context, connection).send(request, {
    timeout: LIST_TIMEOUT,
    maxRetries: 1,
  });
  return await hidingSecrets(secretsOf(connection), async () =>
    parseResponse(response.body, subject),
  );
}

/** The choice of a model or chain; none without an ID, since nothing could be called. */
function toNamedChoice(
  entry: Entry,
  facts: Array<string | undefined> = [],
): INodeListSearchItems[] {
  const id = textOf(entry.id);
  if (id === undefined) return [];
  const name = textOf(entry.name);
  const words = [name ?? id, ...facts].filter(Boolean).join(' · ');
  return [{ name: name === undefined ? words : `${words} (${id})`, value: id }];
}

/** The model and the deployment that is called unless another target is chosen. */
function toListedModel(entry: Entry): ListedModel[] {
  const id = textOf(entry.id);
  const { production_deployment_id: production, development_deployment_id: development } = entry;
  return id === undefined ? [] : [{ id, deploymentId: textOf(production) ?? textOf(development) }];
}

function toEnvironmentChoice(entry: Entry): INodeListSearchItems[] {
  const name = textOf(entry.name);
  return name === undefined ? [] : [{ name, value: name }];
}

/** The choice of a deployment, with its environment and status. Those of chains have no name. */
function toDeploymentChoice(entry: Entry): INodeListSearchItems[] {
  const id = textOf(entry.id);
  if (id === undefined) return [];
  const status = statusInWords(textOf(entry.status));
  const facts = [textOf(entry.name) ?? id, textOf(entry.environment), status];
  return [{ name: facts.filter(Boolean).join(' · '), value: id }];
}

/** @returns a text or number as a text; nothing for anything else, and for a blank text */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
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

/** A list shows nothing but choices, so the hint is one. The node refuses its empty value. */
function hint(text: string): INodeListSearchResult {
  return { results: [{ name: text, value: '' }] };
}

const NO_MODELS = hint(
  'This workspace has no models of its own. For hosted LLMs choose Chat → Message a Model.',
);

/** @param other what helps besides an ID */
function notAllowed(
  what: string,
  other = ', or put a key that may into the credential as Management API Key',
): INodeListSearchResult {
  return hint(`This API key may not list ${what}. Choose "By ID" and enter it${other}.`);
}

function noModelNames(isDeployment: boolean): INodeListSearchResult {
  return hint(
    isDeployment
      ? 'This deployment does not list model names now. Choose "By ID" and enter one, or leave it empty.'
      : 'No Model API is enabled in this workspace. Add one in Baseten, or choose "By ID" and enter it.',
  );
}

function chooseOwnerFirst(context: ILoadOptionsFunctions): INodeListSearchResult {
  return hint(`Choose the ${chosenKind(context)} first.`);
}
