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
const LONGEST = 1000;
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
 * @param body the bytes of the response
 * @param hide takes out what must not be shown
 */
export function readResponseText(body: Buffer, hide: (text: string) => string): ResponseText {
  const text = body.toString('utf8').trim();
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
 * The start of a text, as a message can show it.
 * @param hide takes out what must not be shown
 * @returns the title if the text is a web page, and nothing if it is not readable
 */
export function readable(text: string, hide: (text: string) => string): string | undefined {
  const words = isPage(text) ? titleOf(text) : text;
  const unreadable =
    words.match(/[\p{Cc}\uFFFD]/gu)?.filter((character) => !/\s/.test(character)).length ?? 0;
  if (unreadable > words.length * UNREADABLE) return undefined;
  // JavaScript writes "[object Object]" if an object stands in the place of a text.
  const sayable = words.replace(/(?!\s)\p{Cc}/gu, '').replaceAll('[object Object]', '{…}');
  const plain = hide(sayable).trim();
  if (plain === '') return undefined;
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
}

/** Whether a text is a web page, or the start of one. */
export function isPage(text: string): boolean {
  return /<(!doctype|html|head|body|title)\b/i.test(text.slice(0, LONGEST));
}

function titleOf(page: string): string {
  const title = /<(title|h1)\b[^>]*>([\s\S]*?)<\/\1>/i.exec(page)?.[2] ?? '';
  return title
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function wordsIn(json: unknown): string {
  const words = [...new Set(collect(json, 0))];
  if (words.length > 0) return words.join(' — ');
  const isEmpty = json === null || (typeof json === 'object' && Object.keys(json).length === 0);
  return isEmpty
    ? ''
    : JSON.stringify(json, (name, value: unknown) =>
        HIDDEN_FIELDS.test(name) ? undefined : value,
      );
}

function collect(value: unknown, depth: number): string[] {
  if (typeof value === 'string')
    return hasWords(value) ? [isPage(value) ? titleOf(value) : value.trim()] : [];
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => collect(entry, depth + 1));
  if (!isRecord(value)) return [];
  const words = WORD_FIELDS.flatMap((field) => collect(value[field], depth + 1));
  // A validation error says in which field of the input it is.
  const place = Array.isArray(value.loc) ? value.loc.join('.') : '';
  return place === '' ? words : words.map((word) => `${place}: ${word}`);
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
