import type { FastifyInstance } from 'fastify';
import { notFound } from '../http/refusal';
import type { EmulatorState } from '../state';
import { callModel } from './modelCall';
import { TARGET_PATHS, addressed } from './targets';

/**
 * `sync/{route}`: any route of the model's own server, with any method, query and body.
 * `sync/count-bytes` is the emulator's own and works on every model: it takes a body of any size
 * and returns that size.
 */
export function addCustomServerRoutes(app: FastifyInstance, state: EmulatorState): void {
  for (const targetPath of TARGET_PATHS) {
    app.post(
      `/:host${targetPath}/sync/count-bytes`,
      { config: { countsBody: true } },
      (request, reply) => {
        addressed(state, request, targetPath, ['model']);
        return reply.send({ bytes: (request.body as number | undefined) ?? 0 });
      },
    );

    app.all(`/:host${targetPath}/sync/*`, (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['model']);
      if (!owner.server)
        throw notFound(`Model ${owner.id} has no server of its own.`, 'client_error');
      const route = routeOf(request.raw.url ?? '');
      return callModel(state, request, reply, { handler: owner.server, deployment, route });
    });
  }
}

/**
 * `/model-x/production/sync/items/1?a=b` → `/items/1`, still percent-encoded as the server would
 * see it.
 */
function routeOf(url: string): string {
  const path = url.split('?', 1)[0]!;
  return path.slice(path.indexOf('/sync/') + '/sync'.length);
}
