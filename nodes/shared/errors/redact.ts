// Decisions: docs/decisions.md, "Secrets never reach an item, an error, a log or a URL".

import type { Connection } from '../connection/connection';
import { WRITINGS, type Writing } from './writings';

/** A text that was cut ends with this. */
const CUT = '…';
/** So many cuts in a text are looked at, from its end. */
const MOST_CUTS = 20;
/** So many characters before a cut are looked at. */
const BEFORE_CUT = 100;
const SHOWN = '[API key]';

/** The parts of a connection that must never be shown. */
export function secretsOf({
  apiKey,
  managementKey,
  webhookSecrets,
}: Pick<Connection, 'apiKey' | 'managementKey' | 'webhookSecrets'>): string[] {
  return [...new Set([apiKey, managementKey, ...webhookSecrets])];
}

/**
 * Takes secrets out of a text: as they are, in pieces, encoded for a URL, in base64, in
 * hexadecimal and as a list of codes; in large or small letters, and with spaces or characters
 * that nobody sees in between. Before "…" the beginning of a secret is enough. Other keys are
 * taken out if the words of a header stand before them.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const hidden = searchesFor(secrets).reduce(
    (shown, search) => withoutBeginnings(withoutPieces(shown, search), search),
    text,
  );
  // A key has a digit, a word has none: "Bearer authentication" stays.
  return hidden.replace(/\b(Bearer|Basic|Api-Key) +(?=[^\s"']*\d)[\w.~+/=-]{8,}/gi, '$1 [hidden]');
}

/** How secrets are looked for in one way of writing. */
interface Search {
  writing: Writing;
  /** How the secrets look. Capitals don't matter. */
  forms: string[];
  /** The pieces by which they are recognised, by their length. */
  pieces: Map<number, Set<string>>;
  /** Codes of the characters with which a piece begins. */
  beginnings: Set<number>;
}

/** Made once for the many errors of a run. */
let lastSearches: { secrets: string; searches: Search[] } | undefined;

function searchesFor(secrets: readonly string[]): Search[] {
  const all = JSON.stringify(secrets);
  if (lastSearches?.secrets !== all)
    lastSearches = {
      secrets: all,
      searches: WRITINGS.map((writing) => toSearch(writing, secrets)),
    };
  return lastSearches.searches;
}

function toSearch(writing: Writing, secrets: readonly string[]): Search {
  const long = secrets.filter(({ length }) => length >= writing.shortest);
  const forms = long.flatMap((secret) => writing.formsOf(secret)).map(smallLetters);
  const search: Search = { writing, forms, pieces: new Map(), beginnings: new Set() };
  for (const form of forms) {
    const length = Math.min(writing.piece, form.length);
    const known = search.pieces.get(length) ?? new Set();
    search.pieces.set(length, known);
    for (let at = 0; at + length <= form.length; at++) {
      known.add(form.slice(at, at + length));
      search.beginnings.add(form.charCodeAt(at));
    }
  }
  return search;
}

/** Hides secrets that a text holds in one way, and pieces of them. */
function withoutPieces(text: string, search: Search): string {
  if (search.forms.length === 0) return text;
  const { letters, places } = lettersThatCount(text, search.writing);
  let shown = '';
  let shownTo = 0;
  for (let at = 0; at < letters.length;) {
    const end = endOfSecret(letters, at, search);
    if (end === at) {
      at++;
      continue;
    }
    shown += `${text.slice(shownTo, places[at])}${SHOWN}`;
    shownTo = (places[end - 1] as number) + 1;
    at = end;
  }
  return shown + text.slice(shownTo);
}

/** @returns where the secret that begins at a place ends; that place if none begins there */
function endOfSecret(letters: string, begin: number, { pieces, beginnings }: Search): number {
  if (!beginnings.has(letters.charCodeAt(begin))) return begin;
  for (const [length, known] of pieces) {
    if (!known.has(letters.slice(begin, begin + length))) continue;
    let end = begin + length;
    while (end < letters.length && known.has(letters.slice(end - length + 1, end + 1))) end++;
    return end;
  }
  return begin;
}

/**
 * Hides what a cut has left of a secret: its beginning, which is too short to be known as a piece
 * if it stands anywhere else.
 */
function withoutBeginnings(text: string, { writing, forms }: Search): string {
  const shortest = Math.ceil(writing.piece / 3);
  let shown = text;
  let cut = text.length;
  for (let cuts = 0; cuts < MOST_CUTS && cut > 0 && forms.length > 0; cuts++) {
    cut = shown.lastIndexOf(CUT, cut - 1);
    if (cut < 0) break;
    const from = Math.max(0, cut - BEFORE_CUT);
    const { letters, places } = lettersThatCount(shown.slice(from, cut), writing);
    let at = Math.max(0, letters.length - writing.piece);
    while (at < letters.length && !forms.some((form) => form.startsWith(letters.slice(at)))) at++;
    if (letters.length - at < shortest) continue;
    const begin = from + (places[at] as number);
    shown = `${shown.slice(0, begin)}${SHOWN}${shown.slice(cut)}`;
    cut = begin;
  }
  return shown;
}

/** The characters of a text that count, in small letters, and where each of them stands. */
function lettersThatCount(text: string, writing: Writing): { letters: string; places: number[] } {
  const places: number[] = [];
  let letters = '';
  for (let at = 0; at < text.length; at++) {
    if (!writing.counts(text, at)) continue;
    places.push(at);
    letters += text[at];
  }
  return { letters: smallLetters(letters), places };
}

/** Unlike `toLowerCase`, this keeps every letter at its place. */
function smallLetters(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
