// Decisions: docs/decisions.md, "Retries live in the client".

import { createHash } from 'crypto';

import type { IHttpRequestMethods } from 'n8n-workflow';

import { onAbort } from '../abort';
import { addresseeOf } from '../connection/area';
import type { Connection } from '../connection/connection';
import {
  BasetenError,
  connectionFailure,
  causeOf,
  hasCode,
  isNetworkError,
  lostRequestIdFailure,
  httpFailure,
  hugeResponseFailure,
  timeoutFailure,
} from '../errors/basetenError';
import { LONGEST_RETRY_AFTER_MS } from '../errors/failures';
import { withoutSecretsIn } from '../errors/nodeErrors';
import { secretsOf } from '../errors/redact';
import { followedBy, readStart } from '../chunks';
import type { Time } from '../time';
import type { Asking, Ending, Queue, Turn } from './flow/queue';
import { NO_LIMITS, RunFlow } from './flow/runFlow';
import type { TokenCost } from './flow/tokens';
import type { KnownLimit } from './flow/window';
import { hedged, type Hedge } from './hedge';
import { requestHeaders } from './requestHeaders';
import { PROCESS_STATE, type HttpState } from './state';
import { sendOverWire, wasNotOpened } from './transport';
import {
  SAFE_METHODS,
  type BodySource,
  type HttpContext,
  type ResponseHead,
  type WireResponse,
} from './wire';

export type { BodySource, HttpContext, ResponseHead };

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

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** Most bytes of a response that is held in memory: as many as Baseten takes in a request. */
const LARGEST_HELD_BYTES = 100_000_000;
/** Most bytes that are read of a response that tells of a failure. */
const LARGEST_FAILURE_BYTES = 64 * 1024;
/** Most time for reading them: the status says what matters. */
const LONGEST_FAILURE_MS = 3000;
/** HTTP statuses that say: later, or not so many. */
const REFUSALS = [429, 503];
/** What to do after a change of the management API whose response says nothing. */
const MAYBE_CHANGED =
  'Baseten may have made the change all the same, so it was not sent again: look at it first.';
/** Codes by which Node's `fetch` says that its own time limit passed. */
const FETCH_TIMEOUTS = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/**
 * Makes the one door to Baseten: it adds the key and sees to timeout, retries, rate limits and
 * abort.
 * @param context n8n's context, whose HTTP client carries what `fetch` can't
 * @param connection the key, and how requests leave this n8n
 * @param state what all requests of this process share
 */
export function createClient(
  context: HttpContext,
  connection: Connection,
  state: HttpState = PROCESS_STATE,
): Client {
  const { time } = state;
  const keys = {
    call: nameOfKey(connection.apiKey),
    management: nameOfKey(connection.managementKey),
  };
  const ownFlow = new RunFlow({ ...NO_LIMITS, maxConcurrency: 1 });

  /** Finds out where a request waits for its turn, and what limits it. */
  function placeOf(request: BasetenRequest, flow: RunFlow): { queue: Queue; asking: Asking } {
    const { limited, deployment } = addresseeOf(connection.endpoints, request.url, request.model);
    const { host } = new URL(request.url);
    const key = keys[request.key ?? 'call'];
    const queue = state.queues.of(`${key} ${host} ${limited}`);
    if (request.knownLimits) queue.known.tell(request.knownLimits);
    const asking: Asking = { ...flow.limits, run: flow, tokens: request.tokens?.guess ?? 0 };
    if (deployment !== undefined && flow.isAutomatic) {
      asking.deployment = state.deployments.of(`${key} ${host} ${limited} ${deployment}`);
      flow.uses(asking.deployment);
    }
    return { queue, asking };
  }

  async function withRetries<Response extends { body: unknown }>(
    request: BasetenRequest,
    options: SendOptions,
    read: (attempt: Attempt) => Promise<Response | Failed>,
  ): Promise<Response> {
    const { signal, hedge, flow = ownFlow } = options;
    for (let attempt = 0; ; attempt++) {
      const { queue, asking } = placeOf(request, flow);
      const turn = await queue.turn(asking, signal);
      if (request.tokens) request.tokens.onTold = (tokens) => turn.cost(tokens);
      const settings = { context, connection, request, options, state, turn };
      const attemptOnce = async (stop?: AbortSignal) =>
        await read(new Attempt({ ...settings, stop }));
      const result = await (
        hedge ? hedged(attemptOnce, isResponse, hedge, time) : attemptOnce()
      ).catch((error: unknown) => {
        turn.end('unknown');
        throw error;
      });
      if (isResponse(result)) {
        flow.answered(time.elapsed());
        if (Buffer.isBuffer(result.body)) turn.end('answered');
        return { ...result, attempts: attempt + 1 };
      }
      const { failure } = result as Failed;
      turn.end(endingOf(failure));
      const pause = pauseAfter(failure, attempt, time);
      if (pause === undefined || attempt >= options.maxRetries) throw failure;
      if (isRefusal(failure)) flow.refused(time.elapsed());
      await flow.whileBackingOff(time.wait(pause, signal));
      signal?.throwIfAborted();
    }
  }

  return {
    send: async (request, options) => await withRetries(request, options, readResponse),
    stream: async (request, options, isStreamed) =>
      await withRetries(
        request,
        options,
        async (attempt) => await readStream(attempt, isStreamed, request.heldBytes),
      ),
  };
}

