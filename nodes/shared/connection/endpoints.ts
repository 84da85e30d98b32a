// Decisions: docs/decisions.md, "URLs and verification are plain functions".

import { parseUrl } from '../parseUrl';
import { UserInputError } from '../errors/userInputError';
import { quoted } from '../quoted';

/** What is deployed: a model or a chain. */
export type OwnerKind = 'model' | 'chain';

/** A model or chain, which has a host of its own. */
export interface Owner {
  kind: OwnerKind;
  id: string;
}

/** Which deployment of a model or chain is called. */
export type Target =
  | { type: 'production' }
  | { type: 'environment'; environment: string }
  | { type: 'development' }
  | { type: 'deployment'; deploymentId: string }
  | { type: 'regional'; environment: string };

/** What a deployment can do, as the last part of Baseten's paths. */
export type Action =
  'predict' | 'run_remote' | 'async_predict' | 'async_run_remote' | 'async_queue_status' | 'wake';

/** Base URLs of Baseten's APIs, or of a gateway or emulator in their place. */
export interface Endpoints {
  /** Template of a deployed model's or chain's host, with `{kind}` and `{id}`. */
  deploymentUrl: string;
  /** OpenAI-compatible base URL of the Model APIs. */
  modelApiUrl: string;
  /** Base URL of the management API, without its `/v1`. */
  managementUrl: string;
}

/**
 * Baseten's own base URLs.
 * @see https://docs.baseten.co/reference/inference-api/overview
 */
export const BASETEN_ENDPOINTS: Endpoints = {
  deploymentUrl: 'https://{kind}-{id}.api.baseten.co',
  modelApiUrl: 'https://inference.baseten.co/v1',
  managementUrl: 'https://api.baseten.co',
};

/** The name of a model or chain in messages: `model abcd1234`. */
export function nameOf({ kind, id }: Owner): string {
  return `${kind} ${id.trim()}`;
}

/** The path of a model or chain in the management API, in parts. */
export function pathOf({ kind, id }: Owner): string[] {
  return [`${kind}s`, id];
}

/** Names and values of a URL's query; values may be of any type. */
export type QueryParameters = Array<{ name: string; value: unknown }>;

/**
 * Builds the URL of an action of a model or chain.
 * @throws {UserInputError} if an ID, an environment or the Deployment URL can't be used
 * @see https://docs.baseten.co/reference/inference-api/overview
 */
export function actionUrl(
  endpoints: Endpoints,
  owner: Owner,
  target: Target,
  action: Action,
): string {
  return `${targetUrl(endpoints, owner, target)}/${action}`;
}

/** A route of a model's own server. */
export interface Route {
  owner: Owner;
  target: Target;
  /**
   * The path as the model's server knows it, unencoded: `/items/a b`. It may end with a query:
   * `/items?limit=3`.
   */
  route: string;
  /** Added to the query; objects become JSON, and parameters without a value are left out. */
  queryParameters?: QueryParameters;
}

/**
 * Builds the URL of a route of a model's own server. Baseten passes everything after `sync` on to
 * the server.
 * @throws {UserInputError} if the route, an ID, an environment or the Deployment URL can't be used
 * @see https://docs.baseten.co/reference/inference-api/overview
 */
export function routeUrl(
  endpoints: Endpoints,
  { owner, target, route, queryParameters = [] }: Route,
): string {
  const [path = '', ...rest] = route.split('?');
  // The documentation has `sync` only under an environment, so production is one here.
  const place: Target =
    target.type === 'production' ? { type: 'environment', environment: 'production' } : target;
  const query = toQuery(rest.join('?'), queryParameters);
  return `${targetUrl(endpoints, owner, place)}/sync/${encodeRoute(path)}${query}`;
}

