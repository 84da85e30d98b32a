import type { IDataObject } from 'n8n-workflow';

import { nameOf, pathOf } from '../shared/connection/endpoints';
import { BasetenError } from '../shared/errors/basetenError';
import type { Manage, Schemas } from '../shared/management/api';
import { FAILED_STATUSES } from '../shared/management/statuses';
import { aboutDeployment, pageOf, type EventKind, type NamedOwner, type World } from './event';
import { readOwners } from './owners';
import type { SettingsOf } from './settings';

type Environment = Schemas['EnvironmentV1'] | Schemas['ChainEnvironmentV1'];
type Deployment = Schemas['DeploymentV1'] | Schemas['ChainDeploymentV1'];

/** How a promotion ends. */
type End = 'SUCCEEDED' | 'FAILED' | 'CANCELED';

/** The most models that a test in the editor reads, since a person waits for it. */
const MOST_TESTED = 20;

/** What is known of an environment. */
interface KnownEnvironment {
  /** The deployment that serves; null if none does. */
  current: string | null;
  /** The deployment that is being promoted, and how far that is. */
  candidate?: string;
  status?: string;
  /** The deployment whose promotion was reported, while Baseten still shows it. */
  told?: string;
}

/** What is known of environments, by their model or chain and their names. */
type Known = Record<string, Record<string, KnownEnvironment>>;

/** An end of a promotion that is to be reported. */
interface Ended {
  end: End;
  deployment: { id: string; name?: string | null };
  previous?: string;
}

/**
 * A promotion ended. An environment shows a promotion while it is under way, and then only which
 * deployment serves: another one than before means that it succeeded.
 * @see https://docs.baseten.co/deployment/environments
 */
export const promotion: EventKind<SettingsOf<'promotion'>, Known> = {
  async look(world, { watched }, known) {
    const read = await readOwners<Environment>(world, watched, 'environments');
    const next: Known = {};
    const items: IDataObject[] = [];
    let { failure } = read;
    for (const owner of read.owners) {
      const before = known?.[owner.id];
      const environments = read.entries.get(owner.id);
      if (!environments) {
        if (before) next[owner.id] = before;
        continue;
      }
      const states: Record<string, KnownEnvironment> = {};
      for (const environment of environments) {
        // Of a model that is known, an environment is new, and nothing served there before.
        const was = before && (before[environment.name] ?? { current: null });
        states[environment.name] = stateOf(environment, was);
        // Of a model that is seen for the first time nothing is a change.
        if (!was) continue;
        try {
          for (const ended of await endsOf(world.manage, owner, environment, was)) {
            items.push(itemOf(world, owner, environment.name, ended));
          }
        } catch (error) {
          // All that is known of it stays, so the next poll tells it. The others need not wait.
          states[environment.name] = was;
          failure ??= error;
        }
      }
      next[owner.id] = states;
    }
    return { known: next, items, failure };
  },

  async latest(world, { watched }) {
    const read = await readOwners<Environment>(world, watched, 'environments', MOST_TESTED);
    const all = read.owners.flatMap((owner) =>
      (read.entries.get(owner.id) ?? []).map((environment) => ({ owner, environment })),
    );
    const found =
      all.find(({ environment }) => environment.candidate_deployment) ??
      all.find(({ environment }) => environment.current_deployment);
    if (!found) return undefined;
    const { owner, environment } = found;
    const { candidate_deployment: candidate, current_deployment: current } = environment;
    const deployment = candidate ?? current;
    const status = candidate ? underwayIn(environment)?.status : 'SUCCEEDED';
    return deployment
      ? { ...itemOf(world, owner, environment.name, { end: 'SUCCEEDED', deployment }), status }
      : undefined;
  },
};

/** The promotion that an environment shows, if it does. */
function underwayIn(environment: Environment): Schemas['InProgressPromotionV1'] | undefined {
  return ('in_progress_promotion' in environment && environment.in_progress_promotion) || undefined;
}

