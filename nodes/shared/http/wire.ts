import type { IExecuteFunctions, IHttpRequestMethods } from 'n8n-workflow';

/** A body that is read while it is sent. Each attempt of a request opens it again. */
export interface BodySource {
  /** Size in bytes, if it is known. */
  length?: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
  /** Lets go of what was opened and not read to its end. */
  close?(): void;
}

/** One request as it goes over the wire. */
export interface WireRequest {
  method: IHttpRequestMethods;
  url: string;
  headers: Record<string, string>;
  body?: Buffer | BodySource;
  signal: AbortSignal;
}

/** Status and headers of a response. */
export interface ResponseHead {
  status: number;
  /**
   * Names in lower case. The body is unpacked already, so coding and length of a packed body are
   * left out.
   */
  headers: Record<string, string>;
}

/** A response of any status. Its body is still coming. */
export interface WireResponse extends ResponseHead {
  body: AsyncIterable<Uint8Array>;
}

/** The part of n8n's contexts that requests need: every node and dropdown has it. */
export interface HttpContext {
  // Older hosts have no egress filter.
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'> &
    Partial<Pick<IExecuteFunctions['helpers'], 'getSecureEgressFilter'>>;
}

/** Methods that may be sent twice without harm. */
export const SAFE_METHODS = ['GET', 'HEAD'];