/** Writes a query, with its question mark; nothing if it is empty. */
function toQuery(written: string, parameters: QueryParameters): string {
  const query = new URLSearchParams(`?${written}`);
  for (const { name, value } of parameters) {
    // A query can't express null.
    if (name === '' || value === undefined || value === null) continue;
    query.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return query.size > 0 ? `?${query.toString()}` : '';
}

/**
 * Builds the URL of an async request: `GET` reads its status, `DELETE` cancels it. The path has no
 * target, and the host is never a regional one: Baseten's document limits other routes to regional
 * hosts or to the standard ones, but not this one, so the standard host knows every request.
 * @throws {UserInputError} if an ID or the Deployment URL can't be used
 * @see https://docs.baseten.co/reference/inference-api/status-endpoints/get-async-request-status
 */
export function asyncRequestUrl(endpoints: Endpoints, owner: Owner, requestId: string): string {
  return `${hostUrl(endpoints, owner)}/async_request/${encodeSegment(requestId, 'Request ID')}`;
}

/**
 * Builds a URL of the Model APIs, Baseten's hosted LLMs.
 * @param path what follows the base URL, such as `/chat/completions`
 * @throws {UserInputError} if the Model API URL can't be used
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export function modelApiUrl(endpoints: Endpoints, path: string): string {
  return `${baseUrl(endpoints.modelApiUrl, 'Model API URL')}${path}`;
}

/**
 * Builds a URL of the management API.
 * @param segments the parts of the path after `/v1`, unencoded
 * @throws {UserInputError} if a part or the Management URL can't be used
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export function managementUrl(endpoints: Endpoints, ...segments: string[]): string {
  const path = segments.map((segment) => encodeSegment(segment, 'ID')).join('/');
  return `${baseUrl(endpoints.managementUrl, 'Management URL')}/v1/${path}`;
}

/**
 * Builds the URL of any route of the management API.
 * @param route the path as Baseten's reference writes it, unencoded: `/v1/models`. It may end with
 * a query.
 * @param queryParameters added to the query
 * @throws {UserInputError} if the route or the Management URL can't be used
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export function managementRouteUrl(
  endpoints: Endpoints,
  route: string,
  queryParameters: QueryParameters = [],
): string {
  const [path = '', ...rest] = route.trim().split('?');
  if (!/^\/?v1\/./.test(path)) {
    throw new UserInputError(
      `Route ${quoted(route)} does not start with /v1/`,
      'Give the path as Baseten’s reference writes it, such as /v1/models.',
    );
  }
  const query = toQuery(rest.join('?'), queryParameters);
  return `${baseUrl(endpoints.managementUrl, 'Management URL')}/${encodeRoute(path)}${query}`;
}

/**
 * Builds the management API's URL that shows whether a model's target is ready: that of its
 * deployment, or of its environment.
 * @throws {UserInputError} if an ID, an environment or the Management URL can't be used
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export function readinessUrl(endpoints: Endpoints, modelId: string, target: Target): string {
  switch (target.type) {
    case 'production':
      return managementUrl(endpoints, 'models', modelId, 'environments', 'production');
    case 'environment':
    case 'regional':
      return managementUrl(endpoints, 'models', modelId, 'environments', target.environment);
    case 'development':
      return managementUrl(endpoints, 'models', modelId, 'deployments', 'development');
    case 'deployment':
      return managementUrl(endpoints, 'models', modelId, 'deployments', target.deploymentId);
  }
}

function targetUrl(endpoints: Endpoints, owner: Owner, target: Target): string {
  switch (target.type) {
    case 'production':
      return `${hostUrl(endpoints, owner)}/production`;
    case 'development':
      return `${hostUrl(endpoints, owner)}/development`;
    case 'environment':
      return `${hostUrl(endpoints, owner)}/environments/${encodeSegment(target.environment, 'Environment')}`;
    case 'deployment':
      return `${hostUrl(endpoints, owner)}/deployment/${encodeSegment(target.deploymentId, 'Deployment ID')}`;
    case 'regional':
      return hostUrl(endpoints, owner, target.environment);
  }
}

function hostUrl(endpoints: Endpoints, { kind, id }: Owner, region?: string): string {
  const template = templateOf(endpoints, kind);
  const name = hostPart(id, kind === 'model' ? 'Model ID' : 'Chain ID');
  const place = region === undefined ? name : `${name}-${hostPart(region, 'Environment')}`;
  return filled(template, kind, place);
}

/** Templates that were found to be good. Looking at one takes longer than all else of a URL. */
const goodTemplates = new WeakMap<Endpoints, Partial<Record<OwnerKind, string>>>();

function templateOf(endpoints: Endpoints, kind: OwnerKind): string {
  const good = goodTemplates.get(endpoints) ?? {};
  goodTemplates.set(endpoints, good);
  return (good[kind] ??= checkedTemplate(endpoints, kind));
}

function checkedTemplate(endpoints: Endpoints, kind: OwnerKind): string {
  const template = baseUrl(endpoints.deploymentUrl, 'Deployment URL', (text) =>
    filled(text, kind, 'id'),
  );
  if (!template.includes('{id}')) {
    throw new UserInputError(
      'The credential’s Deployment URL has no {id} in it',
      'Put {kind} in the place of the kind (model or chain) and {id} in the place of the ID, as in https://gateway.example.com/{kind}-{id}.',
    );
  }
  if (!isHostFixed(template, kind)) {
    throw new UserInputError(
      'The credential’s Deployment URL would let an ID choose the host',
      'Put {id} before a domain, as in https://{kind}-{id}.example.com, or into the path.',
    );
  }
  return template;
}

function filled(template: string, kind: string, id: string): string {
  return template.replaceAll('{kind}', kind).replaceAll('{id}', id);
}

/**
 * Whether every ID leads to the same domain. Otherwise whoever chooses the ID chooses who gets the
 * key. The URLs of two IDs are compared as a URL parser reads them, since a template can be written
 * in ways that no search finds, such as `https:{id}`.
 */
function isHostFixed(template: string, kind: OwnerKind): boolean {
  const [one, other] = ['a1', 'b2'].map((id) => {
    const url = filled(template, kind, id);
    return parseUrl(url);
  });
  if (!one || !other) return false;
  return one.hostname === other.hostname || domainOf(one) === domainOf(other);
}

/**
 * The part of a host name that its owner had to register: `example.com`, `example.co.uk`. On a
 * machine itself nobody else has names, so `localhost` is one.
 */
function domainOf({ hostname }: URL): string {
  const domain = hostname.replace(/\.$/, '');
  const labels = domain.split('.');
  if (labels.at(-1) === 'localhost') return 'localhost';
  const end = labels.slice(-2).join('.');
  return labels.slice(OF_COUNTRIES.test(end) || OF_HOSTERS.includes(end) ? -3 : -2).join('.');
}

/**
 * Domains below which anybody can have a name. The list of all of them is long and changes, so
 * these are the usual ones.
 */
const OF_COUNTRIES =
  /^(?:ac|co|com|edu|go|gob|gov|gv|ltd|me|mil|ne|net|nom|or|org|plc|sch)\.[a-z]{2}$/;
const OF_HOSTERS = [
  ...['amazonaws.com', 'azurewebsites.net', 'cloudfront.net', 'firebaseapp.com', 'fly.dev'],
  ...[
    'github.io',
    'gitlab.io',
    'herokuapp.com',
    'loca.lt',
    'netlify.app',
    'ngrok.app',
    'ngrok.dev',
  ],
  ...['ngrok.io', 'ngrok-free.app', 'ngrok-free.dev', 'onrender.com', 'pages.dev', 'railway.app'],
  ...['run.app', 'trycloudflare.com', 'vercel.app', 'web.app', 'workers.dev'],
];

/** @param fill puts a kind and an ID into a template, whose host name can't have braces */
function baseUrl(
  value: string,
  label: string,
  fill: (template: string) => string = (template) => template,
): string {
  const sample = fill(value);
  const url = parseUrl(sample);
  // These characters end a path, or URL parsers drop or rewrite them. What follows them would then
  // not be part of the path. A brace stands for nothing that is known.
  const isPlain = !/[?#\\\s\p{Cc}{}]/u.test(sample);
  if (
    !url ||
    !isPlain ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username + url.password !== ''
  ) {
    throw new UserInputError(
      `The credential’s ${label} can't be used as a base URL`,
      'It must start with https:// (or http://) and have no user name, password, query, fragment, space or backslash. Only the Deployment URL may have {kind} and {id} in it, and no other braces.',
    );
  }
  return value.replace(/(?<!\/)\/+$/, '');
}

/** IDs and regional environments become part of a host name, so only its characters are allowed. */
function hostPart(value: string, label: string): string {
  const text = required(value, label);
  // At the start of a host name, "xn--" encodes characters of other alphabets.
  if (!/^(?!xn--)[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/i.test(text)) {
    throw new UserInputError(
      `${label} ${quoted(text)} has a character that an ID can't have`,
      'Only letters, digits and dashes can be used. Copy the ID from the Baseten dashboard or pick it from the list.',
    );
  }
  return text;
}

function encodeSegment(value: string, label: string): string {
  const text = required(value, label);
  if (/[/\\?#%\p{Cc}]/u.test(text) || text === '.' || text === '..') {
    throw new UserInputError(
      `${label} ${quoted(text)} has a character that would change the URL`,
      'Give the plain name or ID as Baseten shows it: without slashes, question marks, # or %, and not only dots.',
    );
  }
  return encodeText(text, label);
}

function encodeRoute(path: string): string {
  const segments = path.trim().replace(/^\/+/, '').split('/');
  for (const segment of segments) {
    if (segment === '.' || segment === '..' || /[\\#\p{Cc}]/u.test(segment)) {
      throw new UserInputError(
        `Route ${quoted(path)} could leave the model's own server`,
        'Give a path such as /items/123, without "." or ".." between slashes, backslashes or #.',
      );
    }
  }
  return segments.map((segment) => encodeText(segment, 'Route')).join('/');
}

function encodeText(text: string, label: string): string {
  if (!text.isWellFormed()) {
    throw new UserInputError(`${label} holds half of a Unicode character`, 'Type it again.');
  }
  return encodeURIComponent(text);
}

function required(value: unknown, label: string): string {
  const text =
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (text === '') {
    throw new UserInputError(
      `${label} is empty`,
      'Pick one from the list or enter it; if it comes from an expression, check that the expression gives text for this item.',
    );
  }
  return text;
}
