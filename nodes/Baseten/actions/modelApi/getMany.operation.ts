import type { IDataObject } from 'n8n-workflow';

import { entriesOf, managementApi, take, type Page } from '../../../shared/management/api';
import { optionsCollection } from '../../../shared/parameters/options';
import { MANY, readLimit } from '../management/many';
import type { Operation } from '../operation';

/** The most that Baseten gives at once. */
const PAGE = 1000;

/**
 * Lists Baseten's hosted LLMs with their prices, context length and the workspace's limits.
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export const getMany: Operation = {
  name: 'Get Many',
  value: 'getMany',
  action: 'Get many model APIs',
  description: 'Get hosted LLMs with their prices, context length and limits, an item each',
  properties: [
    ...MANY,
    optionsCollection([
      {
        displayName: 'Added Only',
        name: 'addedOnly',
        type: 'boolean',
        default: false,
        description: 'Whether to leave out Model APIs that the workspace has not added',
      },
    ]),
  ],
  async execute(call) {
    const limit = readLimit(call);
    const manage = managementApi(call.connection.endpoints, call.send);
    const added_only = call.options.own.addedOnly === true ? true : undefined;
    const entries = entriesOf<IDataObject>(
      async (cursor) =>
        await manage<Page<IDataObject>>({
          path: ['model_apis'],
          query: { cursor, limit: Math.min(limit, PAGE), added_only },
          subject: 'the list of Model APIs',
        }),
    );
    return (await take(entries, limit)).map((json) => ({ json }));
  },
};
