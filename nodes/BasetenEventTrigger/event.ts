import type { IDataObject } from 'n8n-workflow';

import type { Owner } from '../shared/connection/endpoints';
import type { Manage } from '../shared/management/api';
import type { Settings } from './settings';

/** What a poll works with. */
export interface World {
  /** Calls the management API, and waits for its turn. */
  manage: Manage;
  /** When the poll began, in milliseconds since 1970. */
  now: number;
  /** How many reads may be under way at once. */
  places: number;
}

/** What a poll has found. */
interface Found<Known> {
  /** What is known from now on. */
  known: Known;
  /** What is to start the workflow, an item each. */
  items: IDataObject[];
  /** Why a part could not be read. What is known of that part is as before. */
  failure?: unknown;
}

/** A kind of event: how it is found. */
export interface EventKind<Set extends Settings, Known> {
  /**
   * Looks, and compares with what was known. What is new is found each time until `known` is
   * remembered, so nothing is lost if it is not.
   * @param known nothing at the first poll
   * @throws if nothing could be found out
   */
  look(world: World, settings: Set, known: Known | undefined): Promise<Found<Known>>;
  /** What there is now, as an item, for a test in the editor; nothing if there is nothing. */
  latest(world: World, settings: Set): Promise<IDataObject | undefined>;
}

/** A model or chain as its list names it. */
export interface NamedOwner extends Owner {
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Nothing of it has to be read if it has none. */
  hasDeployments: boolean;
}

/** The fields of an item that say which deployment it is about. */
export function aboutDeployment(
  owner: NamedOwner,
  deployment: { id: string; name?: string | null; environment: string | null },
): IDataObject {
  const { kind, id, name } = owner;
  return {
    ownerType: kind,
    [kind]: { id, name },
    deployment: {
      id: deployment.id,
      // Deployments of chains have no names.
      name: deployment.name ?? null,
      environment: deployment.environment,
    },
  };
}

/**
 * The page about a deployment in Baseten's app.
 * @see https://docs.baseten.co/deployment/manage/overview
 */
export function pageOf({ kind, id }: Owner, deploymentId: string): string {
  const page = kind === 'model' ? `logs/${encodeURIComponent(deploymentId)}` : 'overview';
  return `https://app.baseten.co/${kind}s/${encodeURIComponent(id)}/${page}`;
}
