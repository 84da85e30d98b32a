import { type CapacityChange, UNLIMITED, changed } from './capacity';
import { Deployment } from './deployment';
import { notFound } from '../http/refusal';
import { type DeploymentRole, REGIONAL_ENVIRONMENT, deploymentIdFor } from './ids';
import type { Handler } from '../models/model';
import type { Settings } from '../options';

/** What owns deployments. */
export type OwnerKind = 'model' | 'chain';

/** What it takes to add a simulated model or chain. */
export interface OwnerDefinition {
  /** `model` by default. */
  kind?: OwnerKind;
  /**
   * Letters and digits. No hyphen: in a host name, what follows a hyphen is the regional
   * environment.
   */
  id: string;
  name: string;
  /** Serves predict (run_remote on a chain), synchronous and async. */
  handler: Handler;
  /** Serves `sync/{route}`, if the model has a server of its own. */
  server?: Handler;
  /** Async requests that one deployment works on side by side. */
  asyncConcurrency?: number;
  /** How much each deployment takes. By default everything at once, with one replica. */
  capacity?: CapacityChange;
  /** Starts every deployment at zero. */
  startsAsleep?: boolean;
  instanceType?: string;
  /** What its configuration says about it; nothing by default. */
  metadata?: ModelMetadata;
  /** The route of its own server that predict leads to, as its configuration says. */
  predictEndpoint?: string;
}

/** The part of a configuration that says what a model is and takes. */
export interface ModelMetadata {
  /** What fills Baseten's playground. */
  example_model_input?: unknown;
  tags?: string[];
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
  metadata: ModelMetadata;
  predictEndpoint: string | undefined;
  /** Milliseconds since the epoch. */
  createdAt: number;
  deployments: Deployment[];
}

/** Which deployment of a model or chain a request is for. */
export type Target = { environment: string } | { development: true } | { deploymentId: string };

const ROLES: Array<{ role: DeploymentRole; environment: string | null }> = [
  { role: 'production', environment: 'production' },
  { role: 'staging', environment: 'staging' },
  { role: 'regional', environment: REGIONAL_ENVIRONMENT },
  { role: 'development', environment: null },
];

/** The models and chains of the workspace. */
export class Registry {
  private readonly owners = new Map<string, Owner>();

  constructor(
    private readonly settings: Settings,
    private readonly stopped: AbortSignal,
  ) {}

  /**
   * Adds a model or chain, or replaces one of the same ID.
   * @throws {RangeError} If the ID can't be part of a host name.
   */
  add(definition: OwnerDefinition): Owner {
    if (!/^[a-z0-9]+$/i.test(definition.id)) {
      throw new RangeError(`"${definition.id}" can't be an ID: letters and digits only.`);
    }
    const { clock, wakeMs, scaleDownDelayMs } = this.settings;
    const standard = { ...UNLIMITED, wakeMs, scaleDownDelayMs };
    const capacity = changed(standard, definition.capacity ?? {});
    const owner: Owner = {
      kind: definition.kind ?? 'model',
      id: definition.id,
      name: definition.name,
      handler: definition.handler,
      server: definition.server,
      asyncConcurrency: definition.asyncConcurrency ?? this.settings.asyncConcurrency,
      instanceType: definition.instanceType ?? 'Simulated 1x2',
      metadata: definition.metadata ?? {},
      predictEndpoint: definition.predictEndpoint,
      createdAt: clock.now(),
      deployments: ROLES.map(({ role, environment }) => {
        const options = {
          id: deploymentIdFor(definition.id, role),
          ownerId: definition.id,
          name: environment ?? 'development',
          environment,
          isDevelopment: role === 'development',
          capacity,
          createdAt: clock.now(),
          startsAsleep: definition.startsAsleep ?? false,
        };
        return new Deployment(options, clock, this.stopped);
      }),
    };
    this.owners.set(`${owner.kind}-${owner.id}`, owner);
    return owner;
  }

  /** All models or all chains, in the order they were added. */
  list(kind: OwnerKind): Owner[] {
    return [...this.owners.values()].filter((owner) => owner.kind === kind);
  }

  /**
   * The model or chain of that ID.
   * @throws {Refusal} 404 if there is none.
   */
  get(kind: OwnerKind, id: string): Owner {
    const owner = this.owners.get(`${kind}-${id}`);
    if (!owner) throw notFound(`${kind === 'model' ? 'Model' : 'Chain'} ${id} does not exist.`);
    return owner;
  }
}

/**
 * The deployment that a target names.
 * @throws {Refusal} 404 if there is none.
 */
export function deploymentOf(owner: Owner, target: Target): Deployment {
  const found = owner.deployments.find((deployment) => {
    if ('environment' in target) return deployment.options.environment === target.environment;
    if ('deploymentId' in target) return deployment.id === target.deploymentId;
    return deployment.options.isDevelopment;
  });
  if (found) return found;
  throw notFound(`The ${owner.kind} ${owner.id} has no ${nameOf(target)}.`);
}

function nameOf(target: Target): string {
  if ('environment' in target) return `environment ${target.environment}`;
  if ('deploymentId' in target) return `deployment ${target.deploymentId}`;
  return 'development deployment';
}
