/** The longest file name that is taken from a server, in characters; file systems allow no more. */
const LONGEST_NAME = 200;
/** One parameter of a header: `; name=value` or `; name="value"`. */
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;

/**
 * Reads the parameters that follow a header's value, as in `text/plain; charset="utf-8"`.
 * @param header the whole value of the header
 * @returns the values without their quotes, by their names in lower case; the first one counts
 */
export function headerParameters(header: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of header.matchAll(PARAMETER)) {
    // Only quotes and backslashes are escaped: other backslashes are those of a Windows path.
    const value = quoted?.replace(/\\(["\\])/g, '$1') ?? plain.trim();
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return parameters;
}

/**
 * The file name that a server gives in `Content-Disposition`. The encoded form (`filename*`) wins
 * over the plain one, as it has all characters.
 * @param header the header's value, if the response has it
 * @returns the name without any path; nothing if there is none that can be used
 * @see https://www.rfc-editor.org/rfc/rfc6266
 */
export function fileNameIn(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  // A header that begins with its parameters still names the file.
  const parameters = headerParameters(header.startsWith(';') ? header : `;${header}`);
  const encoded = extendedValue(parameters.get('filename*'));
  const plain = parameters.get('filename');
  return safeFileName(encoded ?? '') ?? safeFileName(plain === undefined ? '' : readPlain(plain));
}

/**
 * Takes from a file name what could lead elsewhere or can't be seen: folders, control characters
 * and marks that turn the direction of writing.
 * @returns the name; nothing if no name is left
 */
export function safeFileName(name: string): string | undefined {
  const last = name.split(/[/\\]/).pop() ?? '';
  const plain = last
    .toWellFormed()
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
  return plain === '' || plain === '.' || plain === '..' ? undefined : shortened(plain);
}

/** `UTF-8''na%C3%AFve.png`, as RFC 8187 has it. */
function extendedValue(value: string | undefined): string | undefined {
  const [charset = '', , ...rest] = value?.split("'") ?? [];
  if (rest.length === 0) return undefined;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(percentDecoded(rest.join("'")));
  } catch {
    return undefined;
  }
}

/** A plain name. Servers put UTF-8 into it as it is, or percent-encoded as browsers read it. */
function readPlain(value: string): string {
  // A client that decoded the header already gives characters beyond a byte.
  if (/[^\0-\xff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(percentDecoded(value, 'latin1'));
  } catch {
    return value;
  }
}

/**
 * Decodes `%41` and the like; everything else stays.
 * @param encoding how the other characters become bytes
 */
export function percentDecoded(text: string, encoding: 'utf8' | 'latin1' = 'utf8'): Buffer {
  const bytes = encoding === 'latin1' ? text : Buffer.from(text, 'utf8').toString('latin1');
  const decoded = bytes.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}

/** Keeps the ending, by which programs know the type. */
function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const ending = /\.[a-z0-9]{1,10}$/i.exec(name.slice(-11))?.[0] ?? '';
  return name.slice(0, LONGEST_NAME - ending.length).toWellFormed() + ending;
}
