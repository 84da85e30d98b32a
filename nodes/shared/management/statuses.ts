import type { Schemas } from './api';

/** A deployment's status, by Baseten's name. */
export type DeploymentStatus = Schemas['DeploymentStatusV1'];

/**
 * Every status of a deployment, in the order of Baseten's document.
 * @see https://docs.baseten.co/reference/management-api/deployments/gets-a-models-deployment-by-id
 */
export const DEPLOYMENT_STATUSES = [
  'BUILDING',
  'DEPLOYING',
  'DEPLOY_FAILED',
  'LOADING_MODEL',
  'ACTIVE',
  'UNHEALTHY',
  'BUILD_FAILED',
  'BUILD_STOPPED',
  'DEACTIVATING',
  'INACTIVE',
  'FAILED',
  'UPDATING',
  'SCALED_TO_ZERO',
  'WAKING_UP',
] as const satisfies readonly DeploymentStatus[];

/**
 * A deployment's status as lists show it: `awake`, `scaled to zero`, `build failed`.
 * @param status Baseten's name of it, which may be one that is not known here
 * @returns nothing if there is none
 */
export function statusInWords(status: string | undefined): string | undefined {
  if (status === 'ACTIVE') return 'awake';
  return status?.toLowerCase().replaceAll('_', ' ') || undefined;
}

/** Statuses out of which a deployment does not come by itself. */
export const FAILED_STATUSES: readonly string[] = [
  'BUILD_FAILED',
  'BUILD_STOPPED',
  'DEPLOY_FAILED',
  'FAILED',
  'UNHEALTHY',
] satisfies DeploymentStatus[];

/** Statuses in which a deployment gets no replicas and does not wake: somebody has to act first. */
export const STUCK_STATUSES: readonly string[] = [
  'BUILD_FAILED',
  'BUILD_STOPPED',
  'DEACTIVATING',
  'DEPLOY_FAILED',
  'FAILED',
  'INACTIVE',
] satisfies DeploymentStatus[];
