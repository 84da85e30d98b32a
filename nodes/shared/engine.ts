import type { INodeProperties } from 'n8n-workflow';

import { nameOf, routeUrl, type Endpoints } from './connection/endpoints';
import { responseFailure } from './errors/basetenError';
import { readOwner, readTarget } from './parameters/addressing';
import type { ParameterContext } from './parameters/parameter';
import type { Options } from './parameters/options';
import { parseResponse } from './payload/responseItem';

/** An embeddings engine (BEI), and one of its routes. */
export interface Engine {
  url: string;
  /** Its name in messages. */
  subject: string;
}

/**
 * Option: cuts texts that are too long.
 * @see https://docs.baseten.co/engines/bei/overview
 */
export const TRUNCATE: INodeProperties = {
  displayName: 'Truncate',
  name: 'truncate',
  type: 'boolean',
  default: false,
  description: 'Whether to cut texts that are too long for the model, instead of failing',
};

/** Option: the model's own scores. */
export const RAW_SCORES: INodeProperties = {
  displayName: 'Raw Scores',
  name: 'rawScores',
  type: 'boolean',
  default: false,
  description: "Whether to output the model's own scores, instead of scores between 0 and 1",
};

/**
 * Reads which embeddings engine an item calls.
 * @param itemIndex position of the item in the input
 * @param route path on the engine's own server, such as `/rerank`
 * @throws {UserInputError} if an ID or environment can't be part of a URL
 */
export function readEngine(
  context: ParameterContext,
  itemIndex: number,
  { endpoints, route }: { endpoints: Endpoints; route: string },
): Engine {
  const owner = readOwner(context, 'model', itemIndex);
  const target = readTarget(context, itemIndex);
  return { url: routeUrl(endpoints, { owner, target, route }), subject: nameOf(owner) };
}

/** Makes the fields of a request from those of `RAW_SCORES` and `TRUNCATE` that are on. */
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
