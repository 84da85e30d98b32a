/**
 * Reads how long a server asks to wait.
 * @param headers of the response, names in lower case
 * @param now milliseconds since 1970; only used if the response has no `Date` of its own, since
 * this machine's clock may be off
 * @returns milliseconds, or nothing if the server did not ask, or not in a way that can be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(headers: Record<string, string>, now: number): number | undefined {
  const asked = headers['retry-after']?.trim() ?? '';
  // A header that was sent twice is joined with a comma.
  const seconds = /^\d+(?:\.\d+)?(?=$|\s*,)/.exec(asked)?.[0];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const date = readDate(asked);
  if (Number.isNaN(date)) return undefined;
  const sent = readDate(headers.date ?? '');
  return Math.max(0, date - (Number.isNaN(sent) ? now : sent));
}

/** A date begins with the name of a day, which a comma may follow. Others follow another comma. */
const FIRST_DATE = /^[A-Za-z]{3,9},? [^,]+/;

/** @returns milliseconds since 1970, or `NaN` */
function readDate(header: string): number {
  return Date.parse(FIRST_DATE.exec(header.trim())?.[0] ?? '');
}
