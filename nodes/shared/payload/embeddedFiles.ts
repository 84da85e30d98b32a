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
 * How base64 of images, recordings, videos and PDFs begins, by the code of its first letter. The
 * bytes decide; this only says which texts are worth decoding.
 * `/` and `_` are the same letter of two alphabets.
 */
const STARTS = byFirstLetter([
  ...['iVBORw0KGg', '/9j/', '_9j_', 'R0lGODdh', 'R0lGODlh', 'UklGR', 'UkY2N', 'Rk9STQ', 'Rk9STU'],
  ...['Qk', 'SUkqA', 'TU0AK', 'AAAA', 'SUQz', '//', '__', 'ZkxhQ', 'T2dnUw', 'GkXfo', 'JVBERi'],
  ...[SVG_START, 'data:image/', 'data:audio/', 'data:video/', 'data:application/pdf'],
]);

/** Whether a text may be a file. It looks at the first letters alone. */
export function mayBeFile(text: string): boolean {
  if (text.length < SHORTEST_TEXT) return false;
  const starts = STARTS[text.charCodeAt(0)];
  return starts !== undefined && starts.some((start) => text.startsWith(start));
}

/**
 * Reads an image, a recording, a video or a PDF from a text: base64 or a data URL. The bytes
 * decide, whatever a data URL says that they are.
 * @returns nothing for every other text
 */
export function mediaInText(text: unknown): Pick<EmbeddedFile, 'content' | 'type'> | undefined {
  if (typeof text !== 'string' || !mayBeFile(text) || !beginsLikeFile(text)) return undefined;
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
  const look = (place: Place) => {
    const value = valueIn(place);
    if (isContainer(value)) holders.push({ holder: value, above: place });
    const file = mediaInText(value);
    if (file) files.push({ ...file, place });
  };
  if (at) look(at);
  else holders.push({ holder: data });
  // The list grows while it is gone through.
  for (const { holder, above } of holders) {
    if (Array.isArray(holder)) holder.forEach((_, key) => look({ holder, key, above }));
    else
      for (const key of Object.keys(holder)) if (!isUnsafeName(key)) look({ holder, key, above });
  }
  return files;
}

function byFirstLetter(starts: string[]): Array<string[] | undefined> {
  const table: Array<string[] | undefined> = [];
  for (const start of starts) (table[start.charCodeAt(0)] ??= []).push(start);
  return table;
}
