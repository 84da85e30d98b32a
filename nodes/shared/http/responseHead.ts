/** A coding of a response's body that both ways can unpack. */
const CODING = /^(?:x-)?gzip$|^deflate$|^br$/;
/** A content type that follows another one in the same header. */
const SECOND_TYPE = /,\s*[\w.+-]+\/.*$/s;

/**
 * Brings headers into one shape, whichever way they came.
 * @param pairs names and values; a value may be a list, and a name may come twice
 * @returns names in lower case; several values of a name are joined with commas
 */
export function toHeaders(pairs: Iterable<[string, unknown]>): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [anyName, value] of pairs) {
    const name = anyName.toLowerCase();
    const before = headers.get(name);
    const text = Array.isArray(value) ? value.join(', ') : String(value);
    headers.set(name, before === undefined ? text : `${before}, ${text}`);
  }
  const type = headers.get('content-type');
  // Node's own client takes the first type, and fetch joins them.
  if (type !== undefined) headers.set('content-type', type.replace(SECOND_TYPE, ''));
  return Object.fromEntries(headers);
}

/**
 * Reads how a body was packed.
 * @returns the codings in the order in which they were applied; none if one of them is unknown
 */
export function codingsOf(headers: Record<string, string>): string[] {
  const header = headers['content-encoding'] ?? '';
  const codings = header.split(',').map((coding) => coding.trim().toLowerCase());
  return codings.every((coding) => CODING.test(coding)) ? codings : [];
}

/** The headers without what they say of a packed body, for one that is unpacked. */
export function unpackedHeaders(headers: Record<string, string>): Record<string, string> {
  const kept = { ...headers };
  delete kept['content-encoding'];
  delete kept['content-length'];
  return kept;
}
