import { type ChatServed, chat } from './chat';
import { type Serves, embeddings } from './embeddings';
import { type Handler, json, modelError } from './model';

/** The name under which an engine serves its only model. */
const SERVED_MODEL = 'baseten';

/** A handler of `GET /v1/models` on a deployment. */
const modelList =
  (name: string): Handler =>
  (call) => {
    const created = Math.floor(call.clock.now() / 1000);
    return json({
      object: 'list',
      data: [{ id: name, object: 'model', created, owned_by: 'baseten' }],
    });
  };

/** An OpenAI-compatible server, on which each route has one method. */
function openAiServer(routes: Record<string, [method: string, handler: Handler]>): Handler {
  return (call) => {
    const [method, handler] = routes[call.route] ?? [];
    if (!method || !handler) return modelError(404, 'Not Found');
    return method === call.method ? handler(call) : modelError(405, 'Method Not Allowed');
  };
}

const health: [string, Handler] = ['GET', () => json({ status: 'ok' })];
const onlyServed: ChatServed = (model) =>
  model === SERVED_MODEL ? { reasoning: 'none' } : undefined;

/**
 * A language model: chat under `sync/v1`, and the same by predict.
 * @param tokenMs Time before each chunk of a stream.
 */
export function llm(tokenMs: number): { handler: Handler; server: Handler } {
  const handler = chat({ served: onlyServed, tokenMs, isOwn: true });
  const server = openAiServer({
    '/health': health,
    '/v1/models': ['GET', modelList(SERVED_MODEL)],
    '/v1/chat/completions': ['POST', handler],
  });
  return { handler, server };
}

// An embeddings engine has one model and accepts any name for it.
const anyName: Serves = () => true;

/** An embeddings engine: embeddings under `sync/v1`, and the same by predict. */
export function embedder(mostTexts: number): { handler: Handler; server: Handler } {
  const handler = embeddings(anyName, mostTexts);
  const server = openAiServer({
    '/health': health,
    '/v1/models': ['GET', modelList(SERVED_MODEL)],
    '/v1/embeddings': ['POST', handler],
  });
  return { handler, server };
}
