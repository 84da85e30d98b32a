import type { IncomingMessage } from 'node:http';
import { BasetenError, badRequest } from './refusal';
import type { FormPart } from '../models/model';

/**
 * Reads a request body of at most `limit` bytes. Throws 413 beyond. The rest of a body that is too large is
 * read and dropped, so that the sender gets the answer and not a broken connection.
 */
export async function readBody(
  stream: AsyncIterable<Buffer> | IncomingMessage,
  limit: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk as Buffer);
    else chunks.length = 0;
  }
  if (size > limit) {
    throw new BasetenError(
      413,
      'payload_too_large',
      `Request body of ${size} bytes exceeds the limit of ${limit} bytes.`,
    );
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

/** Reads a body of any size and holds none of it. Returns its size in bytes. */
export async function countBytes(stream: AsyncIterable<Buffer> | IncomingMessage): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
}

/** `Application/JSON; charset=utf-8` → `application/json`. */
export const mediaType = (header: string | undefined) =>
  (header ?? '').split(';', 1)[0]!.trim().toLowerCase();

/** Parses JSON. Throws 400 where it isn't. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest('The request body is not valid JSON.', (error as Error).message);
  }
}

/** Parses a multipart form. Throws TypeError where the body is none. */
export async function parseForm(body: Buffer, contentType: string): Promise<FormPart[]> {
  const headers = { 'content-type': contentType };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  const parts: FormPart[] = [];
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') parts.push({ name, value });
    else {
      const content = Buffer.from(await value.arrayBuffer());
      parts.push({ name, fileName: value.name, contentType: value.type, bytes: content });
    }
  }
  return parts;
}
