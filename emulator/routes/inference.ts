import type { FastifyInstance } from 'fastify';
import { mediaType, parseJson } from '../http/body';
import { badRequest } from '../http/refusal';
import { isObject } from '../models/model';
import type { EmulatorState } from '../state';
import { callModel } from './modelCall';
import { TARGET_PATHS, addressed } from './targets';

/**
 * predict and run_remote. The request body goes to the model as it is, and the model's response
 * comes back as it is. See https://docs.baseten.co/reference/inference-api/.
 */
export function addInferenceRoutes(app: FastifyInstance, state: EmulatorState): void {
  for (const targetPath of TARGET_PATHS) {
    app.post(`/:host${targetPath}/predict`, (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['model']);
      checkModelInput(request.rawBody, request.headers['content-type']);
      const { handler } = owner;
      return callModel(state, request, reply, { handler, deployment, route: '/predict' });
    });

    app.post(`/:host${targetPath}/run_remote`, (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['chain']);
      checkChainInput(request.rawBody, request.headers['content-type']);
      const { handler } = owner;
      return callModel(state, request, reply, { handler, deployment, route: '/run_remote' });
    });
  }
}

/**
 * Checks the input of a model. What other content types than JSON hold is up to the model.
 * @throws {Refusal} 400 if the body is empty, or announced as JSON and not valid.
 */
function checkModelInput(body: Buffer | null, contentType: string | undefined): void {
  if (!body || body.length === 0) throw badRequest('The request body is empty.');
  if (mediaType(contentType) === 'application/json') parseJson(body);
}

/**
 * Checks the input of a chain: a JSON object, whose fields are the arguments of run_remote.
 * @throws {Refusal} 400 for anything else.
 */
function checkChainInput(body: Buffer | null, contentType: string | undefined): void {
  if (!body || body.length === 0) throw badRequest('The request body is empty.');
  if (mediaType(contentType) !== 'application/json')
    throw badRequest('A chain takes application/json only.');
  if (!isObject(parseJson(body))) throw badRequest("A chain's input is a JSON object.");
}