/** @returns a name for a key that does not tell it */
function nameOfKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

type Failed = { failure: BasetenError };

function isResponse<Response extends { body: unknown }>(
  result: Response | Failed,
): result is Response {
  return !('failure' in result);
}

/** What an attempt is made with. */
interface AttemptSettings {
  context: HttpContext;
  connection: Connection;
  request: BasetenRequest;
  options: SendOptions;
  state: HttpState;
  /** Ends when the response has been read. */
  turn: Turn;
  /** Stops this attempt alone. */
  stop?: AbortSignal;
}

/** One attempt of a request, with a time limit of its own. */
class Attempt {
  private readonly deadline: AbortSignal;
  /** Closes the connection of a response that is not read to its end. */
  private readonly enough = new AbortController();
  /** The status of the response, as soon as it has begun. */
  private status?: number;
  /** Whether the caller reads the response while it comes, and what waits for the end of that. */
  private isHandedOver = false;
  private ignoring: Array<() => void> = [];

  constructor(private readonly settings: AttemptSettings) {
    this.deadline = settings.state.time.limit(settings.options.timeout * 1000);
  }

  async send(): Promise<WireResponse> {
    const { context, connection, request, options, state, stop } = this.settings;
    const signals = [options.signal, stop, this.deadline, this.enough.signal];
    const { method, url, body } = request;
    const response = await sendOverWire({
      context,
      connection,
      request: {
        method,
        url,
        headers: requestHeaders(connection, request),
        body: body?.content,
        signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
      },
      timeout: options.timeout,
      state,
    });
    this.status = response.status;
    return response;
  }

  /** Reads a response to its end. @throws {BasetenError} if it is larger than memory should hold */
  async readWhole({ status, headers, body }: WireResponse): Promise<BasetenResponse> {
    const { bytes, isWhole } = await readUpTo(LARGEST_HELD_BYTES, body);
    const { subject, failureIn } = this.settings.request;
    const failure = isWhole ? failureIn?.(bytes) : hugeResponseFailure(subject, LARGEST_HELD_BYTES);
    if (failure) throw failure;
    return { status, headers, body: bytes };
  }

  /**
   * The caller reads the rest of the response. Its turn ends with that, or at the latest with the
   * run or the time limit.
   */
  handOver(): void {
    this.isHandedOver = true;
    const signals = [this.settings.options.signal, this.deadline];
    this.ignoring = signals
      .filter((signal) => signal !== undefined)
      .map((signal) => onAbort(signal, () => this.endTurn('unknown')));
  }

  /** A response that was handed over is read, or not wanted any more. */
  endTurn(ending: 'answered' | 'unknown'): void {
    if (!this.isHandedOver) return;
    for (const ignore of this.ignoring) ignore();
    this.settings.turn.end(ending);
  }

  /** @returns the failure that a streamed response begins with, if it does */
  failureIn(start: Buffer): BasetenError | undefined {
    return start.length === 0 ? undefined : this.settings.request.failureIn?.(start);
  }

  /** Says what a response means that is not a success. */
  async httpFailure({ status, headers, body }: WireResponse): Promise<Failed> {
    const { connection, request, state } = this.settings;
    const bytes = await readInTime(body, state.time.limit(LONGEST_FAILURE_MS));
    this.throwIfStopped();
    this.enough.abort();
    const call = {
      subject: request.subject,
      api: request.key,
      secrets: secretsOf(connection),
      sentBytes: request.body?.content.length,
      now: state.time.now(),
    };
    const failure = httpFailure({ status, headers, body: bytes }, call);
    return { failure: status === 429 ? failure : this.unlessChanged(failure) };
  }

