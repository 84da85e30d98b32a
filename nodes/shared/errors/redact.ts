// Decisions: docs/decisions.md, "Secrets never reach an item, an error, a log or a URL".

import type { Connection } from '../connection/connection';

/** A piece of a secret is hidden, too, if it has at least this many characters. */
const PIECE = 10;
/** A shorter text is not taken for a secret. */
const SHORTEST = 4;

/** The parts of a connection that must never be shown. */
export function secretsOf({
  apiKey,
  webhookSecrets,
}: Pick<Connection, 'apiKey' | 'webhookSecrets'>): string[] {
  return [apiKey, ...webhookSecrets];
}

/**
 * Takes secrets out of a text: as they are, in pieces, encoded for a URL and in base64. Other keys
 * are taken out if the words of a header stand before them.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const hidden = secrets.flatMap(formsOf).reduce(withoutForm, text);
  // A key has a digit, a word has none: "Bearer authentication" stays.
  return hidden.replace(/\b(Bearer|Basic|Api-Key) +(?=[^\s"']*\d)[\w.~+/=-]{8,}/gi, '$1 [hidden]');
}

/**
 * The forms that a secret can have in a text. One that is too short has none: it would be found in
 * every text.
 */
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

/**
 * A text in base64 if so many bytes stand before it, without the characters that other bytes have a
 * share in.
 */
function base64After(text: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  return bytes
    .toString('base64')
    .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

/** Hides a form of a secret in a text, and pieces of that form. */
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
