import { isRecord } from '../json';

/** Fields in which servers put what went wrong, in the order in which they are read. */
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
/** Fields of an answer that repeat what was sent, and what must not be shown of it. */
const HIDDEN_FIELDS = /^(.*headers?|.*authorization|.*cookies?|.*api[-_]?key|.*secret|.*token)$/i;
const LONGEST = 1000;
const DEEPEST = 6;
/** The part of a text that may be unreadable before it counts as no text. */
const UNREADABLE = 0.1;

/** What an answer says in words. */
export interface ResponseText {
  /** Absent where it says nothing readable. */
  detail?: string;
  /** Baseten's `error_code`. */
  code?: string;
  /** Whether it is a web page. */
  isPage: boolean;
}

/**
 * Finds the words in an answer of any shape: JSON, text, or the title of a web page.
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

/** The start of a text that a message can show: of a web page its title, of bytes nothing. */
export function readable(text: string, hide: (text: string) => string): string | undefined {
  const words = isPage(text) ? titleOf(text) : text;
  const unreadable =
    words.match(/[\p{Cc}\uFFFD]/gu)?.filter((character) => !/\s/.test(character)).length ?? 0;
  if (unreadable > words.length * UNREADABLE) return undefined;
  // What some languages make of an object that stands where a text belongs.
  const sayable = words.replace(/(?!\s)\p{Cc}/gu, '').replaceAll('[object Object]', '{…}');
  const plain = hide(sayable).trim();
  if (plain === '') return undefined;
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
}

/** Whether a text is a web page, or a piece of one. */
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
    return isSaying(value) ? [isPage(value) ? titleOf(value) : value.trim()] : [];
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => collect(entry, depth + 1));
  if (!isRecord(value)) return [];
  const words = WORD_FIELDS.flatMap((field) => collect(value[field], depth + 1));
  // Where in the input a validation error is.
  const place = Array.isArray(value.loc) ? value.loc.join('.') : '';
  return place === '' ? words : words.map((word) => `${place}: ${word}`);
}

function isSaying(text: string): boolean {
  return text.trim() !== '' && text.trim() !== '[object Object]';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
