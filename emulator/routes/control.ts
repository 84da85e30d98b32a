import type { FastifyInstance } from 'fastify';
import { parseJson } from '../http/body';
import { badRequest } from '../http/refusal';
import type { Fault } from '../http/faults';
import type { EmulatorState } from '../state';

const PREFIX = '/__emulator';

/**
 * Whether a path is one of the emulator's own routes, which are neither recorded nor need a key.
 */
export const isControlPath = (path: string) => path.startsWith(`${PREFIX}/`);

/**
 * The emulator's own routes, for a process that does not hold its `Emulator` object. They need no
 * key, because the server listens on loopback only.
 */
export function addControlRoutes(app: FastifyInstance, state: EmulatorState): void {
  app.post(`${PREFIX}/faults`, (request, reply) => {
    const fault = parseJson(request.rawBody ?? Buffer.alloc(0)) as HttpFault;
    try {
      state.faults.add(faultFrom(fault));
    } catch (error) {
      throw badRequest((error as Error).message);
    }
    return reply.code(201).send({ added: true });
  });

  app.delete(`${PREFIX}/faults`, (_request, reply) => {
    state.faults.clear();
    return reply.code(204).send();
  });

  app.get(`${PREFIX}/requests`, (_request, reply) => {
    const requests = state.log.requests.map((record) => ({
      method: record.method,
      path: record.path,
      query: record.query,
      headers: record.headers,
      status: record.status ?? null,
      receivedAt: record.receivedAt,
      bytes: record.rawBody.length,
      body: record.rawBody.toString('utf8'),
    }));
    const { inFlight, peakInFlight, connections } = state.log;
    return reply.send({ requests, inFlight, peakInFlight, connections });
  });

  app.delete(`${PREFIX}/requests`, (_request, reply) => {
    state.log.clear();
    state.log.resetCounters();
    return reply.code(204).send();
  });

  // As a server does with connections that have been idle for long enough.
  app.delete(`${PREFIX}/connections`, (_request, reply) => {
    app.server.closeIdleConnections();
    return reply.code(204).send();
  });

  app.get(`${PREFIX}/deliveries`, (_request, reply) => {
    const deliveries = state.webhooks.deliveries.map((delivery) => ({
      ...delivery,
      status: delivery.status ?? null,
      body: delivery.body.toString('utf8'),
    }));
    return reply.send({ deliveries });
  });
}

/** A fault as JSON: `pathPattern` is the source of a regular expression for the path. */
type HttpFault = Fault & { match?: { pathPattern?: string } };

function faultFrom({ match, ...fault }: HttpFault): Fault {
  const { pathPattern, ...rest } = match ?? {};
  return {
    ...fault,
    match: pathPattern === undefined ? rest : { ...rest, path: new RegExp(pathPattern) },
  };
}
