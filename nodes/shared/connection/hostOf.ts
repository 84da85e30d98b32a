/** Requests of a run have one URL as a rule, and parsing it for each of them takes time. */
let last = { url: '', host: '' };

/** @returns host and port of a URL @throws {TypeError} if it is not a URL */
export function hostOf(url: string): string {
  if (url !== last.url) last = { url, host: new URL(url).host };
  return last.host;
}
