import { randomUUID } from 'crypto';

import { UserInputError } from '../errors/userInputError';
import type { Body } from '../http/client';
import type { StoredFile } from './files';
import { safeFileName } from './headerValue';
import { toJsonText } from './jsonText';
import { endingOf } from './mediaType';
import type { Upload } from './requestBody';

/**
 * Builds a multipart form. Fields become text, objects and lists as JSON. Files keep their name and
 * media type; one without a name is called like its field, with an ending that fits its type.
 * @param fields the form's text fields; those without a name or value are left out
 * @param files the form's files; `path` is the name of the form field
 * @returns the body, which reads files from n8n's store only while it is sent
 * @throws {UserInputError} if a file has no field name
 */
export async function multipartBody(
  fields: Array<{ name: string; value: unknown }>,
  files: Array<{ path: string; file: Upload }>,
): Promise<Body> {
  const form = new FormData();
  for (const { name, value } of fields) {
    // A form can't express null.
    if (name.trim() === '' || value === undefined || value === null) continue;
    form.append(name, typeof value === 'object' ? toJsonText(value) : String(value));
  }
  // A file in n8n's store is read later, while it is sent. Until then a unique mark holds its
  // place.
  const stored: Array<{ mark: string; file: StoredFile }> = [];
  for (const { path, file } of files) {
    let bytes = file.content;
    if (!Buffer.isBuffer(bytes)) {
      const mark = randomUUID();
      stored.push({ mark, file: bytes });
      bytes = Buffer.from(mark);
    }
    const blob = new Blob([new Uint8Array(bytes)], { type: file.mimeType });
    form.append(fieldName(path), blob, partName(path, file));
  }
  // Response encodes a form exactly as Node's fetch would send it.
  const encoded = new Response(form);
  const content = Buffer.from(await encoded.arrayBuffer());
  return {
    content: stored.length === 0 ? content : withStored(content, stored),
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
  };
}

function fieldName(path: string): string {
  if (path.trim() !== '') return path;
  throw new UserInputError(
    'A file has no path',
    'Enter under Files which field of the form the file goes into, such as file.',
  );
}

function partName(path: string, { fileName, mimeType }: Upload): string {
  return safeFileName(fileName ?? '') ?? `${safeFileName(path) ?? 'file'}.${endingOf(mimeType)}`;
}

/** Puts each stored file in the place of its mark. */
function withStored(form: Buffer, stored: Array<{ mark: string; file: StoredFile }>): StoredFile {
  const pieces: Array<Buffer | StoredFile> = [];
  let rest = form;
  for (const { mark, file } of stored) {
    const at = rest.indexOf(mark);
    pieces.push(rest.subarray(0, at), file);
    rest = rest.subarray(at + mark.length);
  }
  pieces.push(rest);
  return {
    length: pieces.reduce((sum, piece) => sum + piece.length, 0),
    open: async () => oneAfterTheOther(pieces),
    close: () => stored.forEach(({ file }) => file.close()),
  };
}

async function* oneAfterTheOther(pieces: Array<Buffer | StoredFile>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) yield piece;
    else yield* await piece.open();
  }
}
