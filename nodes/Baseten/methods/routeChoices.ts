import type { INodeListSearchItems } from 'n8n-workflow';

import { isRecord } from '../../shared/json';

/** More routes than this are not listed: people search for one. */
const MOST_ROUTES = 500;
/** So many routes of other methods are named in the last line. */
const MOST_NAMED = 8;

/** A route as a server describes it. */
interface Route {
  /** In capitals. */
  method: string;
  path: string;
  /** What it does, if the server says so. */
  summary?: string;
}

/**
 * Makes a list of the routes that a server describes.
 * @param document an OpenAPI document, which may be anything
 * @param method the method that will be used; the routes of others are named in the last line
 * @returns nothing if it is no such document, or has no routes
 * @see https://spec.openapis.org/oas/latest.html#paths-object
 */
export function toRouteChoices(
  document: unknown,
  method: string,
): INodeListSearchItems[] | undefined {
  const routes = routesOf(document);
  if (routes.length === 0) return undefined;
  const fitting = routes.filter((route) => route.method === method);
  const others = routes.filter((route) => route.method !== method);
  const choices = fitting.slice(0, MOST_ROUTES).map((route) => ({
    name: [`${route.method} ${route.path}`, route.summary].filter(Boolean).join(' · '),
    value: route.path,
  }));
  return others.length > 0 ? [...choices, { name: namesOf(others), value: '' }] : choices;
}

const METHODS = ['delete', 'get', 'head', 'patch', 'post', 'put'];

function routesOf(document: unknown): Route[] {
  const paths = isRecord(document) && isRecord(document.paths) ? document.paths : {};
  return Object.entries(paths).flatMap(([path, operations]) => {
    if (!path.startsWith('/') || !isRecord(operations)) return [];
    return METHODS.filter((method) => isRecord(operations[method])).map((method) => ({
      method: method.toUpperCase(),
      path,
      summary: summaryOf(operations[method] as Record<string, unknown>),
    }));
  });
}

function summaryOf({ summary, operationId }: Record<string, unknown>): string | undefined {
  const text = [summary, operationId].find((each) => typeof each === 'string' && each !== '');
  return (text as string | undefined)?.slice(0, 100);
}

function namesOf(routes: Route[]): string {
  const named = routes.slice(0, MOST_NAMED).map(({ method, path }) => `${method} ${path}`);
  const more = routes.length > MOST_NAMED ? ', …' : '';
  return `With another Method: ${named.join(', ')}${more}`;
}
