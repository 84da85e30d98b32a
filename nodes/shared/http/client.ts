import type { IHttpRequestMethods } from 'n8n-workflow';

import type { Connection } from '../connection/connection';
import {
  BasetenError,
  connectionFailure,
  errorChain,
  httpFailure,
  hugeAnswerFailure,
  timeoutFailure,
} from '../errors/basetenError';
import { LONGEST_RETRY_AFTER_MS } from '../errors/failures';
import { hedged, type Hedge } from './hedge';
import { paceOf } from './pace';
import { secretsOf } from '../errors/redact';
import { realTime, type Time } from '../time';
import { sendOverWire, type BodySource, type HttpContext, type WireAnswer } from './transport';
import { VERSION } from '../version';

export type { BodySource, HttpContext };

export interface BasetenRequest {
  method: IHttpRequestMethods;
  url: string;
  /** Sent as it is; `contentType` names what it is. */
  body?: Buffer | BodySource;
  contentType?: string;
  accept?: string;
  /** What is called, for messages: `model abcd1234`. */
  subject: string;
}

/** Status and headers of an answer. */
export interface AnswerHead {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
}

export interface BasetenResponse extends AnswerHead {
  body: Buffer;
}

/** An answer whose body is there as a whole, or still coming. */
export interface BasetenStream extends AnswerHead {
  /**
   * What is still coming is read once; reading throws a `BasetenError` where the body breaks off. Leaving it closes
   * the connection.
   */
  body: Buffer | AsyncIterable<Uint8Array>;
}

export interface SendOptions {
  /** Seconds one attempt may take, answer included. */
  timeout: number;
  /** How often a failed attempt is repeated. */
  maxRetries: number;
  /** Stops the request and its retries. */
  signal?: AbortSignal;
  /** Sends a second copy of a slow attempt. */
  hedge?: Hedge;
}

export interface Client {
  /**
   * Sends one request, and again where Baseten says that a repeat can help.
   * @returns the answer, whose status is below 300
   * @throws {BasetenError} what went wrong, after the last attempt
   * @see https://docs.baseten.co/inference/troubleshooting
   */
  send(request: BasetenRequest, options: SendOptions): Promise<BasetenResponse>;
  /**
   * Like `send`, for an answer that is used while it comes. Nothing is repeated once its body has begun.
   * @param isStreamed which answers are; the others come whole, and are repeated where they break off
   * @returns the answer as soon as its first bytes are there; the timeout goes on until its last
   * @throws {BasetenError} what went wrong, after the last attempt
   */
  stream(
    request: BasetenRequest,
    options: SendOptions,
    isStreamed: (head: AnswerHead) => boolean,
  ): Promise<BasetenStream>;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** Most bytes of an answer that is held in memory: as many as Baseten takes in a request. */
const LARGEST_HELD_BYTES = 100_000_000;
/** Most bytes that are read of an answer that tells of a failure. */
const LARGEST_FAILURE_BYTES = 64 * 1024;
/** How Node's `fetch` says that it waited too long by its own clock. */
const FETCH_TIMEOUTS = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/**
 * The one door to Baseten: key, timeout, retries, rate limits, abort.
 * @param context n8n's context, whose HTTP client carries what `fetch` can't
 */
export function createClient(
  context: HttpContext,
  connection: Connection,
  time: Time = realTime,
): Client {
  async function repeated<Answer extends object>(
    request: BasetenRequest,
    options: SendOptions,
    read: (attempt: Attempt) => Promise<Answer | Failed>,
  ): Promise<Answer> {
    const pace = paceOf(new URL(request.url).host, time);
    const { signal, hedge } = options;
    const attemptOnce = async (stop?: AbortSignal) =>
      await read(new Attempt(context, connection, request, options, time, stop));
    for (let attempt = 0; ; attempt++) {
      await pace.turn(signal);
      signal?.throwIfAborted();
      const begun = time.now();
      const result = await (hedge ? hedged(attemptOnce, isAnswer, hedge, time) : attemptOnce());
      if (isAnswer(result)) {
        pace.speedUp();
        return result;
      }
      const { failure } = result as Failed;
      const pause = pauseAfter(failure, attempt, time);
      // A rate limit is the host's, so its pause is everybody's.
      const isRateLimit = failure.status === 429;
      if (isRateLimit && pause !== undefined) pace.slowDown(begun, pause);
      if (pause === undefined || attempt >= options.maxRetries) throw failure;
      if (!isRateLimit) await time.wait(pause, signal);
    }
  }
  return {
    send: async (request, options) => await repeated(request, options, readWhole),
    stream: async (request, options, isStreamed) =>
      await repeated(request, options, async (attempt) => await readStreamed(attempt, isStreamed)),
  };
}

type Failed = { failure: BasetenError };

function isAnswer<Answer extends object>(result: Answer | Failed): result is Answer {
  return !('failure' in result);
}

/** One try of a request, with a time limit of its own. */
class Attempt {
  private readonly deadline: AbortSignal;

