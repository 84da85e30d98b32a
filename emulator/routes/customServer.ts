import type { FastifyInstance } from 'fastify';
import { runHandler } from '../workspace/call';
import { notFound } from '../http/refusal';
import type { EmulatorState } from '../state';
import { callSource, sendAnswer } from './answer';
import { TARGET_PATHS, addressed } from './targets';

/**
 * `sync/{route}`: any route of the model's own server, with any method, query and body. `sync/count-bytes` is the
 * emulator's own, on every model: it takes a body of any size and answers how large it was.
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

    app.all(`/:host${targetPath}/sync/*`, async (request, reply) => {
      const { owner, deployment } = addressed(state, request, targetPath, ['model']);
      if (!owner.server)
        throw notFound(`Model ${owner.id} has no server of its own.`, 'client_error');
      const source = callSource(request, reply, routeOf(request.raw.url ?? ''));
      const limit = state.settings.limits.inferenceMs;
      return sendAnswer(reply, await runHandler(state, deployment, owner.server, source, limit));
    });
  }
}

/** `/model-x/production/sync/items/1?a=b` → `/items/1`, still percent-encoded as the server would see it. */
function routeOf(url: string): string {
  const path = url.split('?', 1)[0]!;
  return path.slice(path.indexOf('/sync/') + '/sync'.length);
}
