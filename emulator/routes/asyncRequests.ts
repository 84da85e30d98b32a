import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AsyncRequest } from '../async/request';
import { parseJson } from '../http/body';
import { Refusal, badRequest, notFound } from '../http/refusal';
import { checkAsyncBody } from '../schemas/asyncBody';
import type { EmulatorState } from '../state';
import { parseHost } from './host';
import { type Addressed, TARGET_PATHS, addressed } from './targets';

/**
 * Submit an async request, get its status or cancel it, and get the length of a queue:
 * https://docs.baseten.co/inference/async.
 */
export function addAsyncRoutes(app: FastifyInstance, state: EmulatorState): void {
  for (const targetPath of TARGET_PATHS) {
    app.post(`/:host${targetPath}/async_predict`, (request, reply) => {
      const requestId = submit(state, request, addressed(state, request, targetPath, ['model']));
      return reply.code(201).send({ request_id: requestId });
    });

    app.post(`/:host${targetPath}/async_run_remote`, (request, reply) => {
      const requestId = submit(state, request, addressed(state, request, targetPath, ['chain']));
      return reply.code(201).send({ request_id: requestId });
    });

    app.get(`/:host${targetPath}/async_queue_status`, (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['model', 'chain']);
      state.statusLimit.take();
      const counts = state.asyncRequests.counts(deployment);
      return reply.send({
        // Baseten's document requires model_id for chains, too.
        model_id: owner.id,
        deployment_id: deployment.id,
        num_queued_requests: counts.queued,
        num_in_progress_requests: counts.inProgress,
      });
    });
  }

  app.get('/:host/async_request/:requestId', (request, reply) => {
    state.statusLimit.take();
    return reply.send(find(state, request).toStatus());
  });

  app.delete('/:host/async_request/:requestId', (request, reply) => {
    state.statusLimit.take();
    const found = find(state, request);
    const canceled = state.asyncRequests.cancel(found);
    const message = canceled
      ? 'The request was canceled.'
      : `Only requests with status QUEUED can be canceled; this one is ${found.status}.`;
    return reply.send({ request_id: found.requestId, canceled, message });
  });
}

/**
 * Queues a request and returns its ID.
 * @throws {Refusal} 400 for an invalid body; 404 for a development deployment at zero; 413, 429 or
 * 503.
 */
function submit(
  state: EmulatorState,
  request: FastifyRequest,
  { owner, deployment }: Addressed,
): string {
  if (!state.settings.asyncEnabled) {
    const message = 'The async service is not set up in this workspace.';
    throw new Refusal(503, 'model_unavailable', message);
  }
  const rawBody = request.rawBody ?? Buffer.alloc(0);
  const limit = state.limits.asyncPayloadBytes;
  if (rawBody.length > limit) {
    const message = `Async payload of ${rawBody.length} bytes exceeds the limit of ${limit} bytes.`;
    throw new Refusal(413, 'payload_too_large', message);
  }
  if (rawBody.length === 0) throw badRequest('The request body is empty.');
  const body = checkAsyncBody(parseJson(rawBody));
  state.submitLimit.take();
  // Refuses here what could never run: nothing but the wake route starts a development deployment.
  deployment.checkCallable();
  const requestId = request.basetenRequestId;
  const createdAt = state.clock.now();
  const leftQueue = state.lifetimes.begin();
  state.asyncRequests.submit(
    new AsyncRequest({ requestId, owner, deployment, body, createdAt, leftQueue }),
  );
  return requestId;
}

/**
 * The async request that the path names.
 * @throws {Refusal} 404 if there is none, if it belongs to another model or chain, or if its
 * retention is over.
 */
function find(state: EmulatorState, request: FastifyRequest): AsyncRequest {
  const { host, requestId } = request.params as { host: string; requestId: string };
  const { kind, id } = parseHost(host);
  const owner = state.registry.get(kind, id);
  const found = state.asyncRequests.find(requestId);
  if (found?.owner === owner) return found;
  throw notFound(`Async request ${requestId} does not exist.`, 'client_error');
}
