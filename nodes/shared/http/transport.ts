// Decisions: docs/decisions.md,
// "Requests leave over pooled connections",
// "n8n's client sends what fetch can't".

import type { Connection } from '../connection/connection';
import { hostOf } from '../connection/hostOf';
import { errorChain, hasCode } from '../errors/basetenError';
import {
  FETCH_CONNECT_SECONDS,
  overFetch,
  overFetchIfConnected,
  UNASKED_CONTINUE,
} from './overFetch';
import { overN8n } from './overN8n';
import type { HttpState } from './state';
import { SAFE_METHODS, type HttpContext, type WireRequest, type WireResponse } from './wire';

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
/** Words of `fetch` for an address that it refuses, but n8n's client doesn't. */
const FORBIDDEN_PORT = 'bad port';
/** An address that every egress policy of n8n refuses unless it was allowed. */
const LINK_LOCAL = '169.254.169.254';

/**
 * Sends one request: over the pooled connections of Node's `fetch` if they can serve it, otherwise
 * through n8n's own HTTP client. A request that may have reached the host is never sent again on
 * the other way, unless its method is safe to repeat.
 * @returns the response, whatever its status
 * @throws what the way taken throws
 */
export async function sendOverWire(sending: Sending): Promise<WireResponse> {
  const { context, request, timeout, state } = sending;
  const host = hostOf(request.url);
  if (!isPooled(sending, host)) return await overN8n(context, request);
  // Otherwise `fetch` has time to find out by itself whether it can connect, or has found out.
  const isUrgent = timeout <= FETCH_CONNECT_SECONDS && !state.hasReached(host);
  const isSafe = SAFE_METHODS.includes(request.method);
  if (isUrgent && isSafe) return await overEither(sending, host);
  try {
    const response = isUrgent
      ? await overFetchIfConnected(request, timeout, state.time)
      : await overFetch(request);
    state.reach(host);
    return response;
  } catch (error) {
    return await insteadOfFetch(sending, host, error);
  }
}

/**
 * Sends through n8n's client what `fetch` could not.
 * @throws the error of `fetch` if the request may have reached the host; else that of n8n's client
 */
async function insteadOfFetch(
  { context, request, state }: Sending,
  host: string,
  fetchError: unknown,
): Promise<WireResponse> {
  // The host may be gone since it was reached: the next request finds out in time.
  if (request.signal.aborted) state.forget(host);
  const isUnread = hasCode(fetchError, [UNASKED_CONTINUE]);
  // The host will do it again.
  if (isUnread) state.avoidFetch(host, Infinity);
  const mayRepeat = isUnread ? SAFE_METHODS.includes(request.method) : wasNotOpened(fetchError);
  if (request.signal.aborted || !mayRepeat) throw fetchError;
  let isOver = false;
  try {
    const response = await overN8n(context, request);
    isOver = true;
    return response;
  } finally {
    // If time was up, nobody knows whether n8n's client has sent the request, but `fetch` has not.
    if ((isOver || request.signal.aborted) && !isUnread) state.avoidFetch(host, REMEMBERED_MS);
  }
}

/**
 * Sends a request over `fetch`, and if there is no response after half of the timeout, through
 * n8n's client, too. A request without a body does not tell whether its connection is open. The
 * first response counts.
 * @throws what `fetch` throws, if n8n's client fails as well
 */
async function overEither(sending: Sending, host: string): Promise<WireResponse> {
  const { context, request, timeout, state } = sending;
  const stops = { fetch: new AbortController(), n8n: new AbortController() };
  const stoppedBy = ({ signal }: AbortController): WireRequest => ({
    ...request,
    signal: AbortSignal.any([request.signal, signal]),
  });
  const fetching = overFetch(stoppedBy(stops.fetch)).then((response) => {
    win(stops.fetch, stops.n8n);
    state.reach(host);
    return response;
  });
  const isSlow = await Promise.race([
    fetching.then(
      () => false,
      () => false,
    ),
    ended(state.time.limit(timeout * 500)).then(() => true),
  ]);
  if (isSlow) {
    const asking = overN8n(context, stoppedBy(stops.n8n)).then((response) => {
      win(stops.n8n, stops.fetch);
      state.avoidFetch(host, REMEMBERED_MS);
      return response;
    });
    const first = await Promise.any([fetching, asking]).catch(() => undefined);
    if (first) return first;
  }
  try {
    return await fetching;
  } catch (error) {
    return await insteadOfFetch(sending, host, error);
  }
}

/** @throws if the other one has won before */
function win(own: AbortController, other: AbortController): void {
  own.signal.throwIfAborted();
  other.abort();
}

async function ended(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
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
  // A context without the question says nothing about the others.
  if (!helpers.getSecureEgressFilter) return state.hasEgressPolicy ?? false;
  state.hasEgressPolicy ??= hasEgressPolicy(helpers.getSecureEgressFilter);
  return state.hasEgressPolicy;
}

function hasEgressPolicy(
  filterOf: NonNullable<HttpContext['helpers']['getSecureEgressFilter']>,
): boolean {
  const filter = filterOf();
  // An n8n that does not know modes gives its filter for each of them.
  return filter !== filterOf('unsafe') || !filter.validateConnectionHost(LINK_LOCAL).ok;
}

/**
 * Whether a request failed before its connection was open, so that it can't have run.
 * @param error what either way threw
 */
export function wasNotOpened(error: unknown): boolean {
  return errorChain(error).some(
    ({ code, syscall, message }) =>
      message === FORBIDDEN_PORT ||
      NOT_OPENED.includes(String(code)) ||
      syscall === 'connect' ||
      (code === 'ECONNRESET' && /before secure TLS connection/.test(String(message))),
  );
}
