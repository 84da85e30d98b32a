import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseJson } from '../http/body';
import { badRequest } from '../http/refusal';
import { PROMOTION_SIGNALS } from '../management/environments';
import { isObject } from '../models/model';
import type { EmulatorState } from '../state';
import type { CapacityChange } from '../workspace/capacity';
import type { Deployment } from '../workspace/deployment';
import { type Owner, type OwnerKind, deploymentOf } from '../workspace/registry';
import { namedDeployment, shapesOf } from './management';

const PREFIX = '/management/v1';

interface Params {
  id: string;
  deploymentId: string;
  environment: string;
}

/**
 * The changing part of the management API: deployments are activated, deactivated, retried, scaled
 * and promoted. See https://docs.baseten.co/reference/management-api/overview.
 */
export function addManagementChanges(app: FastifyInstance, state: EmulatorState): void {
  addStatusRoutes(app, state);
  addScalingRoutes(app, state);
  addPromotionRoutes(app, state, 'model');
  addPromotionRoutes(app, state, 'chain');
}

function addStatusRoutes(app: FastifyInstance, state: EmulatorState): void {
  const { lifecycle, changeLimit, auditLog } = state;
  const named = (request: FastifyRequest, kind: OwnerKind) => {
    changeLimit.take();
    return addressedDeployment(state, request, kind);
  };
  app.post(`${PREFIX}/models/:id/deployments/:deploymentId/activate`, (request, reply) => {
    const { owner, deployment } = named(request, 'model');
    lifecycle.activate(deployment);
    auditLog.add(modelEvent('MODEL_DEPLOYMENT_ACTIVATED', owner, deployment));
    return reply.send({ success: true });
  });
  app.post(`${PREFIX}/models/:id/deployments/:deploymentId/deactivate`, (request, reply) => {
    const { owner, deployment } = named(request, 'model');
    lifecycle.deactivate(deployment);
    auditLog.add(modelEvent('MODEL_DEPLOYMENT_DEACTIVATED', owner, deployment));
    return reply.send({ success: true });
  });
  app.post(`${PREFIX}/models/:id/deployments/:deploymentId/retry`, (request, reply) => {
    const { owner, deployment } = named(request, 'model');
    const retried = lifecycle.retry(deployment);
    auditLog.add({ ...modelEvent('MODEL_DEPLOYMENT_RETRIED', owner, deployment), retried });
    return reply.send({
      retried,
      reason: retried ? null : `Deployment ${deployment.id} is ${deployment.status}.`,
      deployment: shapesOf('model').deployment(owner, deployment),
    });
  });
  app.post(`${PREFIX}/chains/:id/deployments/:deploymentId/deactivate`, (request, reply) => {
    const { owner, deployment } = named(request, 'chain');
    lifecycle.deactivate(deployment);
    auditLog.add(chainEvent('CHAIN_DEPLOYMENT_DEACTIVATED', owner, deployment));
    return reply.send({ success: true });
  });
}

function addScalingRoutes(app: FastifyInstance, state: EmulatorState): void {
  const path = `${PREFIX}/models/:id/deployments/:deploymentId/autoscaling_settings`;
  app.patch(path, (request, reply) => {
    const { deployment } = addressedDeployment(state, request, 'model');
    const { environment } = deployment.options;
    if (environment !== null) {
      throw badRequest(
        `Deployment ${deployment.id} belongs to environment ${environment}. Update the environment.`,
      );
    }
    deployment.change(toCapacity(bodyOf(request)));
    return reply.send(ACCEPTED);
  });
  app.patch(`${PREFIX}/models/:id/environments/:environment`, (request, reply) => {
    const { owner, deployment } = inEnvironment(state, request, 'model');
    const body = bodyOf(request);
    if (isObject(body.autoscaling_settings)) {
      deployment.change(toCapacity(body.autoscaling_settings));
    }
    const { environment } = request.params as Params;
    const schedules = body.autoscaling_schedule_settings;
    if (schedules) state.environments.of(owner, environment).schedules.update(schedules);
    return reply.send({
      environment: shapesOf('model').environment(owner, deployment, state.environments),
      ...ACCEPTED,
    });
  });
  const chainlets = `${PREFIX}/chains/:id/environments/:environment/chainlet_settings/autoscaling_settings`;
  app.patch(chainlets, (request, reply) => {
    const { deployment } = inEnvironment(state, request, 'chain');
    const { updates } = bodyOf(request);
    for (const update of Array.isArray(updates) ? updates.filter(isObject) : []) {
      if (update.chainlet_name !== 'Entrypoint') {
        throw badRequest(`There is no chainlet ${String(update.chainlet_name)}.`);
      }
      if (isObject(update.autoscaling_settings)) {
        deployment.change(toCapacity(update.autoscaling_settings));
      }
    }
    return reply.send(ACCEPTED);
  });
}

