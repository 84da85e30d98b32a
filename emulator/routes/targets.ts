import type { FastifyRequest } from 'fastify';
import { notFound } from '../http/refusal';
import { parseHost } from '../http/host';
import { type Owner, type OwnerKind, type Target, deploymentOf } from '../workspace/registry';
import type { Deployment } from '../workspace/deployment';
import type { EmulatorState } from '../state';

interface TargetParams {
  host: string;
  environment?: string;
  deploymentId?: string;
}

/** The ways to say where an action goes; the last one is that of regional hosts. */
export const TARGET_PATHS = [
  '/production',
  '/development',
  '/environments/:environment',
  '/deployment/:deploymentId',
  '',
] as const;

export type TargetPath = (typeof TARGET_PATHS)[number];

export interface Addressed {
  owner: Owner;
  deployment: Deployment;
}

/**
 * The owner and deployment that a request is for. Throws 404 for a host, kind, environment or deployment that
 * isn't there, for a path with a target on a regional host, and for a bare path on any other host.
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
