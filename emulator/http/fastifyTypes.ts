import type { Fault } from './faults';
import type { RecordedRequest } from './requestLog';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes a body of any size and only wants to know it, in bytes. */
    countsBody?: boolean;
  }
  interface FastifyRequest {
    /** The entry of the request log; null on requests that aren't recorded. */
    record: RecordedRequest | null;
    /** The raw body; null where there was none. */
    rawBody: Buffer | null;
    /** The fault that hit this request. */
    fault: Fault | null;
    /** Goes into X-BASETEN-REQUEST-ID. */
    basetenRequestId: string;
  }
}
