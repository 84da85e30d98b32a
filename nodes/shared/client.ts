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
  return {
    async send(request, options) {
      for (let attempt = 0; ; attempt++) {
        options.signal?.throwIfAborted();
        const result = await attemptOnce(context, connection, request, options);
        if (!('failure' in result)) return result;
        const delay = retryDelay(result.failure, attempt, options, time);
        if (delay === undefined) throw result.failure;
        await time.wait(delay, options.signal);
      }
    },
  };
}

async function attemptOnce(
  context: HttpContext,
  connection: Connection,
  request: BasetenRequest,
  { timeout, signal }: SendOptions,
): Promise<BasetenResponse | { failure: BasetenError }> {
  const deadline = AbortSignal.timeout(timeout * 1000);
  try {
    const response = (await context.helpers.httpRequest({
      method: request.method,
      url: request.url,
      headers: requestHeaders(connection, request),
      // A GET must go out without a body, and n8n's helper leaves out one that is undefined.
      body: request.body,
      encoding: 'arraybuffer',
      abortSignal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      // The key belongs to the host it was sent to and nowhere else.
      disableFollowRedirect: true,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
    })) as IN8nHttpFullResponse;
    const answer: BasetenResponse = {
      status: response.statusCode,
      headers: lowerCaseNames(response.headers),
      body: toBuffer(response.body),
    };
    return answer.status < 300 ? answer : { failure: httpFailure(answer, request.subject, connection.apiKey) };
  } catch (error) {
    signal?.throwIfAborted();
    return {
      failure: deadline.aborted
        ? timeoutFailure(timeout, request.subject)
        : connectionFailure(error, new URL(request.url).host, request.subject),
    };
  }
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
