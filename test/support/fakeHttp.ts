import type { IHttpRequestOptions } from 'n8n-workflow';

import type { HttpContext } from '../../nodes/shared/http/client';

/**
 * The two ways a request can go: the pooled connections of Node's `fetch`, and n8n's own HTTP
 * client.
 */
export const WAYS = ['fetch', 'n8n'] as const;
/** One of them. */
export type Way = (typeof WAYS)[number];

/** A request as the fake network sees it. */
export interface FakeRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: Buffer;
  signal: AbortSignal;
  /** The other settings of the request. */
  settings: object;
}

/** What the fake network responds. */
export interface FakeResponse {
  status?: number;
  headers?: Record<string, string>;
  /** In one piece, or in pieces as they come. */
  body?: string | AsyncIterable<Uint8Array>;
}

/**
 * Takes the place of the network for requests that go one of the ways. After the test `fetch` is
 * itself again.
 * @param respond gives the response to a request; what it throws is an error of the way itself
 * @returns what a client is created with
 */
export function fakeHttp(way: Way, respond: (request: FakeRequest) => Promise<FakeResponse>) {
  const httpRequest = async ({
    method,
    url,
    headers,
    body,
    abortSignal,
    ...settings
  }: IHttpRequestOptions) => {
    const signal = abortSignal as AbortSignal;
    const given = await respond({ ...request(method, url, headers, body), signal, settings });
    return { statusCode: given.status ?? 200, headers: given.headers ?? {}, body: bodyOf(given) };
  };
  jest
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async (url, { method, headers, body, signal, ...settings } = {}) => {
      const given = await respond({
        ...request(method, url, headers, await wholeBody(body)),
        signal: signal as AbortSignal,
        settings,
      });
      const { status = 200 } = given;
      return new Response(status === 204 ? null : ReadableStream.from(bodyOf(given)), {
        status,
        headers: given.headers,
      });
    });
  return {
    context: { helpers: { httpRequest } } as unknown as HttpContext,
    credential: { apiKey: 'key-123', connection: way === 'n8n' ? 'n8n' : 'auto' },
  };
}

afterEach(() => jest.restoreAllMocks());

function request(
  method: unknown,
  url: unknown,
  headers: unknown,
  body: unknown,
): Omit<FakeRequest, 'signal' | 'settings'> {
  return {
    method: String(method),
    url: String(url),
    headers: headers as Record<string, string>,
    body: body as Buffer | undefined,
  };
}

/** A body that is read while it is sent, as the network reads it once the connection is open. */
async function wholeBody(body: unknown): Promise<unknown> {
  if (!body || Buffer.isBuffer(body)) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return chunks.length > 0 ? Buffer.concat(chunks) : undefined;
}

async function* bodyOf({ body }: FakeResponse): AsyncGenerator<Uint8Array> {
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body) yield* body;
}
