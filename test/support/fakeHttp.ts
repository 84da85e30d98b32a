import type { IHttpRequestOptions } from 'n8n-workflow';

import type { HttpContext } from '../../nodes/shared/http/client';

/** The two ways a request can go: the pooled connections of Node's `fetch`, and n8n's own HTTP client. */
export const WAYS = ['fetch', 'n8n'] as const;
export type Way = (typeof WAYS)[number];

export interface FakeRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: Buffer;
  signal: AbortSignal;
  /** What else the way was told. */
  settings: object;
}

export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** As one piece, or in pieces as they come. */
  body?: string | AsyncIterable<Uint8Array>;
}

/**
 * Stands in for the network under one of the ways; `fetch` is restored after the test.
 * @param answer what meets a request; what it throws is the way's own error
 * @returns what a client is created with
 */
export function fakeHttp(way: Way, answer: (request: FakeRequest) => Promise<FakeAnswer>) {
  const httpRequest = async ({
    method,
    url,
    headers,
    body,
    abortSignal,
    ...settings
  }: IHttpRequestOptions) => {
    const signal = abortSignal as AbortSignal;
    const given = await answer({ ...request(method, url, headers, body), signal, settings });
    return { statusCode: given.status ?? 200, headers: given.headers ?? {}, body: bodyOf(given) };
  };
  jest
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async (url, { method, headers, body, signal, ...settings } = {}) => {
      const given = await answer({
        ...request(method, url, headers, body),
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

async function* bodyOf({ body }: FakeAnswer): AsyncGenerator<Uint8Array> {
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body) yield* body;
}
