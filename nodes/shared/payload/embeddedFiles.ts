// Decisions: docs/decisions.md, "Files in an answer are found by their bytes".

import { decodeFile } from './base64';
import { isUnsafeName } from './dataPath';
import { mediaTypeOf, typeOfBytes } from './fileSignatures';
import { isContainer, valueIn, type Container, type Place } from './places';

/** A file that is a text in data. */
export interface EmbeddedFile {
  place: Place;
  content: Buffer;
  /** Its media type, as its bytes say. */
  type: string;
}

/** A shorter text holds no file: 24 bytes as base64. */
const SHORTEST_TEXT = 32;

/** `<svg`, the only file here that is text. */
const SVG_START = 'PHN2Z';

/**
 * How base64 of images, recordings, videos and PDFs begins. The bytes decide; this only says which
 * texts are worth decoding. `/` and `_` are the same letter of two alphabets.
 */
const STARTS = [
  ...['iVBORw0KGg', '/9j/', '_9j_', 'R0lGODdh', 'R0lGODlh', 'UklGR', 'UkY2N', 'Rk9STQ', 'Rk9STU'],
  ...['Qk', 'SUkqA', 'TU0AK', 'AAAA', 'SUQz', '//', '__', 'ZkxhQ', 'T2dnUw', 'GkXfo', 'JVBERi'],
  ...[SVG_START, 'data:image/', 'data:audio/', 'data:video/', 'data:application/pdf'],
  // Those that don't say what they are.
  ...['data:application/octet-stream;', 'data:;base64,'],
];

/** The codes of the letters in `STARTS` are smaller. */
const LETTERS = 128;

/** Holds a 1 at the place of each two letters that a file may begin with. */
const FIRST_TWO = new Uint8Array(LETTERS * LETTERS);
for (const start of STARTS) FIRST_TWO[placeOfFirstTwo(start)] = 1;

/** Up to so many characters a text is decoded at once, which costs less than another look at it. */
const SHORT_TEXT = 1000;

/**
 * Whether a text may be a file. Every text of every answer comes here, and nearly all are known by
 * their length or their first two letters. Hashes and keys begin like a file now and then, so short
 * texts are decoded.
 */
export function mayBeFile(text: string): boolean {
  return text.length >= SHORTEST_TEXT && FIRST_TWO[placeOfFirstTwo(text)] === 1 && isWorthIt(text);
}

/** Other letters than those in `STARTS` may have the place of two of them: that does no harm. */
function placeOfFirstTwo(text: string): number {
  return text.charCodeAt(0) * LETTERS + text.charCodeAt(1);
}

function isWorthIt(text: string): boolean {
  if (!STARTS.some((start) => text.startsWith(start))) return false;
  return text.length > SHORT_TEXT ? beginsLikeFile(text) : decoded(text) !== undefined;
}

/**
 * Reads an image, a recording, a video or a PDF from a text: base64 or a data URL. The bytes
 * decide, whatever a data URL says that they are.
 * @returns nothing for every other text
 */
export function mediaInText(text: unknown): Pick<EmbeddedFile, 'content' | 'type'> | undefined {
  return typeof text === 'string' && mayBeFile(text) ? decoded(text) : undefined;
}

function decoded(text: string): Pick<EmbeddedFile, 'content' | 'type'> | undefined {
  const content = decodeFile(text)?.content;
  const type = content && mediaTypeOf(content);
  return content && type !== undefined ? { content, type } : undefined;
}

/** Reads the first bytes, so that a long text which is something else is not decoded. */
function beginsLikeFile(text: string): boolean {
  if (text.startsWith('data:') || text.startsWith(SVG_START)) return true;
  return typeOfBytes(Buffer.from(text.slice(0, SHORTEST_TEXT), 'base64')) !== undefined;
}

/**
 * Finds all images, recordings, videos and PDFs that are texts in data. Those that are less deep
 * come first, otherwise they are in the data's order.
 * @param data of any shape; it is not changed
 * @param at where to look, if not in the whole data
 */
export function findFiles(data: Container, at?: Place): EmbeddedFile[] {
  const files: EmbeddedFile[] = [];
  const holders: Array<{ holder: Container; above?: Place }> = [];
  const take = (value: unknown, place: Place) => {
    if (isContainer(value)) holders.push({ holder: value, above: place });
    const file = mediaInText(value);
    if (file) files.push({ ...file, place });
  };
  // Most values are numbers and texts that are no files: no place is noted for these.
  const look = (holder: Container, key: string | number, above?: Place) => {
    const value = (holder as Record<string | number, unknown>)[key];
    const isWorth = typeof value === 'string' ? mayBeFile(value) : isContainer(value);
    if (isWorth && !(typeof key === 'string' && isUnsafeName(key)))
      take(value, { holder, key, above });
  };
  if (at) take(valueIn(at), at);
  else holders.push({ holder: data });
  // The list grows while it is gone through.
  for (const { holder, above } of holders) {
    if (Array.isArray(holder))
      for (let key = 0; key < holder.length; key++) look(holder, key, above);
    else for (const key of Object.keys(holder)) look(holder, key, above);
  }
  return files;
}
