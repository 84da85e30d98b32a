import type { FastifyInstance } from 'fastify';
import { mediaType, parseJson } from '../http/body';
import { runHandler } from '../workspace/call';
import { badRequest } from '../http/refusal';
import { isObject } from '../models/model';
import type { EmulatorState } from '../state';
import { callSource, sendAnswer } from './answer';
import { TARGET_PATHS, addressed } from './targets';

/**
 * predict and run_remote: the body goes to the model as it is, its answer comes back as it is.
 * See https://docs.baseten.co/reference/inference-api/.
 */
export function addInferenceRoutes(app: FastifyInstance, state: EmulatorState): void {
  for (const targetPath of TARGET_PATHS) {
    app.post(`/:host${targetPath}/predict`, async (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['model']);
      checkInput(request.rawBody, request.headers['content-type']);
      const source = callSource(request, reply, '/predict');
      const limit = state.settings.limits.inferenceMs;
      return sendAnswer(reply, await runHandler(state, deployment, owner.handler, source, limit));
    });

    app.post(`/:host${targetPath}/run_remote`, async (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['chain']);
      checkChainInput(request.rawBody, request.headers['content-type']);
      const source = callSource(request, reply, '/run_remote');
      const limit = state.settings.limits.inferenceMs;
      return sendAnswer(reply, await runHandler(state, deployment, owner.handler, source, limit));
    });
  }
}

/**
 * Throws 400 for no body, and for one that says it is JSON and isn't. Bytes and forms are the model's
 * business.
 */
function checkInput(body: Buffer | null, contentType: string | undefined): Buffer {
  if (!body || body.length === 0) throw badRequest('The request body is empty.');
  if (mediaType(contentType) === 'application/json') parseJson(body);
  return body;
}

/** Throws 400 for anything but a JSON object: its fields are the arguments of run_remote. */
function checkChainInput(body: Buffer | null, contentType: string | undefined): void {
  if (!body || body.length === 0) throw badRequest('The request body is empty.');
  if (mediaType(contentType) !== 'application/json')
    throw badRequest('A chain takes application/json only.');
  if (!isObject(parseJson(body))) throw badRequest("A chain's input is a JSON object.");
}
