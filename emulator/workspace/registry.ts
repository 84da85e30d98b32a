import { Deployment } from './deployment';
import { notFound } from '../http/refusal';
import { type DeploymentRole, REGIONAL_ENVIRONMENT, deploymentIdFor } from './ids';
import type { Handler } from '../models/model';
import type { Settings } from '../options';

export type OwnerKind = 'model' | 'chain';

/** What it takes to add a simulated model or chain. */
export interface OwnerDefinition {
  kind?: OwnerKind;
  /** Alphanumeric, no hyphen: a hyphen in the host separates the regional environment. */
  id: string;
  name: string;
  /** Answers predict (a chain: run_remote), sync and async. */
  handler: Handler;
  /** Answers `sync/{route}` of a model with a server of its own. */
  server?: Handler;
  /** Async requests worked on side by side by one deployment. */
  asyncConcurrency?: number;
  /** 0 lets every deployment scale to zero. Default 1. */
  minReplica?: number;
  startsAsleep?: boolean;
  wakeMs?: number;
  scaleDownDelayMs?: number;
  instanceType?: string;
}

/** A model or a chain with its deployments. */
export interface Owner {
  kind: OwnerKind;
  id: string;
  name: string;
  handler: Handler;
  server: Handler | undefined;
  asyncConcurrency: number;
  instanceType: string;
  createdAt: number;
  deployments: Deployment[];
}

/** Where a request wants to go within a model or chain. */
export type Target = { environment: string } | { development: true } | { deploymentId: string };

const ROLES: Array<{ role: DeploymentRole; environment: string | null }> = [
  { role: 'production', environment: 'production' },
  { role: 'staging', environment: 'staging' },
  { role: 'regional', environment: REGIONAL_ENVIRONMENT },
  { role: 'development', environment: null },
];

/** Every model and chain there is. */
export class Registry {
  private readonly owners = new Map<string, Owner>();

  constructor(
    private readonly settings: Settings,
    private readonly stopped: AbortSignal,
  ) {}

  /**
   * Adds a model or chain, or replaces one of the same ID. Throws RangeError for an ID that can't be part of
   * a host.
   */
  add(definition: OwnerDefinition): Owner {
    if (!/^[a-z0-9]+$/i.test(definition.id)) {
      throw new RangeError(`"${definition.id}" can't be an ID: letters and digits only.`);
    }
    const { clock } = this.settings;
    const owner: Owner = {
      kind: definition.kind ?? 'model',
      id: definition.id,
      name: definition.name,
      handler: definition.handler,
      server: definition.server,
      asyncConcurrency: definition.asyncConcurrency ?? this.settings.asyncConcurrency,
      instanceType: definition.instanceType ?? 'Simulated 1x2',
      createdAt: clock.now(),
      deployments: ROLES.map(({ role, environment }) => {
        const options = {
          id: deploymentIdFor(definition.id, role),
          ownerId: definition.id,
          name: environment ?? 'development',
          environment,
          isDevelopment: role === 'development',
          minReplica: definition.minReplica ?? 1,
          wakeMs: definition.wakeMs ?? this.settings.wakeMs,
          scaleDownDelayMs: definition.scaleDownDelayMs ?? this.settings.scaleDownDelayMs,
          createdAt: clock.now(),
          startsAsleep: definition.startsAsleep ?? false,
        };
        return new Deployment(options, clock, this.stopped);
      }),
    };
    this.owners.set(`${owner.kind}-${owner.id}`, owner);
    return owner;
  }

  list(kind: OwnerKind): Owner[] {
    return [...this.owners.values()].filter((owner) => owner.kind === kind);
  }

  /** Throws 404 for an ID that isn't there. */
  get(kind: OwnerKind, id: string): Owner {
    const owner = this.owners.get(`${kind}-${id}`);
    if (!owner) throw notFound(`${kind === 'model' ? 'Model' : 'Chain'} ${id} does not exist.`);
    return owner;
  }
}

/** The deployment that a target stands for. Throws 404 where there is none. */
export function deploymentOf(owner: Owner, target: Target): Deployment {
  const found = owner.deployments.find((deployment) => {
    if ('environment' in target) return deployment.options.environment === target.environment;
    if ('deploymentId' in target) return deployment.id === target.deploymentId;
    return deployment.options.isDevelopment;
  });
  if (found) return found;
  const wanted = 'environment' in target ? `environment ${target.environment}` : 'that deployment';
  const named = 'deploymentId' in target ? `deployment ${target.deploymentId}` : wanted;
  throw notFound(`The ${owner.kind} ${owner.id} has no ${named}.`);
}
