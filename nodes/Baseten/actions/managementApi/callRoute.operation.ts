import { managementRouteUrl } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { isBlank, isRecord } from '../../../shared/json';
import { entriesOf, take, type Page } from '../../../shared/management/api';
import { optionsCollection } from '../../../shared/parameters/options';
import { jsonBody, readJsonText } from '../../../shared/payload/requestBody';
import { parseResponse, toObject } from '../../../shared/payload/responseItem';
import type { ItemCall, Operation } from '../operation';
import { QUERY_PARAMETERS, readMethod, readQueryParameters } from '../parameters/route';

const METHODS = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'] as const;
type Method = (typeof METHODS)[number];

/**
 * Calls any route of the management API, also those that this package does not know yet.
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export const callRoute: Operation = {
  name: 'Call Route',
  value: 'callRoute',
  action: 'Call a route of the management API, which may change or delete things',
  description:
    'Call any route of Baseten’s management API. Routes other than GET may change or delete things.',
  properties: [
    {
      displayName: 'Method',
      name: 'method',
      type: 'options',
      default: 'GET',
      description: 'HTTP method of the request',
      options: METHODS.map((method) => ({ name: method, value: method })),
    },
    {
      displayName: 'Route',
      name: 'route',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. /v1/models',
      description:
        'Path as <a href="https://docs.baseten.co/reference/management-api/overview">Baseten’s reference</a> writes it. Write it unencoded.',
    },
    QUERY_PARAMETERS,
    {
      displayName: 'Body',
      name: 'body',
      type: 'json',
      typeOptions: { rows: 5 },
      default: '',
      description: 'What is sent, as JSON',
      displayOptions: { show: { method: ['DELETE', 'PATCH', 'POST', 'PUT'] } },
    },
    optionsCollection([
      {
        displayName: 'Return All',
        name: 'returnAll',
        type: 'boolean',
        default: false,
        description: 'Whether to return all results or only up to a given limit',
      },
    ]),
  ],
  async execute(call) {
    const { context, itemIndex, options } = call;
    const method = readMethod(call, METHODS);
    const route = readRoute(call);
    const body: unknown =
      method === 'GET' ? undefined : context.getNodeParameter('body', itemIndex, '');
    const ask = async (cursor?: string) => await askPage(call, { method, route, body, cursor });
    if (options.own.returnAll !== true) return [{ json: toObject(await ask()) }];
    const entries = entriesOf<unknown>(async (cursor) => toPage(await ask(cursor), route));
    return (await take(entries)).map((entry) => ({ json: toObject(entry) }));
  },
};

interface PageCall {
  method: Method;
  route: string;
  body: unknown;
  cursor?: string;
}

async function askPage(
  call: ItemCall,
  { method, route, body, cursor }: PageCall,
): Promise<unknown> {
  const { connection, send, notes } = call;
  const given = readQueryParameters(call).filter(({ name }) => !cursor || name !== 'cursor');
  const query = cursor === undefined ? given : [...given, { name: 'cursor', value: cursor }];
  const subject = `the management API, route ${route}`;
  const response = await send({
    method,
    url: managementRouteUrl(connection.endpoints, route, query),
    key: 'management',
    subject,
    ...(!isBlank(body) && { body: jsonBody(readJsonText(body, 'Body')) }),
  });
  return parseResponse(response.body, subject, { notes });
}

/** @throws {UserInputError} if an expression does not give a text: another route would be called */
function readRoute({ context, itemIndex }: ItemCall): string {
  const route: unknown = context.getNodeParameter('route', itemIndex, '');
  if (typeof route === 'string' && route.trim() !== '') return route.trim();
  throw new UserInputError(
    'There is no route',
    'Enter one, such as /v1/models. ' +
      'If it comes from an expression, check that the expression gives a text for this item.',
  );
}

/**
 * A page of a list. Lists that go on after a cursor have `items`; others have the one list that
 * there is, whatever its name.
 * @throws {UserInputError} if the response is not a list
 */
function toPage(response: unknown, route: string): Page<unknown> {
  if (Array.isArray(response)) return { items: response as unknown[] };
  const fields = isRecord(response) ? response : {};
  const lists = Object.values(fields).filter(Array.isArray) as unknown[][];
  const items = Array.isArray(fields.items) ? (fields.items as unknown[]) : lists[0];
  if (items && (fields.items || lists.length === 1)) {
    return { items, pagination: fields.pagination as Page<unknown>['pagination'] };
  }
  throw new UserInputError(
    `The response of ${route} is not a list`,
    'Turn Return All off to get it as one item.',
  );
}
