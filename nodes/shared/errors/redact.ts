import type { Connection } from '../connection/connection';

/** A piece of a secret that is as long as this is hidden like the whole. */
const PIECE = 10;
/** Characters that a secret has at least. */
const SHORTEST = 4;

/** What must never be shown of a connection. */
export function secretsOf({
  apiKey,
  webhookSecrets,
}: Pick<Connection, 'apiKey' | 'webhookSecrets'>): string[] {
  return [apiKey, ...webhookSecrets];
}

/**
 * Takes secrets out of a text: as they are, in parts, encoded for a URL and in base64. Takes other keys out where a
 * header's words give them away.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const hidden = secrets.flatMap(formsOf).reduce(withoutForm, text);
  // The digit tells a key from a word: "Bearer authentication" stays.
  return hidden.replace(/\b(Bearer|Basic|Api-Key) +(?=[^\s"']*\d)[\w.~+/=-]{8,}/gi, '$1 [hidden]');
}

/** What a secret can look like. Of one that is too short to be a secret nothing is hidden: every text would have it. */
function formsOf(secret: string): string[] {
  if (secret.length < PIECE) return secret.length < SHORTEST ? [] : [secret];
  const url = encodeURIComponent(secret);
  const inBase64 = [0, 1, 2].flatMap((before) => {
    const base64 = base64After(secret, before);
    return [base64, base64.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    ...new Set([secret, url, url.replace(/%../g, (code) => code.toLowerCase()), ...inBase64]),
  ];
}

/** The characters that a text is in base64 when so many bytes stand before it; those it shares with others are left out. */
function base64After(text: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  return bytes
    .toString('base64')
    .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

/** Hides the form, and what stands in the text of it. */
function withoutForm(text: string, form: string): string {
  const length = Math.min(PIECE, form.length);
  const pieces = new Set(
    Array.from({ length: form.length - length + 1 }, (_, at) => form.slice(at, at + length)),
  );
  let shown = '';
  for (let at = 0; at < text.length;) {
    if (!pieces.has(text.slice(at, at + length))) {
      shown += text[at++];
      continue;
    }
    at += length;
    while (at < text.length && pieces.has(text.slice(at - length + 1, at + 1))) at++;
    shown += '[API key]';
  }
  return shown;
}
