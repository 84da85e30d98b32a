import type { IDataObject } from 'n8n-workflow';

import type { Schemas } from '../shared/management/api';
import { aboutDeployment, pageOf, type EventKind, type NamedOwner, type World } from './event';
import { readOwners } from './owners';
import type { SettingsOf } from './settings';

type Deployment = Schemas['DeploymentV1'] | Schemas['ChainDeploymentV1'];
type StatusSettings = SettingsOf<'deploymentStatus'>;

/** The most models that a test in the editor reads, since a person waits for it. */
const MOST_TESTED = 20;

/** What is known of deployments. */
interface Known {
  /**
   * When the newest model was made that the first poll saw, in milliseconds since 1970. Later ones
   * are news.
   */
  since: number;
  /** The status of each deployment, by its model or chain and its own ID. */
  statuses: Record<string, Record<string, string>>;
  /** Deployments that were reported and are not well again, if that is to be told. */
  reported?: string[];
}

/**
 * A deployment changed to a status.
 * @see https://docs.baseten.co/reference/management-api/deployments/gets-all-deployments-of-a-model
 */
export const deploymentStatus: EventKind<StatusSettings, Known> = {
  async look(world, settings, known) {
    const read = await readOwners<Deployment>(world, settings.watched, 'deployments');
    const since = known?.since ?? Math.max(0, ...read.owners.map(({ createdAt }) => createdAt));
    const statuses: Known['statuses'] = {};
    const reported = new Set(known?.reported);
    const stillReported: string[] = [];
    const items: IDataObject[] = [];
    for (const owner of read.owners) {
      const before = known?.statuses[owner.id];
      const deployments = read.entries.get(owner.id);
      if (!deployments) {
        // It could not be read, so all that is known of it stays.
        if (before) statuses[owner.id] = before;
        stillReported.push(...Object.keys(before ?? {}).filter((id) => reported.has(id)));
        continue;
      }
      // Of a model that is seen for the first time its status is no change, unless it is new.
      const isKnown = before !== undefined || (known && owner.createdAt > known.since);
      for (const deployment of deployments) {
        const { id, status } = deployment;
        const previous = before?.[id];
        const isChosen = settings.statuses.includes(status);
        const isReported = isKnown && isChosen && previous !== status;
        const isRecovered = status === 'ACTIVE' && reported.has(id);
        if (isReported || isRecovered) items.push(itemOf(world, owner, deployment, previous));
        if ((isReported || reported.has(id)) && status !== 'ACTIVE') stillReported.push(id);
      }
      statuses[owner.id] = Object.fromEntries(deployments.map(({ id, status }) => [id, status]));
    }
    const next = { since, statuses, ...(settings.recovered && { reported: stillReported }) };
    return { known: next, items, failure: read.failure };
  },

  async latest(world, settings) {
    const read = await readOwners<Deployment>(world, settings.watched, 'deployments', MOST_TESTED);
    const all = read.owners.flatMap((owner) =>
      (read.entries.get(owner.id) ?? []).map((deployment) => ({ owner, deployment })),
    );
    all.sort((one, other) => (one.deployment.created_at < other.deployment.created_at ? 1 : -1));
    const newest =
      all.find(({ deployment }) => settings.statuses.includes(deployment.status)) ?? all[0];
    return newest && itemOf(world, newest.owner, newest.deployment, undefined);
  },
};

function itemOf(
  { now }: World,
  owner: NamedOwner,
  deployment: Deployment,
  previousStatus: string | undefined,
): IDataObject {
  return {
    event: 'deploymentStatus',
    ...aboutDeployment(owner, deployment),
    status: deployment.status,
    previousStatus: previousStatus ?? null,
    time: new Date(now).toISOString(),
    url: pageOf(owner, deployment.id),
  };
}
