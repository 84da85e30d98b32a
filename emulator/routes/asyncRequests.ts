import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AsyncRequest } from '../async/request';
import { parseJson } from '../http/body';
import { BasetenError, badRequest, notFound } from '../http/refusal';
import { parseHost } from '../http/host';
import { checkAsyncBody } from '../schemas/asyncBody';
import type { EmulatorState } from '../state';
import { type Addressed, TARGET_PATHS, addressed } from './targets';

/**
 * Submitting, asking after and cancelling async requests, and the length of their queues:
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
        // The document requires model_id on chains as well.
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

/** Throws 400, 404, 413, 429 or 503; otherwise the request is queued. */
function submit(
  state: EmulatorState,
  request: FastifyRequest,
  { owner, deployment }: Addressed,
): string {
  const { settings, clock, lifetimes, submitLimit } = state;
  if (!settings.asyncEnabled) {
    throw new BasetenError(
      503,
      'model_unavailable',
      'The async service is not set up in this workspace.',
    );
  }
  const body = request.rawBody ?? Buffer.alloc(0);
  const limit = settings.limits.asyncPayloadBytes;
  if (body.length > limit) {
    const message = `Async payload of ${body.length} bytes exceeds the limit of ${limit} bytes.`;
    throw new BasetenError(413, 'payload_too_large', message);
  }
  if (body.length === 0) throw badRequest('The request body is empty.');
  const checked = checkAsyncBody(parseJson(body));
  submitLimit.take();
  // Only wake starts a development deployment from zero: refuse here what could never run.
  if (deployment.options.isDevelopment) deployment.ready();
  const id = request.basetenRequestId;
  const leftQueue = lifetimes.begin();
  state.asyncRequests.submit(
    new AsyncRequest(id, owner, deployment, checked, clock.now(), leftQueue),
  );
  return id;
}

/** Throws 404 for a request that never was, is of another owner, or whose retention is over. */
function find(state: EmulatorState, request: FastifyRequest): AsyncRequest {
  const { host, requestId } = request.params as { host: string; requestId: string };
  const { kind, id } = parseHost(host);
  const owner = state.registry.get(kind, id);
  const found = state.asyncRequests.find(requestId);
  if (found?.owner === owner) return found;
  throw notFound(`Async request ${requestId} does not exist.`, 'client_error');
}
