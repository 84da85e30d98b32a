import type { FastifyInstance } from 'fastify';
import { badRequest } from '../http/refusal';
import type { Fault } from '../http/faults';
import { type JsonMatch, matchFrom } from '../http/match';
import type { EmulatorState } from '../state';
import { CONTROL_PREFIX as PREFIX, controlBody } from './controlBody';

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
    const { match, ...fault } = controlBody(request) as Omit<Fault, 'match'> & {
      match?: JsonMatch;
    };
    try {
      state.faults.add({ ...fault, match: matchFrom(match) });
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
      begunAt: record.begunAt ?? null,
      endedAt: record.endedAt ?? null,
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
