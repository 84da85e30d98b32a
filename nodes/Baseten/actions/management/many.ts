import type { INodeProperties } from 'n8n-workflow';

import { readWholeNumber } from '../../../shared/parameters/options';
import type { ItemCall } from '../operation';

/** The parameters of an operation that gives many: all of them, or so many. */
export const MANY: INodeProperties[] = [
  {
    displayName: 'Return All',
    name: 'returnAll',
    type: 'boolean',
    default: false,
    description: 'Whether to return all results or only up to a given limit',
  },
  {
    displayName: 'Limit',
    name: 'limit',
    type: 'number',
    typeOptions: { minValue: 1, numberPrecision: 0 },
    default: 50,
    description: 'Max number of results to return',
    displayOptions: { show: { returnAll: [false] } },
  },
];

/**
 * Reads how many results an item wants.
 * @throws {UserInputError} if Limit is not a number of 1 or more
 */
export function readLimit({ context, itemIndex }: ItemCall): number {
  if (context.getNodeParameter('returnAll', itemIndex, false) === true) {
    return Number.POSITIVE_INFINITY;
  }
  const limit: unknown = context.getNodeParameter('limit', itemIndex, 50);
  return readWholeNumber(
    { limit },
    { name: 'limit', label: 'Limit', range: [1, 1e9], fallback: 50 },
  );
}
