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
/** How long a host that only n8n's client could reach is left to it. */
const REMEMBERED_MS = 60_000;
/** Errors that come before a connection is open, so before anything was sent. */
const NOT_OPENED = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'];
/** An address that every egress policy of n8n refuses. */
const LINK_LOCAL = '169.254.169.254';

/**
 * Sends one request: over the pooled connections of Node's `fetch` if they can serve it, otherwise
 * through n8n's own HTTP client. A request that may have reached the host is never sent again on
 * the other way: only if a connection could not be opened does the way change.
 * @returns the response, whatever its status
 * @throws what the way taken throws
 */
export async function sendOverWire(sending: Sending): Promise<WireResponse> {
  const { context, request } = sending;
  if (!isPooled(sending)) return await overN8n(context, request);
  try {
    return await overFetch(request);
  } catch (error) {
    return await insteadOfFetch(sending, error);
  }
}

/** @throws the error of `fetch` if the request may have reached the host, or was stopped */
async function insteadOfFetch(
  { context, request, state }: Sending,
  fetchError: unknown,
): Promise<WireResponse> {
  if (request.signal.aborted || !wasNotOpened(fetchError)) throw fetchError;
  const response = await overN8n(context, request);
  state.avoidFetch(new URL(request.url).host, REMEMBERED_MS);
  return response;
}

/** The one place that decides which way a request goes. */
function isPooled({ context, connection, request, timeout, state }: Sending): boolean {
  return (
    connection.client === 'auto' &&
    timeout <= LONGEST_FETCH_SECONDS &&
    state.mayFetch(new URL(request.url).host) &&
    !followsEgressPolicy(context, state)
  );
}

/** Whether this n8n limits where its nodes may connect. Only n8n's own client keeps to that. */
function followsEgressPolicy({ helpers }: HttpContext, state: HttpState): boolean {
  state.hasEgressPolicy ??=
    helpers.getSecureEgressFilter?.().validateConnectionHost(LINK_LOCAL).ok === false;
  return state.hasEgressPolicy;
}

function wasNotOpened(error: unknown): boolean {
  return errorChain(error).some(
    ({ code, syscall, message }) =>
      NOT_OPENED.includes(String(code)) ||
      syscall === 'connect' ||
      (code === 'ECONNRESET' && /before secure TLS connection/.test(String(message))),
  );
}

async function overFetch({
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
    headers,
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
