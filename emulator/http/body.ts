import type { IncomingMessage } from 'node:http';
import type { FormPart } from '../models/model';
import { Refusal, badRequest } from './refusal';

/**
 * Reads a request body. If it is too large, the rest is read and dropped, so that the sender gets
 * the response and not a broken connection.
 * @param limit Most bytes.
 * @throws {Refusal} 413 if the body is larger.
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
    const message = `Request body of ${size} bytes exceeds the limit of ${limit} bytes.`;
    throw new Refusal(413, 'payload_too_large', message);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

/** Reads a body of any size without keeping it. Returns its size in bytes. */
export async function countBytes(stream: AsyncIterable<Buffer> | IncomingMessage): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
}

/**
 * The media type of a Content-Type header: `Application/JSON; charset=utf-8` → `application/json`.
 */
export const mediaType = (header: string | undefined) =>
  (header ?? '').split(';', 1)[0]!.trim().toLowerCase();

/**
 * Parses a JSON body.
 * @throws {Refusal} 400 if it is not valid JSON.
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest('The request body is not valid JSON.', (error as Error).message);
  }
}

/**
 * Parses a multipart form. `contentType` is the whole header, with its boundary.
 * @throws {TypeError} If the body is not a form.
 */
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
