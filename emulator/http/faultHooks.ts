import { type Http2ServerRequest, constants } from 'node:http2';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EmulatorState } from '../state';
import type { Fault } from './faults';
import { codeForStatus } from './refusal';

/** Characters; Node's clients read 16 KB. */
const HUGE_HEADER = 17_000;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
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
    const { fault } = request;
    if (fault?.kind === 'lost') {
      reply.hijack();
      cut(request);
    } else {
      done(null, fault ? changed(payload, { fault, request, reply }) : payload);
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
  } else if (fault.kind === 'status' || (fault.status !== undefined && fault.kind !== 'lost')) {
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

/** What becomes of a response that a fault changes. */
function changed(
  payload: unknown,
  { fault, request, reply }: { fault: Fault; request: FastifyRequest; reply: FastifyReply },
): unknown {
  const type = String(reply.getHeader('content-type') ?? '');
  switch (fault.kind) {
    case 'truncate':
      return firstHalf(payload, reply);
    case 'continue':
      if (request.raw.httpVersionMajor === 1) reply.raw.writeContinue();
      return payload;
    case 'hugeHeaders':
      void reply.header('x-filler', 'x'.repeat(HUGE_HEADER));
      return payload;
    case 'echoKey':
      void reply.header(
        'x-baseten-request-id',
        request.headers.authorization?.split(' ').pop() ?? '',
      );
      return payload;
    case 'headersTwice':
      for (const [name, value] of Object.entries(fault.headers ?? {}))
        void reply.header(name, [value, value]);
      return payload;
    case 'notGzip':
      void reply.header('content-encoding', 'gzip');
      return payload;
    case 'byteOrderMark':
      return whole(Buffer.concat([BYTE_ORDER_MARK, bytesOf(payload)]), reply);
    case 'latin1':
      void reply.header('content-type', `${type.replace(/;.*/s, '')}; charset=iso-8859-1`);
      return whole(Buffer.from(bytesOf(payload).toString('utf8'), 'latin1'), reply);
    default:
      return payload;
  }
}

/** The bytes of a payload that is not a stream. */
function bytesOf(payload: unknown): Buffer {
  return Buffer.from((payload as string | Buffer | null) ?? '');
}

function whole(payload: Buffer, reply: FastifyReply): Buffer {
  void reply.header('content-length', payload.length);
  return payload;
}

/**
 * Half of the payload, or half of a stream's first chunk. The announced length stays that of the
 * whole, so that the client can tell.
 */
function firstHalf(payload: unknown, reply: FastifyReply): Readable {
  const isStream = payload instanceof Readable;
  const chunks: AsyncIterable<Buffer> | Buffer[] = isStream
    ? payload
    : [whole(bytesOf(payload), reply)];
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
