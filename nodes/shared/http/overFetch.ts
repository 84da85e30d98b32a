// Decisions: docs/decisions.md, "A response ends one turn of the event loop later".

import { sleep } from 'n8n-workflow';

import { errorChain, hasCode } from '../errors/basetenError';
import type { Time } from '../time';
import { codingsOf, toHeaders, unpackedHeaders } from './responseHead';
import type { BodySource, WireRequest, WireResponse } from './wire';

/** Node's `fetch` waits this many seconds for a connection, whatever it is told. */
export const FETCH_CONNECT_SECONDS = 10;
/** The code of an error that says that the host began with a `100 Continue` nobody asked for. */
export const UNASKED_CONTINUE = 'UNASKED_CONTINUE';

/** How `fetch` begins an error for a response that it does not hand over. */
const FETCH_FAILED = 'fetch failed';
/**
 * What then follows, and the status that the response had. Some versions of Node have no words for
 * a 407. Node 24.14 and 24.15 take a 401 for a question if the body was read while it was sent.
 */
const WITHHELD: Record<string, number> = {
  '': 407,
  'proxy authentication required': 407,
  'expected non-null body source': 401,
};
/** Words of `fetch` for a `100 Continue` that it did not ask for. */
const BAD_RESPONSE = 'bad response';

/**
 * Sends a request over the pooled connections of Node's `fetch`.
 * @returns the response, whatever its status
 * @throws what `fetch` throws
 */
export async function overFetch(request: WireRequest): Promise<WireResponse> {
  try {
    return await fetchNow(request);
  } catch (error) {
    return withheldResponse(error);
  }
}

/**
 * Like `overFetch`, but gives up a connection that is not open after half of the timeout, if that
 * is shorter than what `fetch` waits for one. A body is read when the connection is open, so its
 * first read tells. The method must be one that may have a body.
 * @param timeout seconds that the caller gives the request
 * @throws an error that says so if there was no connection, and what `fetch` throws
 */
export async function overFetchIfConnected(
  request: WireRequest,
  timeout: number,
  time: Time,
): Promise<WireResponse> {
  const stop = new AbortController();
  let isOpen = false;
  const body = noticing(request.body, () => (isOpen = true));
  const headers = { ...request.headers };
  if (body.length !== undefined) headers['Content-Length'] = String(body.length);
  const giveUp = () => !isOpen && stop.abort(notConnected());
  const limit = time.limit(timeout * 500);
  limit.addEventListener('abort', giveUp);
  try {
    const signal = AbortSignal.any([request.signal, stop.signal]);
    return await overFetch({ ...request, headers, body, signal });
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
function noticing(body: WireRequest['body'], notice: () => void): BodySource {
  return {
    length: body ? body.length : 0,
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
  const all = toHeaders(response.headers);
  const isUnpacked = method !== 'HEAD' && codingsOf(all).length > 0;
  return {
    status: response.status,
    headers: isUnpacked ? unpackedHeaders(all) : all,
    body: releasing(response.body),
  };
}

async function fetchBody(body: WireRequest['body']): Promise<RequestInit> {
  if (!body || Buffer.isBuffer(body)) return { body };
  // `fetch` wants to be told that a stream is sent while it is read.
  return { body: (await body.open()) as RequestInit['body'], duplex: 'half' } as RequestInit;
}

/**
 * The response that `fetch` had and does not hand over.
 * @throws an error with a code if `fetch` had a response that it can't read; any other as it is
 */
function withheldResponse(error: unknown): WireResponse {
  const [failed, cause] = errorChain(error);
  const isWithheld = failed?.message === FETCH_FAILED && cause && cause.code === undefined;
  const status = isWithheld ? WITHHELD[String(cause.message)] : undefined;
  if (status !== undefined) return { status, headers: {}, body: releasing(null) };
  if (cause?.message === BAD_RESPONSE) throw coded(UNASKED_CONTINUE, error);
  // It did not expect a status below 100.
  if (hasCode(error, ['ERR_ASSERTION'])) throw coded('HPE_INVALID_STATUS', error);
  throw error;
}

function coded(code: string, cause: unknown): Error {
  return Object.assign(new Error('fetch could not read the response', { cause }), { code });
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
