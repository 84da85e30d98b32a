import type { FuzzProperty } from '../property';
import { chatDifferences } from './chatDifferences';
import { chatOddities, chatStreams } from './chatStreams';
import { accepted, bodies, changed, headers } from './deliveries';
import { events } from './events';
import { decoded, found, json, put } from './fields';
import { flow } from './flow';
import { growth } from './growth';
import { carried, changedMetadata } from './metadata';
import { batches, items } from './order';
import { actions, bases, identifiers, routes, webhookUrls } from './urls';
import { vectors } from './vectors';
import { waiting } from './waiting';

/** Properties of single inputs: to verification, URLs, streams, chat answers, paths and base64. */
export const INPUTS: FuzzProperty[] = [
  ...[actions, routes, identifiers, bases, webhookUrls],
  ...[accepted, changed, headers, bodies, carried, changedMetadata],
  ...[events, found, put, decoded, json],
  vectors,
  ...[chatStreams, chatOddities, chatDifferences],
];

/** All properties. An input of the last ones takes long, so they get fewer of them. */
export const PROPERTIES: FuzzProperty[] = [...INPUTS, items, batches, waiting, flow, growth];

const SHARES = INPUTS.reduce((sum, { share }) => sum + share, 0);

/**
 * How many inputs a property gets.
 * @param total number of single inputs
 */
export function runsOf({ share }: FuzzProperty, total: number): number {
  return Math.ceil((total * share) / SHARES);
}
