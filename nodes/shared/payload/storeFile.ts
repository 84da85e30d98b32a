// Decisions: docs/decisions.md, "Files go into n8n's store while they arrive".

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { followedBy, readStart } from '../chunks';
import { storable } from './files';
import { endingOf, essenceOf, UNKNOWN_ENDING } from './mediaType';
import { isUtf8 } from './text';

/** n8n's helper that stores binary data. */
export type BinaryHelpers = Pick<IExecuteFunctions['helpers'], 'prepareBinaryData'>;

/** What is known about a file. */
export interface FileFacts {
  /** The binary property it goes into; a file without a name is called like it. */
  property: string;
  /** Its media type; found from its bytes if it is not known. */
  type?: string;
  /** Its name, if it has one. */
  fileName?: string;
}

/**
 * So many bytes of a file are read before it is stored, so that the request can be repeated if the
 * response breaks off. A smaller file is stored as a whole.
 */
export const HELD_BYTES = 1_000_001;
/** n8n looks at this many bytes to recognise a file's type. */
const FILE_TYPE_BYTES = 4100;
/** What n8n calls bytes that it does not recognise. */
const UNRECOGNISED = 'text/plain';
const BYTES = 'application/octet-stream';

/**
 * Puts a file into n8n's store.
 * @param content its bytes, which may still be coming
 * @returns what an item holds about it
 * @throws what reading the bytes throws, or the store
 */
export async function storeFile(
  helpers: BinaryHelpers,
  content: Buffer | AsyncIterable<Uint8Array>,
  { property, type = '', fileName }: FileFacts,
): Promise<IBinaryData> {
  const known = { type: essenceOf(type) === BYTES ? undefined : type || undefined, fileName };
  const binary = Buffer.isBuffer(content)
    ? await storeWhole(helpers, content, known)
    : await storeWhileReading(helpers, content, known);
  binary.fileName = fileName ?? `${property}.${endingFor(binary)}`;
  return binary;
}

/** n8n's ending of some types is not the one that people know: `mpga` for an MP3. */
function endingFor({ mimeType, fileExtension }: IBinaryData): string {
  const ending = endingOf(mimeType);
  return ending === UNKNOWN_ENDING ? (fileExtension ?? ending) : ending;
}

type Known = Pick<FileFacts, 'type' | 'fileName'>;

/** @param isCut whether these are only the first bytes of a file */
async function storeWhole(
  helpers: BinaryHelpers,
  content: Buffer,
  { type, fileName }: Known,
  isCut = false,
): Promise<IBinaryData> {
  const binary = await helpers.prepareBinaryData(content, fileName, type);
  if (type === undefined && binary.mimeType === UNRECOGNISED) correct(binary, content, isCut);
  return binary;
}

/** Says what bytes are that n8n took for plain text because it did not recognise them. */
function correct(binary: IBinaryData, content: Buffer, isCut: boolean): void {
  const isText = content.length > 0 && isUtf8(content, isCut) && !content.includes(0);
  const type = !isText ? BYTES : (markupType(content) ?? UNRECOGNISED);
  if (type === UNRECOGNISED) return;
  binary.mimeType = type;
  if (!isText) delete binary.fileType;
  else if (type === 'image/svg+xml') binary.fileType = 'image';
  else if (type === 'text/html') binary.fileType = 'html';
  binary.fileExtension = endingOf(type);
}

/** @returns nothing if the text does not begin like XML or a web page */
function markupType(content: Buffer): string | undefined {
  const start = content
    .toString('utf8', 0, FILE_TYPE_BYTES)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (/^<(?:!doctype html|html)\b/i.test(start)) return 'text/html';
  if (/^<svg\b/.test(start) || (/^<[?!]/.test(start) && start.includes('<svg')))
    return 'image/svg+xml';
  return start.startsWith('<?xml') ? 'application/xml' : undefined;
}

/**
 * Stores a file while it is read. n8n can recognise the type of a buffer, but not of a stream. So
 * its first bytes are stored as a buffer before it, only to learn the type.
 */
async function storeWhileReading(
  helpers: BinaryHelpers,
  body: AsyncIterable<Uint8Array>,
  known: Known,
): Promise<IBinaryData> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    const { start, isWhole } = await readStart(HELD_BYTES, chunks);
    if (isWhole) return await storeWhole(helpers, start, known);
    const whole = storable(followedBy(start, chunks));
    const { fileName } = known;
    if (known.type !== undefined)
      return await helpers.prepareBinaryData(whole, fileName, known.type);
    const { mimeType, fileExtension } = await storeWhole(
      helpers,
      start.subarray(0, FILE_TYPE_BYTES),
      known,
      true,
    );
    return { ...(await helpers.prepareBinaryData(whole, fileName, mimeType)), fileExtension };
  } finally {
    // If the store gave up, the connection is still open. Nothing needs to wait until it is closed.
    chunks.return?.().catch(() => undefined);
  }
}
