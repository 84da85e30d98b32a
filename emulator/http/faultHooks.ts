import { type Http2ServerRequest, constants } from 'node:http2';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EmulatorState } from '../state';
import type { Fault } from './faults';
import { codeForStatus } from './refusal';

const GATEWAY_PAGE = '<html><body><h1>502 Bad Gateway</h1><p>Simulated gateway.</p></body></html>';

/**
 * Makes faults happen: some before the request is worked on, others to its response. Requests
 * to the emulator itself are not recorded and never hit.
 */
export function addFaultHooks(app: FastifyInstance, state: EmulatorState): void {
  app.addHook('preHandler', (request, reply, done) => {
    const { record } = request;
    const fault = record ? state.faults.take(record.method, record.path) : undefined;
    if (!fault) return done();
    request.fault = fault;
    if (fault.kind === 'delay') {
      state.clock.sleep(fault.ms ?? 0, state.stopped).then(() => done(), done);
    } else if (fault.kind === 'hang') {
      reply.hijack();
    } else if (fault.kind === 'reset') {
      reply.hijack();
      cut(request);
    } else if (!respondInstead(fault, reply)) {
      done();
    }
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const kind = request.fault?.kind;
    if (kind === 'lost') {
      reply.hijack();
      cut(request);
    } else if (kind === 'truncate') {
      done(null, firstHalf(payload, reply));
    } else {
      done(null, payload);
    }
  });
}

/**
 * Resets the request's connection; on HTTP/2 only its stream, because other requests share the
 * rest.
 */
function cut(request: FastifyRequest): void {
  if (request.raw.httpVersionMajor === 1) request.raw.socket.resetAndDestroy();
  else
    (request.raw as unknown as Http2ServerRequest).stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}

/** Sends the fault's own response. `false` if the fault has none. */
function respondInstead(fault: Fault, reply: FastifyReply): boolean {
  if (fault.kind === 'html') {
    void reply.code(fault.status ?? 502).headers(fault.headers ?? {});
    void reply.type('text/html').send(fault.body ?? GATEWAY_PAGE);
  } else if (fault.kind === 'invalidJson') {
    void reply
      .code(fault.status ?? 200)
      .type('application/json')
      .headers(fault.headers ?? {});
    void reply.send(fault.body ?? '{"output": [1, 2,');
  } else if (fault.kind === 'status') {
    const status = fault.status ?? 500;
    const body = fault.body ?? {
      error: `Simulated fault ${status}.`,
      error_code: codeForStatus(status),
    };
    void reply
      .code(status)
      .headers(fault.headers ?? {})
      .send(body);
  } else {
    return false;
  }
  return true;
}

/**
 * Half of the payload, or half of a stream's first chunk. The announced length stays that of the
 * whole, so that the client can tell.
 */
function firstHalf(payload: unknown, reply: FastifyReply): Readable {
  const isStream = payload instanceof Readable;
  const whole = isStream ? undefined : Buffer.from((payload as string | Buffer | null) ?? '');
  if (whole) void reply.header('content-length', whole.length);
  const chunks: AsyncIterable<Buffer> | Buffer[] = whole ? [whole] : (payload as Readable);
  async function* halfAndNoMore() {
    for await (const chunk of chunks) {
      yield chunk.subarray(0, Math.ceil(chunk.length / 2));
      // The first half is sent, then the connection is cut.
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('Simulated fault: the response breaks off.');
    }
  }
  return Readable.from(halfAndNoMore(), { objectMode: false });
}
