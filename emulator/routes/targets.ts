import type { FastifyRequest } from 'fastify';
import { notFound } from '../http/refusal';
import { parseHost } from './host';
import { type Owner, type OwnerKind, type Target, deploymentOf } from '../workspace/registry';
import type { Deployment } from '../workspace/deployment';
import type { EmulatorState } from '../state';

interface TargetParams {
  host: string;
  environment?: string;
  deploymentId?: string;
}

/** How a path names the deployment. On a regional host it names none: the host's name does. */
export const TARGET_PATHS = [
  '/production',
  '/development',
  '/environments/:environment',
  '/deployment/:deploymentId',
  '',
] as const;

/** One of `TARGET_PATHS`. */
export type TargetPath = (typeof TARGET_PATHS)[number];

/** The deployment that a request is for, and the model or chain that owns it. */
export interface Addressed {
  owner: Owner;
  deployment: Deployment;
}

/**
 * The model or chain, and its deployment, that a request is for.
 * @param kinds Those that have the route.
 * @throws {Refusal} 404 if the host, environment or deployment does not exist, if the kind does not
 * have the route, if a regional host's path names a target, or if any other host's path does not.
 */
export function addressed(
  state: EmulatorState,
  request: FastifyRequest,
  targetPath: TargetPath,
  kinds: OwnerKind[],
): Addressed {
  const params = request.params as TargetParams;
  const host = parseHost(params.host);
  if (!kinds.includes(host.kind))
    throw notFound(`A ${host.kind} has no such route.`, 'client_error');
  const owner = state.registry.get(host.kind, host.id);
  if (targetPath === '' && host.environment === undefined) {
    throw notFound(
      'Bare paths are for regional hosts. Put the target into the path.',
      'client_error',
    );
  }
  if (targetPath !== '' && host.environment !== undefined) {
    throw notFound(
      'Regional hosts take bare paths. Leave the target out of the path.',
      'client_error',
    );
  }
  return { owner, deployment: deploymentOf(owner, targetOf(targetPath, params, host.environment)) };
}

function targetOf(
  targetPath: TargetPath,
  params: TargetParams,
  regional: string | undefined,
): Target {
  switch (targetPath) {
    case '/production':
      return { environment: 'production' };
    case '/development':
      return { development: true };
    case '/environments/:environment':
      return { environment: params.environment! };
    case '/deployment/:deploymentId':
      return { deploymentId: params.deploymentId! };
    case '':
      return { environment: regional! };
  }
}
