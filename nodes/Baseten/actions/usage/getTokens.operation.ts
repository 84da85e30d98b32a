import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { entriesOf, managementApi, type Page, type Schemas } from '../../../shared/management/api';
import { toChoice } from '../../../shared/choice';
import { readChoice } from '../../../shared/parameters/choice';
import { optionsCollection } from '../../../shared/parameters/options';
import type { Operation } from '../operation';
import { periodParameters, readPeriod } from './period';

const WEEK = 7 * 24 * 60 * 60 * 1000;

const BUCKET = {
  name: 'bucket',
  label: 'Bucket',
  values: ['1d', '1h', '1m'],
  fallback: '1d',
} as const;

/** The most buckets that Baseten gives at once. */
const MOST_BUCKETS = { '1d': 31, '1h': 168, '1m': 1440 };
/** Baseten's names of what usage can be broken down by. */
const DIMENSIONS = { apiKey: 'api_key', model: 'model' } as const;
const GROUP_BY = { label: 'Group By', values: ['apiKey', 'model'] } as const;

type Bucket = Schemas['ModelApisUsageBucketV1'];

const PARAMETERS: INodeProperties[] = [
  ...periodParameters('a week ago'),
  {
    displayName: 'Bucket',
    name: 'bucket',
    type: 'options',
    default: '1d',
    description: 'The time that is summed up in one item',
    options: [
      { name: 'Day', value: '1d' },
      { name: 'Hour', value: '1h' },
      { name: 'Minute', value: '1m' },
    ],
  },
  {
    displayName: 'Group By',
    name: 'groupBy',
    type: 'multiOptions',
    default: ['model'],
    description: 'What each bucket is broken down by',
    options: [
      { name: 'API Key', value: 'apiKey' },
      { name: 'Model', value: 'model' },
    ],
  },
];

/**
 * Reads how many tokens of Model APIs the workspace used, an item a bucket and group.
 * @see https://docs.baseten.co/reference/management-api/model-apis/gets-model-apis-token-usage
 */
export const getTokens: Operation = {
  name: 'Get Tokens',
  value: 'getTokens',
  action: 'Get the token usage of Model APIs',
  description: 'Get how many tokens of Model APIs were used, an item for each time and group',
  properties: [...PARAMETERS, optionsCollection()],
  async execute({ context, itemIndex, connection, send }) {
    const bucket = readChoice(context, BUCKET, itemIndex);
    const { end, start = (end ?? Date.now()) - WEEK } = readPeriod({ context, itemIndex });
    const query = {
      start_time: new Date(start).toISOString(),
      end_time: end === undefined ? undefined : new Date(end).toISOString(),
      bucket_width: bucket,
      group_by: dimensionsOf(context.getNodeParameter('groupBy', itemIndex, ['model'])),
      limit: MOST_BUCKETS[bucket],
    };
    const manage = managementApi(connection.endpoints, send);
    const buckets = entriesOf<Bucket>(
      async (cursor) =>
        await manage<Page<Bucket>>({
          path: ['model_apis', 'usage'],
          query: { ...query, cursor },
          subject: 'the token usage of Model APIs',
        }),
    );
    const items = [];
    for await (const { start_time, end_time, results } of buckets) {
      for (const result of results ?? []) {
        items.push({ json: { start_time, end_time, ...result } as IDataObject });
      }
    }
    return items;
  },
};

/** @throws {UserInputError} if one of them can't be broken down by */
function dimensionsOf(given: unknown): string[] {
  const chosen = Array.isArray(given) ? (given as unknown[]) : [given];
  return chosen.map((each) => DIMENSIONS[toChoice(each, GROUP_BY)]);
}
