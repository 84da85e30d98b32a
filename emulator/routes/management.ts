import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deployment } from '../workspace/deployment';
import { notFound } from '../http/refusal';
import type { Environments } from '../management/environments';
import {
  chainDeploymentShape,
  chainEnvironmentListShape,
  chainEnvironmentShape,
  chainShape,
  configShape,
  modelApiShape,
  modelDeploymentShape,
  modelEnvironmentShape,
  modelShape,
  page,
} from './managementResponses';
import { type Owner, type OwnerKind, deploymentOf } from '../workspace/registry';
import type { EmulatorState } from '../state';

const PREFIX = '/management/v1';

interface Params {
  id: string;
  deploymentId: string;
  environment: string;
}

/** How the responses about a model or a chain are made. */
interface Shapes {
  owner: (owner: Owner) => object;
  deployment: (owner: Owner, deployment: Deployment) => object;
  environment: (owner: Owner, deployment: Deployment, environments: Environments) => object;
  environmentInList: (owner: Owner, deployment: Deployment, environments: Environments) => object;
}

const SHAPES: Record<OwnerKind, Shapes> = {
  model: {
    owner: modelShape,
    deployment: modelDeploymentShape,
    environment: modelEnvironmentShape,
    environmentInList: modelEnvironmentShape,
  },
  chain: {
    owner: chainShape,
    deployment: chainDeploymentShape,
    environment: chainEnvironmentShape,
    environmentInList: chainEnvironmentListShape,
  },
};

/** How the responses about a model or a chain are made. */
export const shapesOf = (kind: OwnerKind): Shapes => SHAPES[kind];

/**
 * The reading part of the management API: models, chains, their deployments and environments, Model
 * APIs and the user. See https://docs.baseten.co/reference/management-api/overview.
 */
export function addManagementRoutes(app: FastifyInstance, state: EmulatorState): void {
  addOwnerRoutes(app, state, 'model');
  addOwnerRoutes(app, state, 'chain');
  addConfigRoute(app, state);
  addModelApiRoutes(app, state);
  app.get(`${PREFIX}/users/me`, (_request, reply) =>
    reply.send({
      user_id: 'emulator',
      email: null,
      name: 'Emulator user',
      workspace_name: 'Emulator',
    }),
  );
}

function addOwnerRoutes(app: FastifyInstance, state: EmulatorState, kind: OwnerKind): void {
  const base = `${PREFIX}/${kind}s`;
  const shapes = SHAPES[kind];
  const ownerOf = (request: FastifyRequest) =>
    state.registry.get(kind, (request.params as Params).id);

  app.get(base, (_request, reply) => {
    const owners = state.registry.list(kind);
    return reply.send({ [`${kind}s`]: owners.map(shapes.owner) });
  });
  app.get(`${base}/:id`, (request, reply) => reply.send(shapes.owner(ownerOf(request))));

  app.get(`${base}/:id/deployments`, (request, reply) => {
    const owner = ownerOf(request);
    return reply.send({
      deployments: owner.deployments.map((item) => shapes.deployment(owner, item)),
    });
  });
  app.get(`${base}/:id/deployments/:deploymentId`, (request, reply) => {
    const owner = ownerOf(request);
    const { deploymentId } = request.params as Params;
    return reply.send(shapes.deployment(owner, namedDeployment(owner, deploymentId)));
  });

  app.get(`${base}/:id/environments`, (request, reply) => {
    const owner = ownerOf(request);
    const inEnvironment = owner.deployments.filter(({ options }) => options.environment !== null);
    return reply.send({
      environments: inEnvironment.map((item) =>
        shapes.environmentInList(owner, item, state.environments),
      ),
    });
  });
  app.get(`${base}/:id/environments/:environment`, (request, reply) => {
    const owner = ownerOf(request);
    const { environment } = request.params as Params;
    return reply.send(
      shapes.environment(owner, deploymentOf(owner, { environment }), state.environments),
    );
  });
}

/** Unlike other routes, this one takes no `production` or `development` in the place of an ID. */
function addConfigRoute(app: FastifyInstance, state: EmulatorState): void {
  app.get(`${PREFIX}/models/:id/deployments/:deploymentId/config`, (request, reply) => {
    const { id, deploymentId } = request.params as Params;
    const owner = state.registry.get('model', id);
    deploymentOf(owner, { deploymentId });
    const { output_format: format } = request.query as { output_format?: string };
    return reply.send(configShape(owner, format));
  });
}

/** A model also has `deployments/production` and `deployments/development`, which are not IDs. */
export function namedDeployment(owner: Owner, name: string): Deployment {
  if (owner.kind === 'model' && name === 'production')
    return deploymentOf(owner, { environment: name });
  if (owner.kind === 'model' && name === 'development')
    return deploymentOf(owner, { development: true });
  return deploymentOf(owner, { deploymentId: name });
}

function addModelApiRoutes(app: FastifyInstance, state: EmulatorState): void {
  const startedAt = state.clock.now();
  const invokeUrl = () => `${state.url}/inference`;

  app.get(`${PREFIX}/model_apis`, (request, reply) => {
    const query = request.query as { cursor?: string; limit?: string; added_only?: string };
    const wanted = state.modelApis.filter((api) => query.added_only !== 'true' || api.enabled);
    const { items, pagination } = page(wanted, query);
    return reply.send({
      items: items.map((api) => modelApiShape(api, invokeUrl(), startedAt)),
      pagination,
    });
  });

  // A slug contains a slash, which arrives percent-encoded or as it is.
  app.get(`${PREFIX}/model_apis/*`, (request, reply) => {
    const name = (request.params as { '*': string })['*'];
    const api = state.modelApis.find((candidate) => candidate.name === name);
    if (!api) throw notFound(`Model API ${name} does not exist.`);
    return reply.send(modelApiShape(api, invokeUrl(), startedAt));
  });
}
