import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { parseHost } from '../routes/host';
import type { EmulatorState } from '../state';
import { type Target, deploymentOf } from '../workspace/registry';

/** Statuses below 500 by which a model refuses its input. */
const REFUSED_INPUT = [400, 422];
/** Characters of a response that are logged. */
const LONGEST = 300;

/**
 * Writes a line into the log of the deployment for each request that fails, with its request ID, as
 * a model's own server does.
 */
export function addFailureLog(app: FastifyInstance, state: EmulatorState): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const { statusCode } = reply;
    const isError = statusCode >= 500;
    const id =
      isError || REFUSED_INPUT.includes(statusCode) ? logOf(state, request.url) : undefined;
    if (id !== undefined) {
      const text = payload instanceof Readable ? '' : String(payload ?? '').slice(0, LONGEST);
      state.logs.add(id, {
        message: `The request failed with ${statusCode}: ${text}`,
        level: isError ? 'ERROR' : 'WARNING',
        requestId: request.basetenRequestId,
      });
    }
    done(null, payload);
  });
}

/** Whose log it is: that of the deployment which a request addresses, or of its chainlet. */
function logOf(state: EmulatorState, url: string): string | undefined {
  const [, host = '', place = '', name = ''] = decodeURI(url.split('?', 1)[0] ?? '').split('/');
  if (!/^(?:model|chain)-/.test(host)) return undefined;
  try {
    const { kind, id, environment } = parseHost(host);
    const deployment = deploymentOf(
      state.registry.get(kind, id),
      targetOf(place, name, environment),
    );
    return kind === 'chain' ? `${deployment.id}c1` : deployment.id;
  } catch {
    // There is no such deployment, so nobody logs anything.
    return undefined;
  }
}

function targetOf(place: string, name: string, regional: string | undefined): Target {
  if (regional !== undefined) return { environment: regional };
  if (place === 'environments') return { environment: name };
  if (place === 'deployment') return { deploymentId: name };
  return place === 'development' ? { development: true } : { environment: place };
}
