import { isRecord } from '../json';

/** So much of a body is read to find a pause in it: Baseten's are far shorter. */
const MOST_BYTES = 16 * 1024;

/**
 * Reads how long a server asks to wait.
 * @param headers of the response, names in lower case
 * @param body of the response; the management API may say it there, as `retry_after` in JSON
 * @param now milliseconds since 1970; only used if the response has no `Date` of its own, since
 * this machine's clock may be off
 * @returns milliseconds, or nothing if the server did not ask, or not in a way that can be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(
  headers: Record<string, string>,
  body: Buffer,
  now: number,
): number | undefined {
  return readHeader(headers, now) ?? readBody(body);
}

function readHeader(headers: Record<string, string>, now: number): number | undefined {
  const asked = headers['retry-after']?.trim() ?? '';
  // A header that was sent twice is joined with a comma.
  const seconds = /^\d+(?:\.\d+)?(?=$|\s*,)/.exec(asked)?.[0];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const date = readDate(asked);
  if (Number.isNaN(date)) return undefined;
  const sent = readDate(headers.date ?? '');
  return Math.max(0, date - (Number.isNaN(sent) ? now : sent));
}

/** @returns milliseconds, if the body is a JSON object with so many seconds */
function readBody(body: Buffer): number | undefined {
  if (body.length > MOST_BYTES || !body.includes('retry_after')) return undefined;
  try {
    const json: unknown = JSON.parse(body.toString());
    const asked = isRecord(json) ? json.retry_after : undefined;
    const seconds = typeof asked === 'string' && asked.trim() !== '' ? Number(asked) : asked;
    return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** A date begins with the name of a day, which a comma may follow. Others follow another comma. */
const FIRST_DATE = /^[A-Za-z]{3,9},? [^,]+/;

/** @returns milliseconds since 1970, or `NaN` */
function readDate(header: string): number {
  return Date.parse(FIRST_DATE.exec(header.trim())?.[0] ?? '');
}
