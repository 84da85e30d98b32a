import type { IPollFunctions } from 'n8n-workflow';

import { toChoice } from '../shared/choice';
import type { OwnerKind } from '../shared/connection/endpoints';
import { UserInputError } from '../shared/errors/userInputError';
import { isBlank } from '../shared/json';
import { DEPLOYMENT_STATUSES } from '../shared/management/statuses';
import { readOwner } from '../shared/parameters/addressing';
import { readChoice } from '../shared/parameters/choice';
import type { ParameterContext } from '../shared/parameters/parameter';
import { readNumber } from '../shared/parameters/options';
import { EVENT_GROUPS } from './eventGroups';

const EVENT = {
  name: 'event',
  label: 'Event',
  values: ['auditLog', 'deploymentStatus', 'promotion', 'spending'],
  fallback: 'deploymentStatus',
} as const;

const OWNER_TYPE = {
  name: 'ownerType',
  label: 'Of',
  values: ['chain', 'model'],
  fallback: 'model',
} as const;

const PERIOD = {
  name: 'period',
  label: 'Period',
  values: ['day', 'month'],
  fallback: 'month',
} as const;

const MEASURE = {
  name: 'measure',
  label: 'Measure',
  values: ['net', 'gross'],
  fallback: 'gross',
} as const;

/** Which models or chains are watched. */
export interface Watched {
  kind: OwnerKind;
  /** The ID of the only one; empty if all are watched. */
  id: string;
}

/** What the trigger is set to. */
export type Settings =
  | { event: 'deploymentStatus'; watched: Watched; statuses: string[]; recovered: boolean }
  | { event: 'promotion'; watched: Watched }
  | { event: 'spending'; limit: number; period: 'day' | 'month'; measure: 'gross' | 'net' }
  | { event: 'auditLog'; eventGroups: string[] };

/** The settings of one kind of event. */
export type SettingsOf<Event extends Settings['event']> = Extract<Settings, { event: Event }>;

/**
 * Reads the trigger's parameters.
 * @throws {UserInputError} if one can't be used
 */
export function readSettings(context: Pick<IPollFunctions, 'getNodeParameter'>): Settings {
  // A poll has no items, so its parameters are read without an index.
  const parameters = {
    getNodeParameter: (name: string, _itemIndex: number, ...rest: unknown[]) =>
      context.getNodeParameter(name, ...(rest as [])),
  } as unknown as ParameterContext;
  const event = readChoice(parameters, EVENT, 0);
  switch (event) {
    case 'deploymentStatus':
      return {
        event,
        watched: readWatched(parameters),
        statuses: readStatuses(context.getNodeParameter('statuses', [])),
        recovered: context.getNodeParameter('recovered', false) === true,
      };
    case 'promotion':
      return { event, watched: readWatched(parameters) };
    case 'spending':
      return {
        event,
        limit: readLimit(context.getNodeParameter('limit', 100)),
        period: readChoice(parameters, PERIOD, 0),
        measure: readChoice(parameters, MEASURE, 0),
      };
    case 'auditLog': {
      const values = Object.keys(EVENT_GROUPS);
      const groups = listOf(context.getNodeParameter('eventGroups', []));
      const eventGroups = groups.map((group) => toChoice(group, { label: 'Event Groups', values }));
      return { event, eventGroups };
    }
  }
}

function readWatched(parameters: ParameterContext): Watched {
  const { kind, id } = readOwner(parameters, readChoice(parameters, OWNER_TYPE, 0), 0);
  return { kind, id: id.trim() };
}

function readStatuses(value: unknown): string[] {
  const statuses = listOf(value).map((status) =>
    toChoice(status, { label: 'Statuses', values: DEPLOYMENT_STATUSES }),
  );
  if (statuses.length > 0) return statuses;
  throw new UserInputError(
    'No Statuses are chosen, so no deployment can start the workflow',
    'Choose at least one, such as Unhealthy.',
  );
}

function readLimit(limit: unknown): number {
  const dollars = readNumber(
    { limit },
    { name: 'limit', label: 'Limit', range: [0, 1_000_000_000] },
  );
  if (dollars !== undefined) return dollars;
  throw new UserInputError('Limit is empty', 'Give the dollars that may be spent in a period.');
}

/** What was chosen as a list, also if an expression gives a single value or nothing. */
function listOf(value: unknown): unknown[] {
  return [value].flat().filter((each) => !isBlank(each));
}
