import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallSource } from '../workspace/call';
import type { ModelAnswer } from '../models/model';

/** The call that a request makes of a model, seen by the model at `route`. */
export function callSource(
  request: FastifyRequest,
  reply: FastifyReply,
  route: string,
): CallSource {
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

/** Passes a model's answer through unchanged. */
export function sendAnswer(reply: FastifyReply, answer: ModelAnswer): FastifyReply {
  reply.code(answer.status ?? 200);
  if (answer.headers) reply.headers(answer.headers);
  return reply.send(answer.body);
}
