// Decisions: docs/decisions.md,
// "Requests leave over pooled connections",
// "n8n's client sends what fetch can't",
// "A response ends one turn of the event loop later".

import {
  sleep,
  type IExecuteFunctions,
  type IHttpRequestMethods,
  type IN8nHttpFullResponse,
} from 'n8n-workflow';

import type { Connection } from '../connection/connection';
import { errorChain } from '../errors/basetenError';
import type { HttpState } from './state';

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
  /** Names in lower case. */
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

/** What one request is sent with. */
export interface Sending {
  context: HttpContext;
  connection: Connection;
  request: WireRequest;
  /** Seconds that the caller gives the request. */
  timeout: number;
  state: HttpState;
}

/** Node's `fetch` waits this long for the head of a response, whatever it is told. */
const LONGEST_FETCH_SECONDS = 300;
/** Node's `fetch` waits this long for a connection, whatever it is told. */
const FETCH_CONNECT_SECONDS = 10;
/** How long a host that only n8n's client could reach is left to it. */
const REMEMBERED_MS = 60_000;
/** Errors that come before a connection is open, so before anything was sent. */
const NOT_OPENED = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'];
/** Words of `fetch` for an address that it refuses, but n8n's client doesn't. */
const FORBIDDEN_PORT = 'bad port';
/** Words of `fetch` for a 407, which it does not hand over as a response. */
const PROXY_REFUSAL = 'proxy authentication required';
/**
 * Words of `fetch` for a `100 Continue` that it did not ask for. The request has been sent then.
 */
const UNASKED_CONTINUE = 'bad response';
/** Methods that may be sent twice without harm. */
const SAFE_METHODS = ['GET', 'HEAD'];
/** An address that every egress policy of n8n refuses unless it was allowed. */
const LINK_LOCAL = '169.254.169.254';
/** n8n's client takes a body of exactly this type for one that it should encode itself. */
const URL_ENCODED = 'application/x-www-form-urlencoded';

/**
 * Sends one request: over the pooled connections of Node's `fetch` if they can serve it, otherwise
 * through n8n's own HTTP client. A request that may have reached the host is never sent again on
 * the other way, unless its method is safe to repeat.
 * @returns the response, whatever its status
 * @throws what the way taken throws
 */
export async function sendOverWire(sending: Sending): Promise<WireResponse> {
  const { context, request, state } = sending;
  const { host } = new URL(request.url);
  if (!isPooled(sending, host)) return await overN8n(context, request);
  try {
    const response = await overFetch(sending, host);
    state.reach(host);
    return response;
  } catch (error) {
    return await insteadOfFetch(sending, host, error);
  }
}

/**
 * Sends through n8n's client what `fetch` could not.
 * @throws the error of `fetch` if the request may have reached the host, or if n8n's client had no
 * response either when time was up
 */
async function insteadOfFetch(
  { context, request, state }: Sending,
  host: string,
  fetchError: unknown,
): Promise<WireResponse> {
  // The host may be gone since it was reached: the next request finds out in time.
  if (request.signal.aborted) state.forget(host);
  const isUnasked = hasWords(fetchError, UNASKED_CONTINUE);
  if (isUnasked) state.avoidFetch(host, REMEMBERED_MS);
  const mayRepeat = isUnasked ? SAFE_METHODS.includes(request.method) : wasNotOpened(fetchError);
  if (request.signal.aborted || !mayRepeat) throw fetchError;
  try {
    const response = await overN8n(context, request);
    state.avoidFetch(host, REMEMBERED_MS);
    return response;
  } catch (error) {
    const isTimeUp = request.signal.aborted;
    throw isTimeUp ? fetchError : error;
  }
}

/** The one place that decides which way a request goes. */
function isPooled({ context, connection, timeout, state }: Sending, host: string): boolean {
  return (
    connection.client === 'auto' &&
    timeout <= LONGEST_FETCH_SECONDS &&
    state.mayFetch(host) &&
    !followsEgressPolicy(context, state)
  );
}

/**
 * Whether this n8n limits where its nodes may connect. Only n8n's own client keeps to that. Without
 * a policy n8n gives one filter that lets everything pass, whatever the mode.
 */
function followsEgressPolicy({ helpers }: HttpContext, state: HttpState): boolean {
  state.hasEgressPolicy ??= hasEgressPolicy(helpers);
  return state.hasEgressPolicy;
}

function hasEgressPolicy(helpers: HttpContext['helpers']): boolean {
  const filter = helpers.getSecureEgressFilter?.();
  if (!filter) return false;
  // An n8n that does not know modes gives its filter for each of them.
  const isLimited = filter !== helpers.getSecureEgressFilter?.('unsafe');
  return isLimited || !filter.validateConnectionHost(LINK_LOCAL).ok;
}

/**
 * Whether a request failed before its connection was open, so that it can't have run.
 * @param error what either way threw
 */
export function wasNotOpened(error: unknown): boolean {
  return (
    hasWords(error, FORBIDDEN_PORT) ||
    errorChain(error).some(
      ({ code, syscall, message }) =>
        NOT_OPENED.includes(String(code)) ||
        syscall === 'connect' ||
        (code === 'ECONNRESET' && /before secure TLS connection/.test(String(message))),
    )
  );
}