/** Whether Baseten says that a promotion is over without success, and still shows it. */
function isOver(status: string | undefined): status is 'FAILED' | 'CANCELED' {
  return status === 'FAILED' || status === 'CANCELED';
}

/** What is known of an environment from now on. */
function stateOf(environment: Environment, was: KnownEnvironment | undefined): KnownEnvironment {
  const current = environment.current_deployment?.id ?? null;
  const underway = underwayIn(environment);
  const candidate =
    environment.candidate_deployment?.id ?? (underway ? (was?.candidate ?? was?.told) : undefined);
  if (candidate === undefined) return { current };
  if (isOver(underway?.status)) return { current, told: candidate };
  // It serves already, so its success is reported though Baseten still shows the promotion.
  const isTold =
    candidate === current && was !== undefined && (was.current !== current || was.told === current);
  if (isTold) return { current, told: candidate };
  return {
    current,
    candidate,
    status: underway?.status ?? environment.candidate_deployment?.status,
  };
}

/** Finds the promotions that ended since the last look. */
async function endsOf(
  manage: Manage,
  owner: NamedOwner,
  environment: Environment,
  was: KnownEnvironment,
): Promise<Ended[]> {
  const { current_deployment: current, candidate_deployment: candidate } = environment;
  const status = underwayIn(environment)?.status;
  const ended: Ended[] = [];
  if (current && current.id !== was.current) {
    const previous = was.candidate === current.id ? was.status : undefined;
    ended.push({ end: 'SUCCEEDED', deployment: current, previous });
  } else if (current && !candidate && !status && was.candidate === current.id) {
    // The deployment that already served was promoted again.
    ended.push({ end: 'SUCCEEDED', deployment: current, previous: was.status });
  }
  if (isOver(status)) {
    const deployment = candidate ?? (was.candidate ? { id: was.candidate } : current);
    const isNews = deployment && deployment.id !== was.told;
    if (isNews) ended.push({ end: status, deployment, previous: was.status });
  }
  const isGone = was.candidate !== undefined && candidate?.id !== was.candidate && !status;
  const isReplaced = candidate && candidate.id !== was.candidate;
  if (was.candidate !== undefined && (isGone || isReplaced) && was.candidate !== current?.id) {
    ended.unshift(await withoutSuccess(manage, owner, was.candidate, was.status));
  }
  return ended;
}

/** A promotion that is gone without success: the state of its candidate tells why. */
async function withoutSuccess(
  manage: Manage,
  owner: NamedOwner,
  id: string,
  previous: string | undefined,
): Promise<Ended> {
  const deployment = await deploymentUnlessDeleted(manage, owner, id);
  // Nobody can ask how a deleted one was.
  if (!deployment) return { end: 'CANCELED', deployment: { id }, previous };
  const end = FAILED_STATUSES.includes(deployment.status) ? 'FAILED' : 'CANCELED';
  return { end, deployment, previous };
}

/** Reads a deployment. @returns nothing if it was deleted since, as whoever cancels may do */
async function deploymentUnlessDeleted(
  manage: Manage,
  owner: NamedOwner,
  id: string,
): Promise<Deployment | undefined> {
  return await manage<Deployment>({
    path: [...pathOf(owner), 'deployments', id],
    subject: `deployment ${id} of ${nameOf(owner)}`,
  }).catch((error: unknown) => {
    if (error instanceof BasetenError && error.status === 404) return undefined;
    throw error;
  });
}

function itemOf(
  { now }: World,
  owner: NamedOwner,
  environment: string,
  { end, deployment, previous }: Ended,
): IDataObject {
  return {
    event: 'promotion',
    ...aboutDeployment(owner, { ...deployment, environment }),
    status: end,
    previousStatus: previous ?? null,
    time: new Date(now).toISOString(),
    url: pageOf(owner, deployment.id),
  };
}
