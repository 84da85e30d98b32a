import type { INodeProperties } from 'n8n-workflow';

import { nameOf, routeUrl } from '../../../shared/connection/endpoints';
import { responseFailure } from '../../../shared/errors/basetenError';
import { parseResponse } from '../../../shared/payload/responseItem';
import type { ItemCall } from '../operation';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import type { Options } from '../../../shared/parameters/options';

/** Options that reranking and classification have in common, in the engine's words. */
export const ENGINE_OPTIONS: INodeProperties[] = [
  {
    displayName: 'Raw Scores',
    name: 'rawScores',
    type: 'boolean',
    default: false,
    description:
      "Whether to give the model's scores as they are, instead of scaled to lie between 0 and 1",
  },
  {
    displayName: 'Truncate',
    name: 'truncate',
    type: 'boolean',
    default: false,
    description: 'Whether to cut texts that are too long for the model, instead of failing',
  },
];

/** Which route of which embeddings engine an item calls. */
export function readEngine(
  { context, itemIndex, connection }: Pick<ItemCall, 'context' | 'itemIndex' | 'connection'>,
  route: string,
): { url: string; subject: string } {
  const owner = readOwner(context, 'model', itemIndex);
  return {
    url: routeUrl(connection.endpoints, owner, readTarget(context, itemIndex), route),
    subject: nameOf(owner),
  };
}

/** The common options that are set, as the engine's fields. */
export function readEngineFields(options: Options): Record<string, true> {
  return {
    ...(options.rawScores === true && { raw_scores: true }),
    ...(options.truncate === true && { truncate: true }),
  };
}

/** Reads an answer that must be a list of this length. @throws {BasetenError} where it is not */
export function readList(body: Buffer, count: number, subject: string, route: string): unknown[] {
  const list = parseResponse(body, subject);
  if (Array.isArray(list) && list.length === count) return list;
  throw responseFailure(
    `The answer of ${subject} is not a list of ${count} results`,
    `Check that the deployment is an embeddings engine (BEI) with the route ${route}.`,
  );
}
