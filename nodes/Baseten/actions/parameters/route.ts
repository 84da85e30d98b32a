import type { INodeProperties } from 'n8n-workflow';

import type { QueryParameters } from '../../../shared/connection/endpoints';
import { toChoice } from '../../../shared/choice';
import type { ItemCall } from '../operation';

/** The names and values of a URL's query. */
export const QUERY_PARAMETERS: INodeProperties = {
  displayName: 'Query Parameters',
  name: 'queryParameters',
  type: 'fixedCollection',
  typeOptions: { multipleValues: true },
  placeholder: 'Add Parameter',
  default: {},
  description: 'Names and values that follow the ? in the URL',
  options: [
    {
      displayName: 'Parameter',
      name: 'parameter',
      values: [
        {
          displayName: 'Name',
          name: 'name',
          type: 'string',
          default: '',
          placeholder: 'e.g. limit',
          description: 'Name of the query parameter',
        },
        {
          displayName: 'Value',
          name: 'value',
          type: 'string',
          default: '',
          description: 'Value of the query parameter',
        },
      ],
    },
  ],
};

/** Reads the query that an item gives. */
export function readQueryParameters({ context, itemIndex }: ItemCall): QueryParameters {
  const { parameter = [] } = context.getNodeParameter('queryParameters', itemIndex, {}) as {
    parameter?: QueryParameters;
  };
  return parameter;
}

/**
 * Reads the HTTP method of a route. An expression may give it in small letters.
 * @param methods those that the form offers
 * @throws {UserInputError} if it is another method
 */
export function readMethod<Method extends string>(
  { context, itemIndex }: ItemCall,
  methods: readonly Method[],
): Method {
  const given: unknown = context.getNodeParameter('method', itemIndex, 'GET');
  const known = methods.find((method) => method === String(given).toUpperCase());
  return toChoice(known ?? given, { label: 'Method', values: methods });
}
