/**
 * Reads a URL. `URL.canParse` is not used: in Node 20 it refuses some addresses with letters such
 * as Ä once it has been called often.
 * @returns nothing if the text is not a URL
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