  constructor(
    private readonly context: HttpContext,
    private readonly connection: Connection,
    private readonly request: BasetenRequest,
    private readonly options: SendOptions,
    private readonly time: Time,
    /** Stops this try alone. */
    private readonly stop?: AbortSignal,
  ) {
    this.deadline = AbortSignal.timeout(options.timeout * 1000);
  }

  async ask(): Promise<WireAnswer> {
    const { context, connection, request, options, time } = this;
    const signals = [options.signal, this.stop, this.deadline].filter(
      (signal) => signal !== undefined,
    );
    const wire = {
      method: request.method,
      url: request.url,
      headers: requestHeaders(connection, request),
      body: request.body,
      signal: AbortSignal.any(signals),
    };
    return await sendOverWire(context, connection, wire, options.timeout, time);
  }

  /** The answer as a whole. @throws {BasetenError} where it is larger than memory should hold */
  async hold({ status, headers, body }: WireAnswer): Promise<BasetenResponse> {
    const { bytes, isWhole } = await readUpTo(LARGEST_HELD_BYTES, body);
    if (isWhole) return { status, headers, body: bytes };
    throw hugeAnswerFailure(this.request.subject, LARGEST_HELD_BYTES);
  }

  /** What an answer that is not a success means. */
  async refused({ status, headers, body }: WireAnswer): Promise<Failed> {
    const { bytes } = await readUpTo(LARGEST_FAILURE_BYTES, body);
    const { subject, body: sent } = this.request;
    const call = { subject, secrets: secretsOf(this.connection), sentBytes: sent?.length };
    return { failure: httpFailure({ status, headers, body: bytes }, call) };
  }

  /** What an error on the way means. @throws where the execution, or this try, was stopped */
  failed(error: unknown): Failed {
    const { signal, timeout } = this.options;
    signal?.throwIfAborted();
    this.stop?.throwIfAborted();
    if (error instanceof BasetenError) return { failure: error };
    const { subject, url } = this.request;
    const isTimeout =
      this.deadline.aborted ||
      errorChain(error).some(({ code }) => FETCH_TIMEOUTS.includes(String(code)));
    return {
      failure: isTimeout
        ? timeoutFailure(timeout, subject)
        : connectionFailure(error, new URL(url).host, subject),
    };
  }
}

async function readWhole(attempt: Attempt): Promise<BasetenResponse | Failed> {
  try {
    const answer = await attempt.ask();
    return answer.status < 300 ? await attempt.hold(answer) : await attempt.refused(answer);
  } catch (error) {
    return attempt.failed(error);
  }
}

async function readStreamed(
  attempt: Attempt,
  isStreamed: (head: AnswerHead) => boolean,
): Promise<BasetenStream | Failed> {
  try {
    const answer = await attempt.ask();
    if (answer.status >= 300) return await attempt.refused(answer);
    if (!isStreamed(answer)) return await attempt.hold(answer);
    const chunks = answer.body[Symbol.asyncIterator]();
    const first = await chunks.next();
    return { ...answer, body: remaining(chunks, first, attempt) };
  } catch (error) {
    return attempt.failed(error);
  }
}

/** The chunks of a body from its first on; what goes wrong meanwhile becomes a `BasetenError`. */
async function* remaining(
  chunks: AsyncIterator<Uint8Array>,
  first: IteratorResult<Uint8Array>,
  attempt: Attempt,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await nextOf(chunks, attempt)) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

async function nextOf(
  chunks: AsyncIterator<Uint8Array>,
  attempt: Attempt,
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch (error) {
    throw attempt.failed(error).failure;
  }
}

/** Reads a body until its end or until so many bytes; leaving it early closes its connection. */
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

function requestHeaders(
  connection: Connection,
  { accept, body, contentType }: BasetenRequest,
): Record<string, string> {
  const length = body && !Buffer.isBuffer(body) ? body.length : undefined;
  return {
    Authorization: `Bearer ${connection.apiKey}`,
    'User-Agent': `n8n-nodes-baseten/${VERSION}`,
    Accept: accept ?? '*/*',
    ...(body && { 'Content-Type': contentType ?? 'application/json' }),
    // Of a body that is read while it is sent, nobody else knows the size.
    ...(length !== undefined && { 'Content-Length': String(length) }),
  };
}

/** Milliseconds before another attempt makes sense, or nothing where it never does. */
function pauseAfter(failure: BasetenError, attempt: number, time: Time): number | undefined {
  if (!failure.isPassing) return undefined;
  const asked = retryAfter(failure.retryAfter, time.now());
  if (asked !== undefined && asked > LONGEST_RETRY_AFTER_MS) return undefined;
  const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS);
  // Between half and all of the backoff, so that items which failed together don't come back together.
  return Math.max(asked ?? 0, backoff * (0.5 + time.random() / 2));
}

/** Milliseconds that a `Retry-After` header asks for: seconds, or a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (!header) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
