import type { Fault } from './faults';
import type { RecordedRequest } from './requestLog';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The body may have any size; it is counted and not kept, and `request.body` is its size in
     * bytes.
     */
    countsBody?: boolean;
  }
  interface FastifyRequest {
    /** The entry of the request log; null if the request is not recorded. */
    record: RecordedRequest | null;
    /** The raw body; null if there was none. */
    rawBody: Buffer | null;
    /** The fault that hit this request; null if none did. */
    fault: Fault | null;
    /** The value of the response's X-BASETEN-REQUEST-ID. */
    basetenRequestId: string;
  }
}
