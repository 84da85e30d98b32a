import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Handler } from '../models/model';
import type { Runtime } from '../runtime';
import { type CallSource, runHandler } from '../workspace/call';
import type { Deployment } from '../workspace/deployment';

/** The model that a request calls. */
export interface CalledModel {
  handler: Handler;
  /** Absent for a Model API. */
  deployment?: Deployment;
  /** The request's path as the model sees it. */
  route: string;
}

/**
 * Calls a model with a request, and passes its response through unchanged.
 * @throws {Refusal} What `runHandler` throws.
 */
export async function callModel(
  runtime: Runtime,
  request: FastifyRequest,
  reply: FastifyReply,
  { handler, deployment, route }: CalledModel,
): Promise<FastifyReply> {
  const source = callSource(request, reply, route);
  source.onBegun = () => {
    if (request.record) request.record.begunAt = runtime.clock.now();
  };
  const limitMs = runtime.limits.inferenceMs;
  const response = await runHandler(runtime, { deployment, handler, source, limitMs });
  reply.code(response.status ?? 200);
  if (response.headers) reply.headers(response.headers);
  return reply.send(response.body);
}

function callSource(request: FastifyRequest, reply: FastifyReply, route: string): CallSource {
  const url = request.raw.url ?? '';
  const cut = url.indexOf('?');
  return {
    method: request.method,
    route,
    search: cut < 0 ? '' : url.slice(cut + 1),
    headers: request.headers,
    body: request.rawBody ?? Buffer.alloc(0),
    onGone: (callback) => {
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) callback();
      });
    },
  };
}
