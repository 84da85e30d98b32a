// Decisions: docs/decisions.md, "Files in an answer are found by their bytes".

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { decodeFile, type DecodedFile } from './base64';
import { isUnsafeName, placeAt } from './dataPath';
import { findFiles } from './embeddedFiles';
import { nameOfPlace, valueIn, withReplaced, type Place } from './places';
import { storeFile, type BinaryHelpers } from './storeFile';

/** Which texts of an item's JSON become files, and how these are called. */
export interface FileSettings {
  /** Whether images, recordings, videos and PDFs are found by their bytes. */
  base64ToFiles: boolean;
  /** Dotted paths of fields that hold files of any kind; those that are missing are skipped. */
  base64Fields: string[];
  /** Name of the file; several files of an item get a number before the ending. */
  fileName?: string;
}

/** Where to look in an item's JSON, and whom to tell. */
interface MoveSettings extends FileSettings {
  /** The field of the JSON that the answer is in, if it is not the whole JSON. */
  inside?: string;
  /** Is told of each path whose field holds something else. */
  onNoFile?(path: string): void;
}

/** Name of a file that has none of its own. */
const UNNAMED = 'data';

/** A file, and the place that it is taken from. */
interface FoundFile extends DecodedFile {
  place: Place;
}

/**
 * Moves files out of an item's JSON into binary data: base64 and data URLs, single ones and lists
 * of them. A file's binary property is called like the last name of its path, and
 * `{file: <property>}` takes its place in the JSON.
 * @param json the item's JSON; it is copied, not changed
 * @param helpers n8n's helper that stores binary data
 * @returns the item, with its files
 * @throws {UserInputError} if a path is empty or unsafe
 */
export async function moveFiles(
  json: IDataObject,
  settings: MoveSettings,
  helpers: BinaryHelpers,
): Promise<INodeExecutionData> {
  const { inside, fileName } = settings;
  const root = inside === undefined ? undefined : { holder: json, key: inside };
  const files = allFiles(json, root, settings);
  if (files.length === 0) return { json };
  const binary: NonNullable<INodeExecutionData['binary']> = {};
  const changes: Parameters<typeof withReplaced>[1] = [];
  for (const [index, { place, content, type }] of files.entries()) {
    const property = freeName(nameOfPlace(place, root) ?? UNNAMED, binary);
    const isOneOfMany = files.length > 1 && fileName !== undefined;
    const name = isOneOfMany ? withNumber(fileName, index + 1) : fileName;
    binary[property] = await storeFile(helpers, content, { property, type, fileName: name });
    changes.push({ place, value: { file: property } });
  }
  return { json: withReplaced(json, changes), binary };
}

/** Splits a comma-separated list of paths; blank ones are left out. */
export function toPaths(list: string): string[] {
  return list
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

/** `fox-2.png` for the second `fox.png`. */
export function withNumber(fileName: string, number: number): string {
  const dot = fileName.lastIndexOf('.');
  return dot > 0
    ? `${fileName.slice(0, dot)}-${number}${fileName.slice(dot)}`
    : `${fileName}-${number}`;
}

function allFiles(
  json: IDataObject,
  root: Place | undefined,
  { base64Fields, base64ToFiles, onNoFile }: MoveSettings,
): FoundFile[] {
  const named = base64Fields.flatMap((path) => filesAt(json, root, path, onNoFile));
  const found = base64ToFiles ? findFiles(json, root) : [];
  const isNamed = ({ place: { holder, key } }: FoundFile) =>
    named.some(({ place }) => place.holder === holder && place.key === key);
  return [...named, ...(named.length > 0 ? found.filter((file) => !isNamed(file)) : found)];
}

/** The files of one field: the field itself, or the entries of its list. */
function filesAt(
  json: IDataObject,
  root: Place | undefined,
  path: string,
  onNoFile?: (path: string) => void,
): FoundFile[] {
  // Users write paths as the answer has them, wherever the item holds it.
  const place = placeAt(json, path) ?? (root && placeAt(valueIn(root), path, root));
  // A model may leave a field out.
  if (!place) return [];
  const value = valueIn(place);
  const places = Array.isArray(value)
    ? value.map((_, key): Place => ({ holder: value, key, above: place }))
    : [place];
  const files = places.flatMap((each) => {
    const file = decodeFile(valueIn(each));
    return file ? [{ ...file, place: each }] : [];
  });
  if (files.length < places.length) onNoFile?.(path);
  return files;
}

function freeName(name: string, taken: object): string {
  const safe = isUnsafeName(name) ? UNNAMED : name;
  let free = safe;
  for (let count = 2; Object.hasOwn(taken, free); count++) free = `${safe}_${count}`;
  return free;
}
