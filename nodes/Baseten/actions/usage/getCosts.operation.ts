import type { IDataObject } from 'n8n-workflow';

import { managementApi } from '../../../shared/management/api';
import { costsBetween } from '../../../shared/management/costs';
import { readDate } from '../../../shared/parameters/date';
import { optionsCollection } from '../../../shared/parameters/options';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Operation } from '../operation';

const START_DATE = { name: 'startDate', label: 'Start Date' };
const END_DATE = { name: 'endDate', label: 'End Date' };

/**
 * Reads what the workspace's usage cost, in dollars.
 * @see https://docs.baseten.co/reference/management-api/billing/gets-billing-usage-summary
 */
export const getCosts: Operation = {
  name: 'Get Costs',
  value: 'getCosts',
  action: 'Get the costs of the workspace',
  description: 'Get what deployments, training and Model APIs cost over a time, in dollars',
  properties: [
    {
      displayName: 'Start Date',
      name: 'startDate',
      type: 'dateTime',
      default: '',
      description: 'The beginning, in UTC. Empty means the first of this month.',
    },
    {
      displayName: 'End Date',
      name: 'endDate',
      type: 'dateTime',
      default: '',
      description: 'The end, in UTC. Empty means now.',
    },
    optionsCollection(),
  ],
  async execute({ context, itemIndex, connection, send }) {
    const now = new Date();
    const date = (option: typeof START_DATE) =>
      readDate(context.getNodeParameter(option.name, itemIndex, ''), option, 'UTC');
    const start = date(START_DATE) ?? Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    const end = date(END_DATE) ?? now.getTime();
    if (end <= start) {
      throw new UserInputError('End Date is not after Start Date', 'Exchange them.');
    }
    const costs = await costsBetween(managementApi(connection.endpoints, send), start, end);
    return [{ json: costs as unknown as IDataObject }];
  },
};