  /**
   * Says what an error on the way means.
   * @throws if the execution, or this attempt, was stopped; what is not about the network, without
   * the secrets
   */
  toFailure(error: unknown): Failed {
    this.throwIfStopped();
    if (error instanceof BasetenError) return { failure: error };
    const { connection, request, options } = this.settings;
    const { subject, url, startsWork } = request;
    const hasBegun = this.status !== undefined;
    if (startsWork && hasBegun) return { failure: lostRequestIdFailure(subject) };
    const wasSent = hasBegun || !wasNotOpened(error);
    if (wasSent && (this.deadline.aborted || hasCode(error, FETCH_TIMEOUTS))) {
      return { failure: timeoutFailure(options.timeout, subject) };
    }
    if (!hasBegun && !isNetworkError(error))
      throw withoutSecretsIn(causeOf(error), secretsOf(connection));
    const { host } = new URL(url);
    const failure = connectionFailure(error, { host, subject, hasBegun });
    return { failure: wasSent ? this.unlessChanged(failure) : failure };
  }

  /** A change of the management API that may have been made is not sent again. */
  private unlessChanged(failure: BasetenError): BasetenError {
    const { key, method } = this.settings.request;
    if (key !== 'management' || SAFE_METHODS.includes(method) || !failure.isPassing) return failure;
    const hint = `${failure.hint} ${MAYBE_CHANGED}`;
    return new BasetenError(failure.message, { ...failure, hint, isPassing: false });
  }

  private throwIfStopped(): void {
    this.settings.options.signal?.throwIfAborted();
    this.settings.stop?.throwIfAborted();
  }
}

async function readResponse(attempt: Attempt): Promise<BasetenResponse | Failed> {
  try {
    const response = await attempt.send();
    return response.status < 300
      ? await attempt.readWhole(response)
      : await attempt.httpFailure(response);
  } catch (error) {
    return attempt.toFailure(error);
  }
}

async function readStream(
  attempt: Attempt,
  isStreamed: (head: ResponseHead) => boolean,
  heldBytes: number | undefined,
): Promise<BasetenStream | Failed> {
  try {
    const response = await attempt.send();
    if (response.status >= 300) return await attempt.httpFailure(response);
    if (!isStreamed(response)) return await attempt.readWhole(response);
    const chunks = chunksOf(response.body, attempt);
    const { start, isWhole } = await readStart(heldBytes ?? 1, chunks);
    const failure = attempt.failureIn(start);
    if (failure) await chunks.return(undefined);
    if (failure) return { failure };
    if (isWhole && heldBytes !== undefined) return { ...response, body: start };
    attempt.handOver();
    return { ...response, body: followedBy(start, chunks) };
  } catch (error) {
    return attempt.toFailure(error);
  }
}

/** The chunks of a body. Who stops reading early closes the connection. */
async function* chunksOf(
  body: AsyncIterable<Uint8Array>,
  attempt: Attempt,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
    attempt.endTurn('answered');
  } catch (error) {
    throw attempt.toFailure(error).failure;
  } finally {
    attempt.endTurn('unknown');
  }
}

/**
 * Reads what can be read of a body until the signal aborts. Whatever goes wrong meanwhile ends it:
 * what was read is enough.
 */
async function readInTime(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reading = body[Symbol.asyncIterator]();
  const isOver = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  try {
    for (let length = 0; length < LARGEST_FAILURE_BYTES;) {
      const next = await Promise.race([reading.next(), isOver]);
      if (!next || next.done) break;
      chunks.push(next.value);
      length += next.value.length;
    }
  } catch {
    // The status says what matters.
  }
  return Buffer.concat(chunks).subarray(0, LARGEST_FAILURE_BYTES);
}

/** Reads a body to its end, or up to so many bytes; stopping early closes its connection. */
async function readUpTo(
  limit: number,
  body: AsyncIterable<Uint8Array>,
): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) return { bytes: Buffer.concat(chunks), isWhole: false };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}

function isRefusal({ status = 0 }: BasetenError): boolean {
  return REFUSALS.includes(status);
}

/** @returns what a failure says about limits */
function endingOf(failure: BasetenError): Ending {
  const { kind, status = 0, retryAfter = 0 } = failure;
  if (isRefusal(failure))
    return { refused: status, pause: retryAfter > LONGEST_RETRY_AFTER_MS ? 0 : retryAfter };
  return kind === 'http' || kind === 'response' ? 'failed' : 'unknown';
}

/** @returns milliseconds after which another attempt makes sense, or nothing if it never does */
function pauseAfter(failure: BasetenError, attempt: number, time: Time): number | undefined {
  if (!failure.isPassing) return undefined;
  const asked = failure.retryAfter;
  if (asked !== undefined && asked > LONGEST_RETRY_AFTER_MS) return undefined;
  const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS);
  // From half to all of the backoff: items that failed together should not come back together.
  return Math.max(asked ?? 0, backoff * (0.5 + time.random() / 2));
}