const ACCEPTED = { status: 'ACCEPTED', message: 'The settings will be applied.' };

function addPromotionRoutes(app: FastifyInstance, state: EmulatorState, kind: OwnerKind): void {
  const { environments, changeLimit, auditLog } = state;
  const base = `${PREFIX}/${kind}s/:id/environments/:environment`;
  app.post(`${base}/promote`, (request, reply) => {
    changeLimit.take();
    const { owner } = inEnvironment(state, request, kind);
    const { environment } = request.params as Params;
    const body = bodyOf(request);
    const scaleDown = body.scale_down_previous_deployment !== false;
    if (typeof body.deployment_id !== 'string') throw badRequest('deployment_id is missing.');
    const made = environments.promote(owner, environment, body.deployment_id, scaleDown);
    const event =
      kind === 'model'
        ? modelEvent('MODEL_DEPLOYMENT_PROMOTED', owner, made)
        : chainEvent('CHAIN_DEPLOYMENT_PROMOTED', owner, made);
    auditLog.add({ ...event, environment_name: environment, environment_id: null });
    return reply.send(shapesOf(kind).deployment(owner, made));
  });
  if (kind === 'chain') return;
  for (const signal of PROMOTION_SIGNALS) {
    app.post(`${base}/${signal}`, (request, reply) => {
      const { owner } = inEnvironment(state, request, kind);
      const { environment } = request.params as Params;
      const status = environments.signal(owner, environment, signal);
      return reply.send(
        signal === 'cancel_promotion'
          ? { status, message: `The promotion to ${environment} is canceled.` }
          : { success: true },
      );
    });
  }
}

function addressedDeployment(state: EmulatorState, request: FastifyRequest, kind: OwnerKind) {
  const { id, deploymentId } = request.params as Params;
  const owner = state.registry.get(kind, id);
  return { owner, deployment: namedDeployment(owner, deploymentId) };
}

function inEnvironment(state: EmulatorState, request: FastifyRequest, kind: OwnerKind) {
  const { id, environment } = request.params as Params;
  const owner = state.registry.get(kind, id);
  return { owner, deployment: deploymentOf(owner, { environment }) };
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body: unknown = parseJson(request.rawBody ?? Buffer.alloc(0));
  if (!isObject(body)) throw badRequest('The body has to be a JSON object.');
  return body;
}

/** The capacity that autoscaling settings mean. @throws {Refusal} 400 if one is not a number */
function toCapacity(settings: Record<string, unknown>): CapacityChange {
  const number = (name: string) => {
    const value = settings[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number') throw badRequest(`${name} has to be a number.`);
    return value;
  };
  const seconds = (name: string) => {
    const value = number(name);
    return value === undefined ? undefined : value * 1000;
  };
  const change = {
    minReplica: number('min_replica'),
    maxReplica: number('max_replica'),
    concurrencyTarget: number('concurrency_target'),
    targetUtilization: number('target_utilization_percentage'),
    autoscalingWindowMs: seconds('autoscaling_window'),
    scaleDownDelayMs: seconds('scale_down_delay'),
  };
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as CapacityChange;
}

function modelEvent(event_type: string, owner: Owner, { id, options }: Deployment) {
  return {
    event_type,
    model_id: owner.id,
    model_name: owner.name,
    deployment_id: id,
    deployment_name: options.name,
  };
}

function chainEvent(event_type: string, owner: Owner, { id, options }: Deployment) {
  return {
    event_type,
    chain_id: owner.id,
    chain_name: owner.name,
    chain_deployment_id: id,
    chain_deployment_name: options.name,
  };
}
