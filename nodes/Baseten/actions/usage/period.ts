import type { INodeProperties } from 'n8n-workflow';

import { readDate } from '../../../shared/parameters/date';
import type { ItemInput } from '../operation';

/** The parameters that name a time. @param fallback what an empty Start Date means */
export function periodParameters(fallback: string): INodeProperties[] {
  return [
    {
      displayName: 'Start Date',
      name: 'startDate',
      type: 'dateTime',
      default: '',
      description: `The beginning, in UTC. Empty means ${fallback}.`,
    },
    {
      displayName: 'End Date',
      name: 'endDate',
      type: 'dateTime',
      default: '',
      description: 'The end, in UTC. Empty means now.',
    },
  ];
}

/**
 * Reads a time, in milliseconds since 1970. What is empty is absent.
 * @throws {UserInputError} if one of both is not a date
 */
export function readPeriod({ context, itemIndex }: Pick<ItemInput, 'context' | 'itemIndex'>) {
  const date = (name: string, label: string) =>
    readDate(context.getNodeParameter(name, itemIndex, ''), { name, label }, 'UTC');
  return { start: date('startDate', 'Start Date'), end: date('endDate', 'End Date') };
}
