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
  const date = Date.parse(asked);
  if (Number.isNaN(date)) return undefined;
  const sent = Date.parse(headers.date ?? '');
  return Math.max(0, date - (Number.isNaN(sent) ? now : sent));
}
