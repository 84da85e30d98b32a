import type { IN8nHttpFullResponse } from 'n8n-workflow';

import { codingsOf, toHeaders, unpackedHeaders } from './responseHead';
import type { HttpContext, WireRequest, WireResponse } from './wire';

/** n8n's client takes a body of exactly this type for one that it should encode itself. */
const URL_ENCODED = 'application/x-www-form-urlencoded';
/** Codings that Node can unpack, by their names in headers. */
const FORMATS: Record<string, 'gzip' | 'deflate'> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

/** What n8n's client gives as a body: a Node stream. */
interface NodeStream extends AsyncIterable<Uint8Array> {
  on?(event: 'error', listener: () => void): void;
}

/**
 * Sends a request through n8n's own HTTP client. It knows n8n's proxy, keeps to n8n's egress
 * policy, and opens a connection for each request.
 * @returns the response, whatever its status
 * @throws what n8n's client throws
 */
export async function overN8n(
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
  const stream = response.body as unknown as NodeStream;
  // A request that is aborted now makes its body fail. If nobody reads that, it ends the process.
  stream.on?.('error', () => undefined);
  const { statusCode: status } = response;
  // Node's older client takes any three digits for a status.
  if (status < 200) throw invalidStatus(status);
  return { status, ...unpacked(toHeaders(Object.entries(response.headers)), stream) };
}

function invalidStatus(status: number): Error {
  const message = `${status} is not the status of a response`;
  return Object.assign(new Error(message), { code: 'HPE_INVALID_STATUS' });
}

/**
 * n8n's client unpacks a body that was packed once, and takes the coding out of the headers. What
 * was packed more often it leaves as it is.
 */
function unpacked(
  headers: Record<string, string>,
  stream: NodeStream,
): Pick<WireResponse, 'headers' | 'body'> {
  const formats = codingsOf(headers).flatMap((coding) => FORMATS[coding] ?? []);
  // If Node can't take off one coding, none is taken off.
  if (formats.length < 2 || formats.length < codingsOf(headers).length)
    return { headers, body: stream };
  const body = formats.reduceRight<ReadableStream>(
    (packed, format) => packed.pipeThrough(new DecompressionStream(format)),
    ReadableStream.from(stream),
  );
  return { headers: unpackedHeaders(headers), body };
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
