import type { FastifyRequest } from 'fastify';
import { parseJson } from '../http/body';

/** Under this path are the emulator's own routes. */
export const CONTROL_PREFIX = '/__emulator';

/**
 * The JSON body of a request to the emulator itself.
 * @throws {Refusal} 400 if it is not valid JSON.
 */
export const controlBody = (request: FastifyRequest): unknown =>
  parseJson(request.rawBody ?? Buffer.alloc(0));
