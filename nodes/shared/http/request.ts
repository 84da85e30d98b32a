import type { IHttpRequestMethods } from 'n8n-workflow';

import type { BasetenError } from '../errors/basetenError';
import type { RunFlow } from './flow/runFlow';
import type { TokenCost } from './flow/tokens';
import type { KnownLimit } from './flow/window';
import type { Hedge } from './hedge';
import type { BodySource, ResponseHead } from './wire';

/** A request body as it goes out. */
export interface Body {
  /** A stored file is read while it is sent; `closeBody` closes it after the response. */
  content: Buffer | BodySource;
  /** Its media type, for the header. */
  contentType: string;
}

/** One request to Baseten. The client adds the key. */
export interface BasetenRequest {
  method: IHttpRequestMethods;
  url: string;
  body?: Body;
  /** Headers of this request. They can't replace those that every request has. */
  headers?: Record<string, string>;
  /** Media type that the caller wants back; anything by default. */
  accept?: string;
  /** `management` sends the credential's key for the management API, if it has one of its own. */
  key?: 'management';
  /** What is called, for messages: `model abcd1234`. */
  subject: string;
  /** The model that its body names: at the Model APIs each has limits of its own. */
  model?: string;
  /** How many tokens it costs, if that is limited. */
  tokens?: TokenCost;
  /** The limits that Baseten says this model has, if it says so. */
  knownLimits?: readonly KnownLimit[];
  /**
   * Finds an error in a response whose status says success, which then counts as that error.
   * @param bytes the whole body; of a streamed one the first bytes
   */
  failureIn?(bytes: Buffer): BasetenError | undefined;
  /**
   * How many bytes of a streamed response are read before it is handed over. Up to there the
   * request is repeated if the body breaks off, and a shorter body is handed over as a whole. By
   * default the first bytes are waited for.
   */
  heldBytes?: number;
  /**
   * Whether the host starts work when it takes the request, as with a submission. It is not sent
   * again once a success was seen, even if the rest of the response is lost.
   */
  startsWork?: boolean;
}

/** A response whose body was read to its end. */
export interface BasetenResponse extends ResponseHead {
  body: Buffer;
  /** How often the request was sent; an earlier attempt may have reached the host. */
  attempts?: number;
}

/** A response whose body was read to its end, or is still coming. */
export interface BasetenStream extends ResponseHead {
  /**
   * A body that is still coming can be read once. Reading throws a `BasetenError` if the body
   * breaks off. Who stops reading early closes the connection.
   */
  body: Buffer | AsyncIterable<Uint8Array>;
}

/** How one request is sent. */
export interface SendOptions {
  /** Seconds that one attempt may take, with the reading of its response. */
  timeout: number;
  /** How often a failed attempt is repeated. */
  maxRetries: number;
  /** Stops the request and its retries. */
  signal?: AbortSignal;
  /** Sends a second copy of a slow attempt. */
  hedge?: Hedge;
  /** What it has in common with other requests; by default with those of the same client. */
  flow?: RunFlow;
}

/** Sends requests to Baseten with one key. */
export interface Client {
  /**
   * Sends a request, and repeats it if Baseten says that a repeat can help.
   * @returns the response, whose status is below 300
   * @throws {BasetenError} what went wrong, after the last attempt
   * @see https://docs.baseten.co/inference/troubleshooting
   */
  send(request: BasetenRequest, options: SendOptions): Promise<BasetenResponse>;
  /**
   * Like `send`, but the caller may read the body while it comes. Nothing is repeated once such a
   * body was handed over.
   * @param isStreamed whether to hand this response over while it comes; if not, it is read to its
   * end, and the request is repeated if the body breaks off
   * @returns the response as soon as `heldBytes` are there, or its first bytes; the timeout counts
   * until its last byte
   * @throws {BasetenError} what went wrong, after the last attempt
   */
  stream(
    request: BasetenRequest,
    options: SendOptions,
    isStreamed: (head: ResponseHead) => boolean,
  ): Promise<BasetenStream>;
}
