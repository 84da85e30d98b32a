import type { IExecuteFunctions, IHttpRequestMethods, IN8nHttpFullResponse } from 'n8n-workflow';

import type { Connection } from './connection';
import { connectionFailure, httpFailure, timeoutFailure, type BasetenError } from './errors';
import { realTime, type Time } from './time';
import { VERSION } from './version';

export interface BasetenRequest {
  method: IHttpRequestMethods;
  url: string;
  /** Sent as it is; `contentType` names what it is. */
  body?: Buffer;
  contentType?: string;
  accept?: string;
  /** What is called, for messages: `model abcd1234`. */
  subject: string;
}

export interface BasetenResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** An answer whose body is still coming. */
export interface BasetenStream {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** To be read once; reading throws a `BasetenError` where the body breaks off. Leaving it closes the connection. */
  body: AsyncIterable<Uint8Array>;
}

export interface SendOptions {
  /** Seconds one attempt may take, answer included. */
  timeout: number;
  /** How often a failed attempt is repeated. */
  maxRetries: number;
  /** Stops the request and its retries. */
  signal?: AbortSignal;
}

export interface Client {
  /**
   * Sends one request, and again where Baseten says that a repeat can help.
   * @returns the answer, whose status is below 400
   * @throws {BasetenError} what went wrong, after the last attempt
   * @see https://docs.baseten.co/inference/troubleshooting
   */
  send(request: BasetenRequest, options: SendOptions): Promise<BasetenResponse>;
  /**
   * Like `send`, for an answer that is used while it comes. Nothing is repeated once its body has begun.
   * @returns the answer as soon as its first bytes are there; the timeout goes on until its last
   * @throws {BasetenError} what went wrong, after the last attempt
   */
  stream(request: BasetenRequest, options: SendOptions): Promise<BasetenStream>;
}

/** The part of n8n's contexts that the client needs: every node and dropdown has it. */
export interface HttpContext {
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>;
}

const RETRIED_STATUSES = [429, 500, 502, 503, 504];
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** A server that asks for a longer pause than this gets no retry: the person should know instead. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * The one door to Baseten: key, timeout, retries, abort.
 * @param context n8n's context, whose HTTP helper carries the requests
 */
export function createClient(context: HttpContext, connection: Connection, time: Time = realTime): Client {
  async function repeated<Answer extends object>(
    options: SendOptions,
    attemptOnce: () => Promise<Answer | Failed>,
  ): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted();
      const result = await attemptOnce();
      if (!('failure' in result)) return result;
      const delay = retryDelay(result.failure, attempt, options, time);
      if (delay === undefined) throw result.failure;
      await time.wait(delay, options.signal);
    }
  }
  return {
    send: async (request, options) =>
      await repeated(options, async () => await sendOnce(new Attempt(context, connection, request, options))),
    stream: async (request, options) =>
      await repeated(options, async () => await streamOnce(new Attempt(context, connection, request, options))),
  };
}

type Failed = { failure: BasetenError };

/** One try of a request, with a time limit of its own. */
class Attempt {
  private readonly deadline: AbortSignal;

  constructor(
    private readonly context: HttpContext,
    private readonly connection: Connection,
    private readonly request: BasetenRequest,
    private readonly options: SendOptions,
  ) {
    this.deadline = AbortSignal.timeout(options.timeout * 1000);
  }

  async ask(encoding: 'arraybuffer' | 'stream'): Promise<IN8nHttpFullResponse> {
    const { signal } = this.options;
    return (await this.context.helpers.httpRequest({
      method: this.request.method,
      url: this.request.url,
      headers: requestHeaders(this.connection, this.request),
      // A GET must go out without a body, and n8n's helper leaves out one that is undefined.
      body: this.request.body,
      encoding,
      abortSignal: signal ? AbortSignal.any([signal, this.deadline]) : this.deadline,
      // The key belongs to the host it was sent to and nowhere else.
      disableFollowRedirect: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
    })) as IN8nHttpFullResponse;
  }

  /** What an answer that is not a success means. */
  refused(answer: BasetenResponse): Failed {
    return { failure: httpFailure(answer, this.request.subject, this.connection.apiKey) };
  }

  /** What an error on the way means. @throws where the execution was stopped */
  failed(error: unknown): Failed {
    const { signal, timeout } = this.options;
    signal?.throwIfAborted();
    const { subject, url } = this.request;
    const failure = this.deadline.aborted
      ? timeoutFailure(timeout, subject)
      : connectionFailure(error, new URL(url).host, subject);
    return { failure };
  }
}

async function sendOnce(attempt: Attempt): Promise<BasetenResponse | Failed> {
  try {
    const response = await attempt.ask('arraybuffer');
    const answer = { ...headOf(response), body: toBuffer(response.body) };
    return answer.status < 300 ? answer : attempt.refused(answer);
  } catch (error) {
    return attempt.failed(error);
  }
}

async function streamOnce(attempt: Attempt): Promise<BasetenStream | Failed> {
  try {
    const response = await attempt.ask('stream');
    const head = headOf(response);
    const chunks = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    const first = await chunks.next();
    const body = remaining(chunks, first, attempt);
    return head.status < 300 ? { ...head, body } : attempt.refused({ ...head, body: await gather(body) });
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

async function nextOf(chunks: AsyncIterator<Uint8Array>, attempt: Attempt): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch (error) {
    throw attempt.failed(error).failure;
  }
}

/** Reads a body to its end. */
export async function gather(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function headOf(response: IN8nHttpFullResponse): Omit<BasetenResponse, 'body'> {
  return { status: response.statusCode, headers: lowerCaseNames(response.headers) };
}

function requestHeaders(connection: Connection, request: BasetenRequest): Record<string, string> {
  return {
    Authorization: `Bearer ${connection.apiKey}`,
    'User-Agent': `n8n-nodes-baseten/${VERSION}`,
    Accept: request.accept ?? '*/*',
    ...(request.body && { 'Content-Type': request.contentType ?? 'application/json' }),
  };
}

/** Milliseconds until the next attempt, or nothing where a repeat is no use. */
function retryDelay(
  failure: BasetenError,
  attempt: number,
  { maxRetries }: SendOptions,
  time: Time,
): number | undefined {
  if (attempt >= maxRetries || failure.kind === 'timeout') return undefined;
  if (failure.kind === 'http' && !RETRIED_STATUSES.includes(failure.status ?? 0)) return undefined;
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

function lowerCaseNames(headers: object): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function toBuffer(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return Buffer.from(body as ArrayBuffer);
  return Buffer.from(typeof body === 'string' ? body : '');
}
