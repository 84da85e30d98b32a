import type { FastifyInstance, FastifyRequest } from 'fastify';
import { matchFrom } from '../http/match';
import { badRequest } from '../http/refusal';
import type { RequestLimit } from '../http/requestLimits';
import { echo } from '../models/echo';
import { echoServer } from '../models/echoServer';
import { type JsonLimit, checkAddedModel, checkCapacity, checkLimits } from '../schemas/load';
import type { EmulatorState } from '../state';
import { CONTROL_PREFIX, controlBody } from './controlBody';

/** How busy deployments are and what they take, and limits of requests. */
export function addLoadRoutes(app: FastifyInstance, state: EmulatorState): void {
  const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;

  // It answers as the echo model does.
  app.put(`${CONTROL_PREFIX}/models/:id`, (request, reply) => {
    const { name = 'Added model', capacity } = checkAddedModel(controlBody(request));
    const definition = { id: idOf(request), name, handler: echo, server: echoServer, capacity };
    try {
      state.registry.add(definition);
    } catch (error) {
      throw badRequest((error as Error).message);
    }
    return reply.code(201).send(loadOf(state, idOf(request)));
  });

  app.patch(`${CONTROL_PREFIX}/models/:id`, (request, reply) => {
    const change = checkCapacity(controlBody(request));
    for (const deployment of state.registry.get('model', idOf(request)).deployments)
      deployment.change(change);
    return reply.send(loadOf(state, idOf(request)));
  });

  app.get(`${CONTROL_PREFIX}/models/:id`, (request, reply) =>
    reply.send(loadOf(state, idOf(request))),
  );

  app.put(`${CONTROL_PREFIX}/limits`, (request, reply) => {
    state.requestLimits.set(checkLimits(controlBody(request)).map(limitFrom));
    return reply.code(204).send();
  });
}

/** The deployments of a model: the replicas that work, and the requests in flight. */
function loadOf(state: EmulatorState, id: string) {
  const { deployments } = state.registry.get('model', id);
  return {
    deployments: deployments.map((deployment) => ({
      id: deployment.id,
      environment: deployment.options.environment,
      status: deployment.status,
      replicas: deployment.activeReplicas,
      ...deployment.load,
    })),
  };
}

function limitFrom({ match, ...limit }: JsonLimit): RequestLimit {
  try {
    return { ...limit, match: matchFrom(match) };
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}
