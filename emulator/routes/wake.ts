import type { FastifyInstance } from 'fastify';
import type { EmulatorState } from '../state';
import { TARGET_PATHS, addressed } from './targets';

/**
 * wake, for models only. Responds at once; the management API shows the deployment's status.
 * See https://docs.baseten.co/reference/inference-api/.
 */
export function addWakeRoutes(app: FastifyInstance, state: EmulatorState): void {
  for (const targetPath of TARGET_PATHS) {
    app.post(`/:host${targetPath}/wake`, (request, reply) => {
      void addressed(state, request, targetPath, ['model']).deployment.wake();
      return reply.code(202).send({});
    });
  }
}
