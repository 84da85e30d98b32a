import { gzipSync } from 'node:zlib';
import { drawPng } from './image';
import { type ModelResponse, bytes } from './model';

const text = (body: string, contentType = 'application/json') =>
  bytes(Buffer.from(body), contentType);

const named = (disposition: string): ModelResponse => ({
  headers: { 'content-type': 'image/png', 'content-disposition': disposition },
  body: drawPng('odd', 8, 8),
});

/**
 * What real servers send and a careless reader gets wrong, by name. The echo model's server gives
 * each under `/odd/{name}`.
 */
export const ODD_RESPONSES: Record<string, () => ModelResponse> = {
  /** Python's JSON of numbers that JSON does not have. */
  notFinite: () => text('{"loss": NaN, "limits": [-Infinity, Infinity], "note": "NaN is text"}'),
  /** Whole numbers that JavaScript can't hold, as database IDs and seeds are. */
  bigNumbers: () => text('{"id": 18446744073709551615, "id_text": "18446744073709551615", "n": 7}'),
  byteOrderMark: () => text('\ufeff{"text": "Grüße"}'),
  latin1: () => bytes(Buffer.from('Grüße', 'latin1'), 'text/plain; charset=ISO-8859-1'),
  latin1Json: () =>
    bytes(Buffer.from('{"text": "Grüße"}', 'latin1'), 'application/json; charset=ISO-8859-1'),
  utf16: () => bytes(Buffer.from('\ufeffGrüße 👋', 'utf16le'), 'text/plain'),
  /** JSON with a value on each line. */
  lines: () => text('{"count": 1}\n{"count": 2}\n', 'application/x-ndjson'),
  linesCalledJson: () => text('{"count": 1}\n{"count": 2}\n'),
  xml: () => text('<?xml version="1.0"?><note>Grüße</note>', 'application/xml'),
  emptyFile: () => bytes(Buffer.alloc(0), 'application/octet-stream'),
  named: () => named('attachment; filename="fox.png"'),
  namedEncoded: () =>
    named(`attachment; filename="fox.png"; filename*=UTF-8''f%C3%BCchse%20%F0%9F%A6%8A.png`),
  /** A name that would lead out of its folder. */
  namedWithPath: () => named('attachment; filename="../../etc/fox.png"'),
  /** Several files, and a text where one of them should be. */
  files: () =>
    text(
      JSON.stringify({
        images: [drawPng('a', 8, 8), drawPng('b', 8, 8)].map((png) => png.toString('base64')),
        drawing: 'data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E',
        preview: 'none',
      }),
    ),
  /** A file whose head gives its length before it is unpacked. */
  packedFile: () => {
    const body = gzipSync(Buffer.alloc(PACKED_FILE_BYTES));
    const headers = {
      'content-type': 'application/octet-stream',
      'content-encoding': 'gzip',
      'content-length': String(body.length),
    };
    return { headers, body };
  },
};

/** Bytes of the packed file after it is unpacked: more than a client should hold in memory. */
export const PACKED_FILE_BYTES = 101_000_000;
