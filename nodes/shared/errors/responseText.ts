import { isRecord } from '../json';

/** Fields in which servers say what went wrong, in the order in which they are read. */
const WORD_FIELDS = [
  'error',
  'message',
  'msg',
  'detail',
  'details',
  'errors',
  'reason',
  'description',
  'title',
];
/** Fields in which a server repeats what it was sent and that must not be shown. */
const HIDDEN_FIELDS = /^(.*headers?|.*authorization|.*cookies?|.*api[-_]?key|.*secret|.*token)$/i;
/** The most characters that are shown. */
const LONGEST = 1000;
/** The most characters that are read of a text or a web page: what matters stands at its start. */
const MOST_READ = 16 * 1024;
/** Where a text was cut, so many of its last characters may be a piece of a secret. */
const CUT_PIECE = 64;
/** The most characters of the place in the input that a validation error names. */
const LONGEST_PLACE = 200;
const DEEPEST = 6;
/** If a larger share of its characters is unreadable, a text counts as bytes. */
const UNREADABLE = 0.1;

/** What a response says in words. */
export interface ResponseText {
  /** What went wrong; absent if nothing readable was said. */
  detail?: string;
  /** Baseten's `error_code`. */
  code?: string;
  /** Whether the response is a web page. */
  isPage: boolean;
}

/**
 * Finds the words in a response of any shape: JSON, text, or the title of a web page.
 * @param response the whole text
 * @param hide takes out what must not be shown
 */
export function readResponseText(response: string, hide: (text: string) => string): ResponseText {
  const text = response.trim();
  const json = parse(text);
  if (json === undefined) return { detail: readable(text, hide), isPage: isPage(text) };
  const code = isRecord(json) && typeof json.error_code === 'string' ? json.error_code : undefined;
  return {
    detail: readable(wordsIn(json), hide),
    code: code === undefined ? undefined : readable(code, hide),
    isPage: false,
  };
}

/**
 * The start of a text, as a message can show it. Of a long text only the first few KiB are read, so
 * the time that it takes does not grow with the text.
 * @param hide takes out what must not be shown
 * @param longest the most characters that are shown; 1,000 by default
 * @returns the title if the text is a web page, and nothing if it is not readable
 */
export function readable(
  text: string,
  hide: (text: string) => string,
  longest = LONGEST,
): string | undefined {
  const start = text.slice(0, MOST_READ);
  const words = isPage(start) ? titleOf(start) : start;
  const unreadable =
    words.match(/[\p{Cc}\uFFFD]/gu)?.filter((character) => !/\s/.test(character)).length ?? 0;
  if (unreadable > words.length * UNREADABLE) return undefined;
  // JavaScript writes "[object Object]" if an object stands in the place of a text.
  const sayable = words.replace(/(?!\s)\p{Cc}/gu, '').replaceAll('[object Object]', '{…}');
  // What must not be shown is taken out before anything is cut: half of a key is not recognised.
  const hidden = hide(sayable);
  const plain = (start === text ? hidden : hidden.slice(0, -CUT_PIECE)).trim();
  if (plain === '') return undefined;
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}

/** Whether a text is a web page, or the start of one. */
export function isPage(text: string): boolean {
  return /<(?:!doctype|html|head|body|title)\b/i.test(text.slice(0, LONGEST));
}

/**
 * The title of a web page, or its first heading. It is searched for step by step: an expression
 * that takes the tags and what lies between them at once can go back over the page for each tag.
 */
function titleOf(page: string): string {
  const start = page.slice(0, MOST_READ);
  // Unlike `toLowerCase`, this keeps every letter at its place.
  const lower = start.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  for (const name of ['title', 'h1']) {
    const tag = lower.search(new RegExp(`<${name}[\\s/>]`));
    if (tag < 0) continue;
    const begin = lower.indexOf('>', tag) + 1;
    const end = lower.indexOf(`</${name}`, begin);
    if (begin > 0 && end >= 0) return withoutTags(start.slice(begin, end));
  }
  return '';
}

function withoutTags(html: string): string {
  const [first, ...others] = html.split('<');
  // Each of the others begins with the name of a tag, and the text behind it. If no tag ends in it,
  // the sign before it stood for "less than".
  const texts = others.map((part) =>
    part.includes('>') ? ` ${part.slice(part.indexOf('>') + 1)}` : `<${part}`,
  );
  return [first, ...texts].join('').replace(/\s+/g, ' ').trim();
}

function wordsIn(json: unknown): string {
  const words = [...new Set(collect(json, 0))];
  if (words.length > 0) return words.join(' — ');
  const isEmpty = json === null || (typeof json === 'object' && Object.keys(json).length === 0);
  return isEmpty ? '' : asText(json);
}

/** A value as JSON, without what a server may have repeated of a request's headers. */
function asText(json: unknown): string {
  try {
    return JSON.stringify(json, (name, value: unknown) =>
      HIDDEN_FIELDS.test(name) ? undefined : value,
    );
  } catch {
    // JavaScript can read JSON that is nested deeper than it can write.
    return '';
  }
}

function collect(value: unknown, depth: number): string[] {
  if (typeof value === 'string')
    return hasWords(value) ? [isPage(value) ? titleOf(value) : value.trim()] : [];
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => collect(entry, depth + 1));
  if (!isRecord(value)) return [];
  const words = WORD_FIELDS.flatMap((field) => collect(value[field], depth + 1));
  // A validation error says in which field of the input it is.
  const place = placeIn(value.loc);
  return place === '' ? words : words.map((word) => `${place}: ${word}`);
}

/** `body.text` for a list of names and positions. The length is limited: each word gets it. */
function placeIn(loc: unknown): string {
  if (!Array.isArray(loc)) return '';
  const steps = loc.filter((step) => typeof step === 'string' || typeof step === 'number');
  return steps.slice(0, LONGEST_PLACE).join('.').slice(0, LONGEST_PLACE);
}

function hasWords(text: string): boolean {
  return text.trim() !== '' && text.trim() !== '[object Object]';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
