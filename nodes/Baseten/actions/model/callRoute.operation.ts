import type { IExecuteFunctions } from 'n8n-workflow';

import { nameOf, routeUrl } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { isRecord } from '../../../shared/json';
import { exchange } from '../modelOrChain/exchange';
import { LOGS_ON_ERROR, withLogs } from '../modelOrChain/logsOnError';
import type { Operation } from '../operation';
import { addressing, readOwner, readTarget } from '../../../shared/parameters/addressing';
import { hasInput, readBody } from '../parameters/input';
import { BODY_MODES } from '../parameters/inputModes';
import { inputParameters } from '../parameters/inputParameters';
import { QUERY_PARAMETERS, readMethod, readQueryParameters } from '../parameters/route';
import { optionsCollection } from '../../../shared/parameters/options';
import { FULL_RESPONSE, OUTPUT_FORMAT_PARAMETER, OUTPUT_OPTIONS } from '../parameters/output';

const METHODS = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] as const;
const METHODS_WITH_BODY = ['DELETE', 'PATCH', 'POST', 'PUT'];

/**
 * Calls a route of a model's own server. Baseten reaches it under `sync`.
 * @see https://docs.baseten.co/development/model/custom-server
 */
export const callRoute: Operation = {
  name: 'Call Route',
  value: 'callRoute',
  action: 'Call a custom route of a model',
  callsDeployment: true,
  description: "Call any route of a model's own server, with any method",
  properties: [
    ...addressing('model'),
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
      type: 'resourceLocator',
      default: { mode: 'list', value: '' },
      required: true,
      description: "Path on the model's own server. Write it unencoded.",
      modes: [
        {
          displayName: 'From List',
          name: 'list',
          type: 'list',
          placeholder: 'Select a route…',
          typeOptions: { searchListMethod: 'searchRoutes', searchable: true },
        },
        {
          displayName: 'By Path',
          name: 'id',
          type: 'string',
          placeholder: 'e.g. /items/123',
        },
      ],
    },
    QUERY_PARAMETERS,
    ...inputParameters({
      modes: BODY_MODES,
      initial: '',
      displayOptions: { show: { method: METHODS_WITH_BODY } },
    }),
    OUTPUT_FORMAT_PARAMETER,
    optionsCollection([...OUTPUT_OPTIONS, FULL_RESPONSE, LOGS_ON_ERROR]),
  ],
  async execute(call) {
    const { context, itemIndex, connection } = call;
    const owner = readOwner(context, 'model', itemIndex);
    const method = readMethod(call, METHODS);
    const route = readRoute(context, itemIndex);
    const target = readTarget(context, itemIndex);
    const url = routeUrl(connection.endpoints, {
      owner,
      target,
      route,
      queryParameters: readQueryParameters(call),
    });
    const hasBody = METHODS_WITH_BODY.includes(method) && hasInput(context, itemIndex, BODY_MODES);
    const body = hasBody ? await readBody(context, itemIndex, BODY_MODES) : undefined;
    const subject = `${nameOf(owner)}, route ${route}`;
    try {
      return await exchange(call, { method, url, body, subject });
    } catch (error) {
      throw await withLogs(error, { call, owner, target });
    }
  },
};

/**
 * Reads the route. Older workflows hold a text, and newer ones a locator.
 * @throws {UserInputError} if an expression does not give a text, or a part of the route is not
 * filled in: another route would be called
 */
function readRoute(context: IExecuteFunctions, itemIndex: number): string {
  const given: unknown = context.getNodeParameter('route', itemIndex, '');
  const { mode, value } = isRecord(given) ? given : { mode: 'id', value: given };
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new UserInputError(
      'There is no route',
      'Enter one, such as /health. ' +
        'If it comes from an expression, check that the expression gives a text for this item.',
    );
  }
  const part = mode === 'list' ? /\{[^/{}]+\}/.exec(String(value))?.[0] : undefined;
  if (part === undefined) return String(value);
  throw new UserInputError(
    `The route ${value} has a part to fill in: ${part}`,
    `Choose By Path as the mode of Route, and write what is meant in the place of ${part}.`,
  );
}
