import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { decodeFile, type DecodedFile } from './base64';
import { lastName, readAt, takeAt } from './dataPath';
import { storeFile, type BinaryHelpers } from './storeFile';

/** How files are taken out of an item's JSON. */
export interface MoveSettings {
  /** A field of the JSON that paths may also start from. */
  inside?: string;
  /** Name of the file; several files of an item get a number before the ending. */
  fileName?: string;
  /** Is told of each path whose field holds something else. */
  onNoFile?(path: string): void;
}

/**
 * Moves files out of an item's JSON into binary data, under the last name of their path: base64
 * and data URLs, single ones and lists of them. A field that holds something else stays.
 * @param json the item's JSON; it is copied, not changed
 * @param paths dotted paths of the fields; fields that are missing or null are skipped
 * @param helpers n8n's helper that stores binary data
 * @returns the item, with its files
 * @throws {UserInputError} if a path is empty or unsafe
 */
export async function moveBase64(
  json: IDataObject,
  paths: string[],
  helpers: BinaryHelpers,
  { inside, fileName, onNoFile }: MoveSettings = {},
): Promise<INodeExecutionData> {
  if (paths.length === 0) return { json };
  const item: INodeExecutionData = { json: structuredClone(json) };
  const files: Array<DecodedFile & { name: string }> = [];
  for (const path of paths) {
    const root = [item.json, inside === undefined ? undefined : item.json[inside]].find(
      (start) => readAt(start, path) !== undefined,
    );
    // A model may leave a field out.
    if (root === undefined) continue;
    const taken = takeFiles(root, path);
    if (taken.areAll === false) onNoFile?.(path);
    files.push(...taken.files.map((file) => ({ ...file, name: lastName(path) })));
  }
  for (const [index, { content, type, name }] of files.entries()) {
    item.binary ??= {};
    const property = freeName(name, item.binary);
    const numbered = files.length > 1 ? withNumber(fileName, index + 1) : fileName;
    item.binary[property] = await storeFile(helpers, content, {
      property,
      type,
      fileName: numbered,
    });
  }
  return item;
}

/** Splits a comma-separated list of paths; blank ones are left out. */
export function toPaths(list: string): string[] {
  return list
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

/** Takes the files of one field out of the data, and leaves what is none. */
function takeFiles(root: unknown, path: string): { files: DecodedFile[]; areAll: boolean } {
  const value = readAt(root, path);
  if (Array.isArray(value) && value.length === 0) return { files: [], areAll: true };
  const entries = Array.isArray(value) ? value : [value];
  const decoded = entries.map(decodeFile);
  const files = decoded.filter((file) => file !== undefined);
  const areAll = files.length === entries.length;
  if (areAll) takeAt(root, path);
  // In a list, null takes the place of a file that was moved.
  else if (Array.isArray(value))
    decoded.forEach((file, index) => {
      if (file !== undefined) value[index] = null;
    });
  return { files, areAll };
}

/** `fox-2.png` for the second `fox.png`. */
function withNumber(fileName: string | undefined, number: number): string | undefined {
  if (fileName === undefined) return undefined;
  const dot = fileName.lastIndexOf('.');
  return dot > 0
    ? `${fileName.slice(0, dot)}-${number}${fileName.slice(dot)}`
    : `${fileName}-${number}`;
}

function freeName(name: string, taken: object): string {
  let free = name;
  for (let count = 2; Object.hasOwn(taken, free); count++) free = `${name}_${count}`;
  return free;
}
