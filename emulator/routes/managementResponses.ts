import type { Deployment } from '../workspace/deployment';
import { badRequest } from '../http/refusal';
import type { Environments } from '../management/environments';
import type { ModelApi } from '../models/catalog';
import type { Owner } from '../workspace/registry';

// The objects of the management API's responses, named after the types of its OpenAPI document.

const TEAM = 'Emulator team';
const iso = (ms: number) => new Date(ms).toISOString();
const idOf = (owner: Owner, pick: (deployment: Deployment) => boolean) =>
  owner.deployments.find(pick)?.id ?? null;

/** A model: ModelV1. */
export const modelShape = (owner: Owner) => ({
  id: owner.id,
  created_at: iso(owner.createdAt),
  name: owner.name,
  deployments_count: owner.deployments.length,
  production_deployment_id: idOf(owner, ({ options }) => options.environment === 'production'),
  development_deployment_id: idOf(owner, ({ options }) => options.isDevelopment),
  instance_type_name: owner.instanceType,
  team_name: TEAM,
});

/** A chain: ChainV1. */
export const chainShape = (owner: Owner) => ({
  id: owner.id,
  created_at: iso(owner.createdAt),
  name: owner.name,
  deployments_count: owner.deployments.length,
  team_name: TEAM,
});

const autoscaling = ({ capacity }: Deployment) => ({
  min_replica: capacity.minReplica,
  max_replica: capacity.maxReplica,
  autoscaling_window: Math.round(capacity.autoscalingWindowMs / 1000),
  scale_down_delay: Math.round(capacity.scaleDownDelayMs / 1000),
  // Without a limit Baseten's own default is shown.
  concurrency_target: Number.isFinite(capacity.concurrencyTarget) ? capacity.concurrencyTarget : 1,
  target_utilization_percentage: capacity.targetUtilization,
});

const instanceType = (owner: Owner) => ({
  id: '1x2',
  name: owner.instanceType,
  memory_limit_mib: 2048,
  millicpu_limit: 1000,
  gpu_count: 0,
  gpu_type: null,
  gpu_memory_limit_mib: null,
});

/** A model's deployment: DeploymentV1. */
export const modelDeploymentShape = (owner: Owner, deployment: Deployment) => ({
  id: deployment.id,
  created_at: iso(deployment.options.createdAt),
  name: deployment.options.name,
  model_id: owner.id,
  is_production: deployment.options.environment === 'production',
  is_development: deployment.options.isDevelopment,
  status: deployment.status,
  active_replica_count: deployment.activeReplicas,
  autoscaling_settings: autoscaling(deployment),
  instance_type_name: owner.instanceType,
  environment: deployment.options.environment,
  request_backpressure_settings: { policy: null },
});

/**
 * A deployment's configuration: DeploymentConfigResponseV1. JSON is YAML, too.
 * @throws {Refusal} 400 if the format is none of the document's
 */
export function configShape(owner: Owner, format = 'both') {
  if (!['raw', 'parsed', 'both'].includes(format)) {
    throw badRequest('output_format has to be raw, parsed or both.');
  }
  const { predictEndpoint } = owner;
  const config = {
    model_name: owner.name,
    model_metadata: owner.metadata,
    ...(predictEndpoint && { docker_server: { predict_endpoint: predictEndpoint } }),
  };
  return {
    config: format === 'raw' ? null : config,
    raw_config: format === 'parsed' ? null : JSON.stringify(config, null, 2),
  };
}

/** A chain's deployment: ChainDeploymentV1. */
export const chainDeploymentShape = (owner: Owner, deployment: Deployment) => ({
  id: deployment.id,
  created_at: iso(deployment.options.createdAt),
  chain_id: owner.id,
  environment: deployment.options.environment,
  chainlets: [
    {
      id: `${deployment.id}c1`,
      name: 'Entrypoint',
      autoscaling_settings: autoscaling(deployment),
      instance_type_name: owner.instanceType,
      active_replica_count: deployment.activeReplicas,
      status: deployment.status,
    },
  ],
  status: deployment.status,
});

