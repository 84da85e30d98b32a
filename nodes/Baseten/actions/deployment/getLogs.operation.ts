import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { pathOf, nameOf, type Owner } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { isBlank, withoutUndefined } from '../../../shared/json';
import { managementApi, take } from '../../../shared/management/api';
import {
  millisecondOf,
  newestFirst,
  oldestFirst,
  type LogLine,
} from '../../../shared/management/logs';
import { readTarget } from '../../../shared/parameters/addressing';
import { readChoiceOption } from '../../../shared/parameters/choice';
import { partLocator, readLocator } from '../../../shared/parameters/locators';
import { optionsCollection, type Options } from '../../../shared/parameters/options';
import { MANY, readLimit } from '../management/many';
import {
  deploymentParameters,
  findDeployment,
  nameOfDeployment,
  readAnyOwner,
} from '../management/owner';
import { readTimeSpan, timeSpanOptions } from '../management/timeSpan';
import type { ItemCall, Operation } from '../operation';

/** The time that is looked at unless the user sets it, in milliseconds. */
const HALF_AN_HOUR = 30 * 60 * 1000;
/** The most words that Baseten takes in one filter. */
const MOST_WORDS = 8;

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;

const OPTIONS: INodeProperties[] = [
  ...timeSpanOptions('30 minutes before the end'),
  {
    displayName: 'Excludes',
    name: 'excludes',
    type: 'string',
    default: '',
    placeholder: 'e.g. health, heartbeat',
    description: 'Leave out lines with any of these words, separated by commas. Case matters.',
  },
  {
    displayName: 'Includes',
    name: 'includes',
    type: 'string',
    default: '',
    placeholder: 'e.g. CUDA, memory',
    description: 'Only lines with all of these words, separated by commas. Case matters.',
  },
  {
    displayName: 'Min Level',
    name: 'minLevel',
    type: 'options',
    default: 'WARNING',
    description: 'Only lines of this level and above. It leaves out lines without a level.',
    options: [
      { name: 'Debug', value: 'DEBUG' },
      { name: 'Error', value: 'ERROR' },
      { name: 'Info', value: 'INFO' },
      { name: 'Warning', value: 'WARNING' },
    ],
  },
  {
    displayName: 'Request ID',
    name: 'requestId',
    type: 'string',
    default: '',
    description: 'Only lines of this prediction. Errors of predictions name their request ID.',
  },
  {
    displayName: 'Search Pattern',
    name: 'searchPattern',
    type: 'string',
    default: '',
    placeholder: 'e.g. took [0-9]+ s',
    description: 'Only lines that match this regular expression (RE2)',
  },
];

/**
 * Reads the log of a deployment, an item a line, the newest last.
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export const getLogs: Operation = {
  name: 'Get Logs',
  value: 'getLogs',
  action: 'Get the logs of a deployment',
  description: 'Get the lines of a deployment’s log, an item each, the newest last',
  properties: [
    ...deploymentParameters({ chains: true }),
    partLocator(
      {
        displayName: 'Chainlet',
        name: 'chainletId',
        description: 'The chainlet whose log is read',
        displayOptions: { show: { ownerType: ['chain'] } },
      },
      'searchChainlets',
      'e.g. 0ryl4q2',
    ),
    ...MANY,
    optionsCollection(OPTIONS),
  ],
  async execute(call) {
    const { context, itemIndex, connection, send } = call;
    const span = readTimeSpan(call);
    const filter = readFilter(call.options.own);
    const limit = readLimit(call);
    const manage = managementApi(connection.endpoints, send);
    const owner = readAnyOwner(call, true);
    const { id } = await findDeployment(manage, owner, readTarget(context, itemIndex));
    const end = span.end ?? Date.now();
    const question = {
      path: logPath(call, owner, id),
      start: span.start ?? end - HALF_AN_HOUR,
      end,
      filter,
      subject: `the logs of ${nameOfDeployment(owner, id)}`,
    };
    if (!Number.isFinite(limit)) return await asItems(oldestFirst(manage, question));
    // Of a limited number the newest are wanted.
    const lines = await take(newestFirst(manage, question), limit);
    return lines.reverse().map(toItem);
  },
};

/** Makes items while lines come, so that a long log is in memory once. */
async function asItems(lines: AsyncIterable<LogLine>): Promise<INodeExecutionData[]> {
  const items: INodeExecutionData[] = [];
  for await (const line of lines) items.push(toItem(line));
  return items;
}

function toItem(line: LogLine): INodeExecutionData {
  const { level, message, replica, request_id } = line;
  const time = new Date(millisecondOf(line)).toISOString();
  const json: IDataObject = {
    time,
    level: level ?? null,
    message,
    replica,
    request_id: request_id ?? null,
  };
  return { json };
}

function logPath(call: ItemCall, owner: Owner, deploymentId: string): string[] {
  const path = [...pathOf(owner), 'deployments', deploymentId];
  if (owner.kind === 'model') return path;
  const chainlet = readLocator(call.context, 'chainletId', call.itemIndex).trim();
  if (chainlet !== '') return [...path, 'chainlets', chainlet];
  throw new UserInputError(
    `Chainlet is empty, and ${nameOf(owner)} has a log for each of its chainlets`,
    'Pick one from the list or enter its ID.',
  );
}

function readFilter(options: Options): Record<string, unknown> {
  const level = { name: 'minLevel', label: 'Min Level', values: LEVELS };
  return withoutUndefined({
    min_level: readChoiceOption(options, level),
    request_id: textOf(options.requestId),
    search_pattern: textOf(options.searchPattern),
    includes: wordsOf(options.includes, 'Includes'),
    excludes: wordsOf(options.excludes, 'Excludes'),
  });
}

function textOf(value: unknown): string | undefined {
  return isBlank(value) ? undefined : String(value).trim();
}

/** @throws {UserInputError} if there are more words than Baseten takes */
function wordsOf(value: unknown, label: string): string[] | undefined {
  if (isBlank(value)) return undefined;
  const words = String(value)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length <= MOST_WORDS) return words;
  throw new UserInputError(
    `${label} has ${words.length} words, and Baseten takes ${MOST_WORDS}`,
    'Give fewer, or use Search Pattern.',
  );
}
