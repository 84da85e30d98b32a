import { percentDecoded } from './headerValue';
import { typeOfBytes } from './fileSignatures';
import { cleanType, essenceOf } from './mediaType';

/** A file that was in a text. */
export interface DecodedFile {
  content: Buffer;
  /** What a data URL says about it. */
  type?: string;
}

/** The longest start of a data URL, up to its comma, in characters. */
const LONGEST_HEAD = 1000;
/**
 * From this length on, in characters, a text of base64's letters counts as a file whatever it
 * holds. A shorter one may be a word, such as `done`.
 */
const SURELY_A_FILE = 64;

/**
 * Reads a file from a text: base64, with or without line breaks, or a data URL of any encoding.
 * @returns nothing if the value is not one
 */
export function decodeFile(value: unknown): DecodedFile | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trimStart();
  if (!/^data:/i.test(text.slice(0, 5))) return decodeBare(text);
  const comma = text.slice(0, LONGEST_HEAD).indexOf(',');
  if (comma === -1) return undefined;
  const head = text.slice('data:'.length, comma).trim();
  const data = text.slice(comma + 1);
  const isBase64 = /;\s*base64$/i.test(head);
  const content = isBase64
    ? decodeBase64(data.includes('%') ? percentDecoded(data).toString('latin1') : data)
    : percentDecoded(data);
  const type = essenceOf(cleanType(isBase64 ? head.slice(0, head.lastIndexOf(';')) : head));
  // Prose may begin with "data:" and have a comma, but no media type between them.
  const isNone = content === undefined || content.length === 0 || (!isBase64 && type === '');
  return isNone ? undefined : { content, ...(type !== '' && { type }) };
}

function decodeBare(text: string): DecodedFile | undefined {
  const content = decodeBase64(text);
  if (content === undefined || content.length === 0) return undefined;
  const isPadded = text.trimEnd().endsWith('=');
  const isFile = isPadded || text.length >= SURELY_A_FILE || typeOfBytes(content) !== undefined;
  return isFile ? { content } : undefined;
}

function decodeBase64(encoded: string): Buffer | undefined {
  // Line breaks are common in base64. Spaces are not: a text that has them is prose.
  const text = encoded.trim().replace(/[\r\n]+/g, '');
  if (text.length % 4 === 1 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const hasBothAlphabets =
    (text.includes('+') || text.includes('/')) && (text.includes('-') || text.includes('_'));
  return hasBothAlphabets ? undefined : Buffer.from(text, 'base64');
}