/** A model's environment and the deployment in it: EnvironmentV1. */
export const modelEnvironmentShape = (
  owner: Owner,
  deployment: Deployment,
  environments: Environments,
) => {
  const name = deployment.options.environment ?? '';
  const { promotion, redeploys, schedules } = environments.of(owner, name);
  const autoscaling_schedules = schedules.shape(autoscaling(deployment), environments.now());
  return {
    name,
    created_at: iso(owner.createdAt),
    model_id: owner.id,
    current_deployment: modelDeploymentShape(owner, deployment),
    candidate_deployment: promotion ? modelDeploymentShape(owner, promotion.candidate) : null,
    in_progress_promotion: promotion
      ? {
          status: promotion.status,
          percent_traffic_to_new_version: promotion.percent,
          error_message: promotion.error,
          rolling_deploy: false,
        }
      : null,
    autoscaling_settings: autoscaling(deployment),
    promotion_settings: { redeploy_on_promotion: redeploys },
    instance_type: instanceType(owner),
    request_backpressure_settings: { policy: null },
    ...(autoscaling_schedules && { autoscaling_schedules }),
  };
};

/** A chain's environment and the deployment in it: ChainEnvironmentV1. */
export const chainEnvironmentShape = (
  owner: Owner,
  deployment: Deployment,
  environments: Environments,
) => {
  const name = deployment.options.environment ?? '';
  const { promotion, redeploys } = environments.of(owner, name);
  return {
    name,
    created_at: iso(owner.createdAt),
    chain_id: owner.id,
    promotion_settings: { redeploy_on_promotion: redeploys },
    chainlet_settings: [
      {
        chainlet_name: 'Entrypoint',
        autoscaling_settings: autoscaling(deployment),
        instance_type: instanceType(owner),
      },
    ],
    current_deployment: chainDeploymentShape(owner, deployment),
    candidate_deployment: promotion ? chainDeploymentShape(owner, promotion.candidate) : null,
  };
};

/**
 * One entry of a chain's environment list. Baseten's document gives that list a model's type
 * (EnvironmentV1) and a single environment of a chain its own (ChainEnvironmentV1), so this has the
 * fields of both.
 */
export const chainEnvironmentListShape = (
  owner: Owner,
  deployment: Deployment,
  environments: Environments,
) => {
  const whole = {
    ...modelEnvironmentShape(owner, deployment, environments),
    ...chainEnvironmentShape(owner, deployment, environments),
    current_deployment: both(owner, deployment),
  };
  const { promotion } = environments.of(owner, whole.name);
  return { ...whole, candidate_deployment: promotion ? both(owner, promotion.candidate) : null };
};

const both = (owner: Owner, deployment: Deployment) => ({
  ...modelDeploymentShape(owner, deployment),
  ...chainDeploymentShape(owner, deployment),
});

/** A Model API: ModelAPIV1. `addedAt` is in milliseconds since the epoch. */
export const modelApiShape = (api: ModelApi, invokeUrl: string, addedAt: number) => ({
  name: api.name,
  display_name: api.displayName,
  description: api.description,
  model_family: 'emulator',
  release_date: '2026-01-01',
  invoke_url: invokeUrl,
  context_length: api.contextLength,
  cost_per_million_input_tokens: api.inputPrice,
  cost_per_million_output_tokens: api.outputPrice,
  rate_limits: [
    { type: 'REQUEST', unit: 'MINUTE', threshold: api.requestsPerMinute },
    { type: 'TOKEN', unit: 'MINUTE', threshold: api.tokensPerMinute },
  ],
  org_details: api.enabled ? { added_at: iso(addedAt), last_used_at: null } : null,
});

/**
 * A page of a list: `limit` items (1–1000, default 100), beginning at an opaque cursor.
 * @throws {Refusal} 400 if the limit or the cursor is not valid.
 */
export function page<T>(items: T[], query: { cursor?: string; limit?: string }) {
  const limit = query.limit === undefined ? 100 : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw badRequest('limit has to be an integer from 1 to 1000.');
  }
  const decoded = Buffer.from(query.cursor ?? '', 'base64url').toString('utf8');
  const start = query.cursor ? Number(decoded.split(':')[1]) : 0;
  if (!Number.isInteger(start)) throw badRequest('cursor is not valid.');
  const end = start + limit;
  const more = end < items.length;
  const cursor = more ? Buffer.from(`offset:${end}`).toString('base64url') : null;
  return { items: items.slice(start, end), pagination: { has_more: more, cursor } };
}
