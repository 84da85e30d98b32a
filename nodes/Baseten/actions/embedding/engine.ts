import type { INodeProperties } from 'n8n-workflow';

import { nameOf, routeUrl } from '../../../shared/connection/endpoints';
import { responseFailure } from '../../../shared/errors/basetenError';
import { parseResponse } from '../../../shared/payload/responseItem';
import type { ItemCall } from '../operation';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import type { Options } from '../../../shared/parameters/options';

/**
 * Options that Rerank and Classify have in common.
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const ENGINE_OPTIONS: INodeProperties[] = [
  {
    displayName: 'Raw Scores',
    name: 'rawScores',
    type: 'boolean',
    default: false,
    description: "Whether to output the model's own scores, instead of scores between 0 and 1",
  },
  {
    displayName: 'Truncate',
    name: 'truncate',
    type: 'boolean',
    default: false,
    description: 'Whether to cut texts that are too long for the model, instead of failing',
  },
];

/**
 * Reads which embeddings engine an item calls.
 * @param route path on the engine's own server, such as `/rerank`
 * @returns the URL, and the engine's name in messages
 * @throws {UserInputError} if an ID or environment can't be part of a URL
 */
export function readEngine(
  { context, itemIndex, connection }: Pick<ItemCall, 'context' | 'itemIndex' | 'connection'>,
  route: string,
): { url: string; subject: string } {
  const owner = readOwner(context, 'model', itemIndex);
  return {
    url: routeUrl(connection.endpoints, {
      owner,
      target: readTarget(context, itemIndex),
      route,
    }),
    subject: nameOf(owner),
  };
}

/** Makes the fields of a request from those of `ENGINE_OPTIONS` that are on. */
export function readEngineFields(options: Options): Record<string, true> {
  return {
    ...(options.rawScores === true && { raw_scores: true }),
    ...(options.truncate === true && { truncate: true }),
  };
}

/**
 * Reads a response that must be a list with a result for each text.
 * @param body of the response
 * @param count how many texts were sent
 * @throws {BasetenError} if it is not a list of this length
 */
export function readList(body: Buffer, count: number, subject: string, route: string): unknown[] {
  const list = parseResponse(body, subject);
  if (Array.isArray(list) && list.length === count) return list;
  throw responseFailure(
    `The response of ${subject} is not a list of ${count} results`,
    `Check that the deployment is an embeddings engine (BEI) with the route ${route}.`,
  );
}
