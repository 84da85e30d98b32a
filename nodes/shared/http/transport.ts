import {
  sleep,
  type IExecuteFunctions,
  type IHttpRequestMethods,
  type IN8nHttpFullResponse,
} from 'n8n-workflow';

import type { Connection } from '../connection/connection';
import { errorChain } from '../errors/basetenError';
import type { Time } from '../time';

/** A body that is read while it is sent. Each try of a request opens it anew. */
export interface BodySource {
  /** Size in bytes, where it is known. */
  length?: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** One request as it goes over the wire. */
export interface WireRequest {
  method: IHttpRequestMethods;
  url: string;
  headers: Record<string, string>;
  body?: Buffer | BodySource;
  signal: AbortSignal;
}

/** An answer, whatever its status; its body is still coming. */
export interface WireAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
}

/** The part of n8n's contexts that requests need: every node and dropdown has it. */
export interface HttpContext {
  // Older hosts have no egress filter.
  helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'> &
    Partial<Pick<IExecuteFunctions['helpers'], 'getSecureEgressFilter'>>;
}

/** Node's `fetch` gives up on an answer's head after this long, whatever it is told. */
const LONGEST_FETCH_SECONDS = 300;
/** How long a host that only n8n's client could reach is left to it. */
const REMEMBERED_MS = 60_000;
/** Errors that come before a connection is open, so before anything was sent. */
const NOT_OPENED = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'];
/** An address that every egress policy of n8n refuses. */
const LINK_LOCAL = '169.254.169.254';

/** When a host may be tried over `fetch` again; by clock, so that each test has its own. */
const reachedByN8nOnly = new WeakMap<Time, Map<string, number>>();
let hasEgressPolicy: boolean | undefined;

/**
 * Sends one request, over the pooled connections of Node's `fetch` where they can serve it and through n8n's own HTTP
 * client elsewhere. It is never sent a second time on the other way: only a connection that could not be opened
 * changes the way.
 * @param timeout seconds the caller gives the request
 * @throws what the way taken throws
 */
export async function sendOverWire(
  context: HttpContext,
  connection: Connection,
  request: WireRequest,
  timeout: number,
  time: Time,
): Promise<WireAnswer> {
  const { host } = new URL(request.url);
  if (!isPooled(context, connection, host, timeout, time)) return await overN8n(context, request);
  return await overFetch(request).catch(async (error: unknown) => {
    if (request.signal.aborted || !wasNotOpened(error)) throw error;
    const answer = await overN8n(context, request);
    remember(host, time);
    return answer;
  });
}

/** The one place that decides which way a request goes. */
function isPooled(
  context: HttpContext,
  connection: Connection,
  host: string,
  timeout: number,
  time: Time,
): boolean {
  return (
    connection.client === 'auto' &&
    timeout <= LONGEST_FETCH_SECONDS &&
    time.now() >= (reachedByN8nOnly.get(time)?.get(host) ?? 0) &&
    !followsEgressPolicy(context)
  );
}

/** Whether this n8n limits where its nodes may connect; only its own client keeps to that. Asked once a process. */
function followsEgressPolicy({ helpers }: HttpContext): boolean {
  hasEgressPolicy ??=
    helpers.getSecureEgressFilter?.().validateConnectionHost(LINK_LOCAL).ok === false;
  return hasEgressPolicy;
}

function remember(host: string, time: Time): void {
  const hosts = reachedByN8nOnly.get(time) ?? new Map<string, number>();
  reachedByN8nOnly.set(time, hosts.set(host, time.now() + REMEMBERED_MS));
}

function wasNotOpened(error: unknown): boolean {
  return errorChain(error).some(
    ({ code, syscall, message }) =>
      NOT_OPENED.includes(String(code)) ||
      syscall === 'connect' ||
      (code === 'ECONNRESET' && /before secure TLS connection/.test(String(message))),
  );
}

async function overFetch({ method, url, headers, body, signal }: WireRequest): Promise<WireAnswer> {
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
  // A stream is sent while it is read, which `fetch` wants to be told.
  return { body: (await body.open()) as RequestInit['body'], duplex: 'half' } as RequestInit;
}

async function overN8n(
  { helpers }: HttpContext,
  { method, url, headers, body, signal }: WireRequest,
): Promise<WireAnswer> {
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

/** n8n's client sends a Node stream while it is read; any other one has to be there as a whole. */
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

/** A body after whose end its connection is free: Node gives it back a turn of the event loop later. */
async function* releasing(body: Response['body']): AsyncGenerator<Uint8Array> {
  // Read by hand, which costs less than iterating over it.
  const reader = body?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
      yield next.value;
  } finally {
    await reader?.cancel();
  }
  // A request that comes sooner opens another connection: in a batch twice as many as are in flight.
  await sleep(0);
}
