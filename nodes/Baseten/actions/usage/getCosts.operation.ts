import type { IDataObject } from 'n8n-workflow';

import { managementApi } from '../../../shared/management/api';
import { costsBetween } from '../../../shared/management/costs';
import { optionsCollection } from '../../../shared/parameters/options';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Operation } from '../operation';
import { periodParameters, readPeriod } from './period';

/**
 * Reads what the workspace's usage cost, in dollars.
 * @see https://docs.baseten.co/reference/management-api/billing/gets-billing-usage-summary
 */
export const getCosts: Operation = {
  name: 'Get Costs',
  value: 'getCosts',
  action: 'Get the costs of the workspace',
  description: 'Get what deployments, training and Model APIs cost over a time, in dollars',
  properties: [...periodParameters('the first of this month'), optionsCollection()],
  async execute({ context, itemIndex, connection, send }) {
    const now = new Date();
    const period = readPeriod({ context, itemIndex });
    const { start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth()), end = now.getTime() } =
      period;
    if (end <= start) {
      throw new UserInputError('End Date is not after Start Date', hintFor(period));
    }
    const costs = await costsBetween(managementApi(connection.endpoints, send), start, end);
    return [{ json: costs as unknown as IDataObject }];
  },
};

/** What to do if the end is not after the start. What is empty can't be exchanged. */
function hintFor({ start, end }: ReturnType<typeof readPeriod>): string {
  if (start === undefined) return 'Give a Start Date, too: empty it is the first of this month.';
  return end === undefined ? 'Give a Start Date that is past.' : 'Exchange them.';
}
