import type { INodeProperties } from 'n8n-workflow';

import { UserInputError } from '../../../shared/errors/userInputError';
import { readDate } from '../../../shared/parameters/date';
import type { ItemCall } from '../operation';

/** The options that name a span of time. @param fallback what an empty Start Time means */
export function timeSpanOptions(fallback: string): INodeProperties[] {
  return [
    {
      displayName: 'Start Time',
      name: 'startTime',
      type: 'dateTime',
      default: '',
      description: `The beginning of the time that is looked at. Empty means ${fallback}.`,
    },
    {
      displayName: 'End Time',
      name: 'endTime',
      type: 'dateTime',
      default: '',
      description: 'The end of the time that is looked at. Empty means now.',
    },
  ];
}

/** A span of time, in milliseconds since 1970. What is not set is absent. */
export interface TimeSpan {
  start?: number;
  end?: number;
}

/**
 * Reads a span of time. A time without a zone is in the workflow's time zone.
 * @throws {UserInputError} if one of both is not a date, or the end is before the start
 */
export function readTimeSpan({ context, options: { own } }: ItemCall): TimeSpan {
  const zone = context.getTimezone();
  const start = readDate(own.startTime, { name: 'startTime', label: 'Start Time' }, zone);
  const end = readDate(own.endTime, { name: 'endTime', label: 'End Time' }, zone);
  if (start !== undefined && end !== undefined && end < start) {
    throw new UserInputError('End Time is before Start Time', 'Exchange them, or leave one empty.');
  }
  return { start, end };
}
