import type { FastifyInstance, FastifyRequest } from 'fastify';
import { tokenUsage } from '../management/billing';
import { metricsOf } from '../management/metrics';
import { notFound } from '../http/refusal';
import type { EmulatorState } from '../state';
import type { Deployment } from '../workspace/deployment';
import { type Owner, deploymentOf } from '../workspace/registry';

const PREFIX = '/management/v1';
const MINUTE_MS = 60_000;

interface Params {
  id: string;
  deploymentId: string;
  environment: string;
  chainletId: string;
}

type Query = Record<string, string | string[] | undefined>;

/**
 * The reporting part of the management API: logs, metrics, costs, token usage and the audit log.
 * See https://docs.baseten.co/reference/management-api/overview.
 */
export function addManagementReports(app: FastifyInstance, state: EmulatorState): void {
  const { registry, logs, billing, auditLog, clock } = state;
  const model = (request: FastifyRequest) => registry.get('model', (request.params as Params).id);
  const query = (request: FastifyRequest) => request.query as Query;

  app.get(`${PREFIX}/models/:id/deployments/:deploymentId/logs`, (request, reply) => {
    const { deploymentId } = request.params as Params;
    const { id } = deploymentOf(model(request), { deploymentId });
    return reply.send(logs.read(id, query(request)));
  });
  app.get(
    `${PREFIX}/chains/:id/deployments/:deploymentId/chainlets/:chainletId/logs`,
    (request, reply) => {
      const { id, deploymentId, chainletId } = request.params as Params;
      const deployment = deploymentOf(registry.get('chain', id), { deploymentId });
      if (chainletId !== `${deployment.id}c1`)
        throw notFound(`There is no chainlet ${chainletId}.`);
      return reply.send(logs.read(chainletId, query(request)));
    },
  );
  /** Calls a second in the last minute that ended with such a status. */
  const rate = (owner: Owner, statusClass: number) => {
    const since = clock.now() - MINUTE_MS;
    const calls = state.log.requests.filter(
      ({ path, receivedAt, status = 0 }) =>
        path.startsWith(`/${owner.kind}-${owner.id}`) &&
        receivedAt >= since &&
        Math.floor(status / 100) === statusClass,
    );
    return calls.length / 60;
  };
  const metrics = (request: FastifyRequest, deployment: Deployment) => {
    const load = {
      replicas: deployment.activeReplicas,
      working: deployment.load.working,
      succeeded: rate(model(request), 2),
      failed: rate(model(request), 5),
    };
    return metricsOf(query(request), load, clock.now());
  };
  app.get(`${PREFIX}/models/:id/deployments/:deploymentId/metrics`, (request, reply) => {
    const { deploymentId } = request.params as Params;
    return reply.send(metrics(request, deploymentOf(model(request), { deploymentId })));
  });
  app.get(`${PREFIX}/models/:id/environments/:environment/metrics`, (request, reply) => {
    const { environment } = request.params as Params;
    return reply.send(metrics(request, deploymentOf(model(request), { environment })));
  });
  app.get(`${PREFIX}/billing/usage_summary`, (request, reply) =>
    reply.send(billing.summary(request.query as Record<string, string | undefined>)),
  );
  app.get(`${PREFIX}/model_apis/usage`, (request, reply) => {
    const models = state.modelApis.filter(({ enabled }) => enabled).map(({ name }) => name);
    return reply.send(tokenUsage(query(request), models, clock.now()));
  });
  app.get(`${PREFIX}/audit_logs`, (request, reply) => reply.send(auditLog.page(query(request))));
}
