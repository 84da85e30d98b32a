import type { FastifyInstance } from 'fastify';
import { chat } from '../models/chat';
import { embeddings } from '../models/embeddings';
import type { ModelApi } from '../models/catalog';
import type { Handler } from '../models/model';
import type { EmulatorState } from '../state';
import { callModel } from './modelCall';

const PREFIX = '/inference/v1';

/**
 * Model APIs: the list, chat completions and embeddings, in OpenAI's format.
 * See https://docs.baseten.co/inference/model-apis/overview.
 */
export function addModelApiRoutes(app: FastifyInstance, state: EmulatorState): void {
  const { settings, limits } = state;
  const enabled = (serves: ModelApi['serves'], name: string) =>
    state.modelApis.find((api) => api.enabled && api.serves === serves && api.name === name);
  const handlers: Record<string, Handler> = {
    '/chat/completions': chat({
      served: (name) => enabled('chat', name),
      tokenMs: settings.tokenMs,
    }),
    '/embeddings': embeddings(
      (name) => enabled('embeddings', name) !== undefined,
      limits.batchSize,
    ),
  };
  const created = Math.floor(state.clock.now() / 1000);

  app.get(`${PREFIX}/models`, (_request, reply) => {
    const data = state.modelApis.filter((api) => api.enabled).map((api) => listing(api, created));
    return reply.send({ object: 'list', data });
  });

  for (const [route, handler] of Object.entries(handlers)) {
    app.post(PREFIX + route, (request, reply) =>
      callModel(state, request, reply, { handler, route }),
    );
  }
}

/** One entry of the list. Its prices are in dollars per token, as text. */
const listing = (api: ModelApi, created: number) => ({
  id: api.name,
  object: 'model',
  created,
  owned_by: 'baseten',
  name: api.displayName,
  description: api.description,
  context_length: api.contextLength,
  max_completion_tokens: api.contextLength,
  pricing: { prompt: perToken(api.inputPrice), completion: perToken(api.outputPrice) },
  supported_features: featuresOf(api),
});

const perToken = (perMillion: number) => String(Number((perMillion / 1e6).toFixed(12)));

function featuresOf(api: ModelApi): string[] {
  if (api.serves === 'embeddings') return ['embeddings'];
  const features = ['tools', 'json_mode', 'structured_outputs'];
  return api.reasoning === 'none' ? features : [...features, 'reasoning'];
}