function hasWords(error: unknown, words: string): boolean {
  return errorChain(error).some(({ message }) => message === words);
}

async function overFetch(sending: Sending, host: string): Promise<WireResponse> {
  const { request, timeout, state } = sending;
  try {
    // `fetch` has time to find out by itself, or has found out before.
    if (timeout > FETCH_CONNECT_SECONDS || state.hasReached(host)) return await fetchNow(request);
    return await fetchIfConnected(sending);
  } catch (error) {
    return refusedByProxy(error);
  }
}

/** The response that a 407 is. @throws any other error as it is */
function refusedByProxy(error: unknown): WireResponse {
  if (hasWords(error, PROXY_REFUSAL)) return { status: 407, headers: {}, body: releasing(null) };
  throw error;
}

/**
 * Gives up on a connection after half of the timeout, if that is shorter than what `fetch` waits
 * for one. A body is read when the connection is open, so its first read tells. A method without a
 * body is safe to send again.
 */
async function fetchIfConnected({ request, timeout, state }: Sending): Promise<WireResponse> {
  const stop = new AbortController();
  let isOpen = false;
  const body = SAFE_METHODS.includes(request.method)
    ? undefined
    : noticing(request.body, () => (isOpen = true));
  const giveUp = () => !isOpen && stop.abort(notConnected());
  const limit = state.time.limit(timeout * 500);
  limit.addEventListener('abort', giveUp);
  try {
    const signal = AbortSignal.any([request.signal, stop.signal]);
    const headers = { ...request.headers, ...(body && { 'Content-Length': String(body.length) }) };
    return await fetchNow({ ...request, headers, body, signal });
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    limit.removeEventListener('abort', giveUp);
  }
}

function notConnected(): Error {
  const message = 'There was no connection within half of the timeout';
  return Object.assign(new Error(message), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}

/** A body that notices when it is read for the first time. */
function noticing(body: WireRequest['body'], notice: () => void): BodySource | undefined {
  if (body && !Buffer.isBuffer(body) && body.length === undefined) return body;
  return {
    length: body?.length ?? 0,
    async open() {
      const chunks = !body ? [] : Buffer.isBuffer(body) ? [body] : await body.open();
      return (async function* () {
        notice();
        yield* chunks;
      })();
    },
  };
}

async function fetchNow({
  method,
  url,
  headers,
  body,
  signal,
}: WireRequest): Promise<WireResponse> {
  const response = await fetch(url, {
    method,
    headers,
    signal,
    // The key belongs to the host it was sent to and nowhere else.
    redirect: 'manual',
    ...(await fetchBody(body)),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: releasing(response.body),
  };
}

async function fetchBody(body: WireRequest['body']): Promise<RequestInit> {
  if (!body || Buffer.isBuffer(body)) return { body };
  // `fetch` wants to be told that a stream is sent while it is read.
  return { body: (await body.open()) as RequestInit['body'], duplex: 'half' } as RequestInit;
}

async function overN8n(
  { helpers }: HttpContext,
  { method, url, headers, body, signal }: WireRequest,
): Promise<WireResponse> {
  const response = (await helpers.httpRequest({
    method,
    url,
    headers: forN8n(headers),
    // A GET must go out without a body, and n8n's helper leaves out one that is undefined.
    body: (await n8nBody(body)) as Buffer | undefined,
    encoding: 'stream',
    abortSignal: signal,
    // None of its own, which would be 300 s: the signal has the caller's.
    timeout: 0,
    disableFollowRedirect: true,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
  })) as IN8nHttpFullResponse;
  return {
    status: response.statusCode,
    headers: lowerCaseNames(response.headers),
    body: response.body as unknown as AsyncIterable<Uint8Array>,
  };
}

/**
 * n8n's client fails on a body of this type that is encoded already, unless a parameter follows.
 */
function forN8n(headers: Record<string, string>): Record<string, string> {
  if (headers['Content-Type'] !== URL_ENCODED) return headers;
  return { ...headers, 'Content-Type': `${URL_ENCODED}; charset=utf-8` };
}

/**
 * n8n's client sends a Node stream while it is read; any other stream must be read to its end
 * first.
 */
async function n8nBody(
  body: WireRequest['body'],
): Promise<Buffer | AsyncIterable<Uint8Array> | undefined> {
  if (!body || Buffer.isBuffer(body)) return body;
  const opened = await body.open();
  if ('pipe' in opened) return opened;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function lowerCaseNames(headers: object): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/**
 * A body whose end waits until Node has given its connection back, a turn of the event loop later.
 */
async function* releasing(body: Response['body']): AsyncGenerator<Uint8Array> {
  // Read by hand, which costs less than iterating over it.
  const reader = body?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
      yield next.value;
  } finally {
    await reader?.cancel();
  }
  // A request that comes sooner opens another connection: a batch would open twice as many as it
  // has in flight.
  await sleep(0);
}
