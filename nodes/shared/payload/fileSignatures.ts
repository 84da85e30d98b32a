/** How a kind of file begins. */
interface Signature {
  /** The bytes, as Latin-1. */
  start: string;
  /** Where they begin. */
  at: number;
  /** Media type of the file. */
  type: string;
  /** Whether the file goes on as such files do. Without it the first bytes are enough. */
  isWhole?(content: Buffer): boolean;
}

const SIGNATURES: Signature[] = [
  {
    start: '\x89PNG\r\n\x1a\n',
    at: 0,
    type: 'image/png',
    isWhole: (file) => has(file, 'IHDR', 12),
  },
  { start: '\xff\xd8\xff', at: 0, type: 'image/jpeg', isWhole: isJpeg },
  { start: 'GIF87a', at: 0, type: 'image/gif' },
  { start: 'GIF89a', at: 0, type: 'image/gif' },
  { start: 'WEBP', at: 8, type: 'image/webp', isWhole: isRiff },
  { start: 'WAVE', at: 8, type: 'audio/wav', isWhole: isRiff },
  { start: 'AVI ', at: 8, type: 'video/x-msvideo', isWhole: isRiff },
  { start: 'AIFF', at: 8, type: 'audio/aiff', isWhole: (file) => has(file, 'FORM', 0) },
  { start: 'BM', at: 0, type: 'image/bmp', isWhole: isBmp },
  { start: 'II*\0', at: 0, type: 'image/tiff', isWhole: isTiff },
  { start: 'MM\0*', at: 0, type: 'image/tiff', isWhole: isTiff },
  { start: 'ftypavif', at: 4, type: 'image/avif', isWhole: isIsoMedia },
  { start: 'ftypheic', at: 4, type: 'image/heic', isWhole: isIsoMedia },
  { start: 'ftypmif1', at: 4, type: 'image/heic', isWhole: isIsoMedia },
  { start: 'ftypM4A', at: 4, type: 'audio/mp4', isWhole: isIsoMedia },
  { start: 'ftypqt', at: 4, type: 'video/quicktime', isWhole: isIsoMedia },
  { start: 'ftyp', at: 4, type: 'video/mp4', isWhole: isIsoMedia },
  { start: 'ID3', at: 0, type: 'audio/mpeg', isWhole: isId3 },
  { start: '\xff\xfb', at: 0, type: 'audio/mpeg', isWhole: isMp3 },
  { start: '\xff\xf3', at: 0, type: 'audio/mpeg', isWhole: isMp3 },
  { start: '\xff\xf2', at: 0, type: 'audio/mpeg', isWhole: isMp3 },
  { start: '\xff\xfa', at: 0, type: 'audio/mpeg', isWhole: isMp3 },
  { start: 'fLaC', at: 0, type: 'audio/flac', isWhole: (file) => (byteAt(file, 4) & 0x7f) === 0 },
  { start: 'OggS\0', at: 0, type: 'audio/ogg' },
  { start: '\x1aE\xdf\xa3', at: 0, type: 'video/webm', isWhole: isMatroska },
  { start: '%PDF-', at: 0, type: 'application/pdf', isWhole: isPdf },
  { start: 'PK\x03\x04', at: 0, type: 'application/zip' },
  { start: '\x1f\x8b', at: 0, type: 'application/gzip' },
];
/** No signature ends later. */
const SIGNATURE_BYTES = 16;
/** A shorter file is not looked at: two letters could be anything. */
const SHORTEST_BYTES = 12;
/** No image, recording, video or PDF is shorter. */
const SHORTEST_MEDIA = 24;
/** What is shown or played, and not unpacked. */
const MEDIA = /^(?:image|audio|video)\/|^application\/pdf$/;

/**
 * The type of a file by its first bytes.
 * @returns nothing if they are none of those that models take and give
 */
export function typeOfBytes(content: Buffer): string | undefined {
  return content.length < SHORTEST_BYTES ? undefined : signatureOf(content)?.type;
}

/**
 * The type of an image, a recording, a video or a PDF. It looks further than the first bytes, so
 * that bytes which begin like such a file by chance are not taken for one.
 * @returns nothing if the bytes are none of these
 */
export function mediaTypeOf(content: Buffer): string | undefined {
  if (content.length < SHORTEST_MEDIA) return undefined;
  const signature = signatureOf(content);
  if (signature === undefined) return isSvg(content) ? 'image/svg+xml' : undefined;
  const { type, isWhole = () => true } = signature;
  return MEDIA.test(type) && isWhole(content) ? type : undefined;
}

function signatureOf(content: Buffer): Signature | undefined {
  const first = content.toString('latin1', 0, SIGNATURE_BYTES);
  return SIGNATURES.find(({ start, at }) => first.startsWith(start, at));
}

function has(file: Buffer, text: string, at: number): boolean {
  return file.toString('latin1', at, at + text.length) === text;
}

/** @returns 0 behind the end */
function byteAt(file: Buffer, at: number): number {
  return file[at] ?? 0;
}

/** A chain of segments, each with its length, up to the one that the picture's data follow. */
function isJpeg(file: Buffer): boolean {
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff;) {
    const marker = byteAt(file, at + 1);
    // The tables that every picture needs stand before its data.
    if (marker === 0xda) return at > 2;
    // Fill bytes may stand before a marker.
    if (marker === 0xff) at += 1;
    else if (marker < 0xc0) return false;
    else at += 2 + Math.max(2, file.readUInt16BE(at + 2));
  }
  return false;
}

function isRiff(file: Buffer): boolean {
  return has(file, 'RIFF', 0) || has(file, 'RF64', 0);
}

/** @see https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapfileheader */
function isBmp(file: Buffer): boolean {
  const headerSizes = [12, 40, 52, 56, 64, 108, 124];
  const start = file.readUInt32LE(10);
  return (
    file.readUInt32LE(6) === 0 &&
    start >= 26 &&
    start < file.length &&
    headerSizes.includes(file.readUInt32LE(14))
  );
}

/** A list of entries in an order, each of a known type. */
function isTiff(file: Buffer): boolean {
  const isLittle = file[0] === 0x49;
  const short = (at: number) => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const list = isLittle ? file.readUInt32LE(4) : file.readUInt32BE(4);
  if (list < 8 || list + 14 > file.length) return false;
  const [count, tag, type] = [short(list), short(list + 2), short(list + 4)];
  return count > 0 && count < 1000 && tag >= 254 && type > 0 && type <= 18;
}

/** MP4 and its relatives: a first box of a small size, and a brand of visible characters. */
function isIsoMedia(file: Buffer): boolean {
  const size = file.readUInt32BE(0);
  return size >= 8 && size < 256 && /^[ -~]{4}$/.test(file.toString('latin1', 8, 12));
}

/** @see https://id3.org/id3v2.4.0-structure */
function isId3(file: Buffer): boolean {
  const version = byteAt(file, 3);
  return (
    version >= 2 &&
    version <= 4 &&
    byteAt(file, 4) < 0xff &&
    (byteAt(file, 5) & 0x0f) === 0 &&
    file.subarray(6, 10).every((byte) => byte < 0x80)
  );
}

/** Kilobits a second by a frame's index, for MPEG 1 and for MPEG 2, which has half the rates. */
const BIT_RATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/** Of MPEG 1. MPEG 2 has half of them, and half as many samples in a frame. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** So many frames must follow each other. A file of fewer frames has these alone. */
const FRAMES = 3;

/** A chain of frames of one kind. */
function isMp3(file: Buffer): boolean {
  const kind = frameKind(file, 0);
  for (let at = 0, frame = 0; frame < FRAMES; frame++) {
    if (at === file.length) return frame > 1;
    const length = frameKind(file, at) === kind ? frameLength(file, at) : 0;
    if (length === 0) return false;
    at += length;
    // The last frame may be cut off.
    if (at > file.length) return frame > 0;
  }
  return true;
}

/** What all frames of a file have in common: version, layer and sample rate. */
function frameKind(file: Buffer, at: number): number {
  return at + 4 > file.length ? 0 : file.readUInt32BE(at) & 0xff_fe_0c_00;
}

/** @returns bytes; 0 if there is no frame */
function frameLength(file: Buffer, at: number): number {
  const isFirst = (byteAt(file, at + 1) & 0x08) !== 0;
  const bits = byteAt(file, at + 2);
  const bitRate = BIT_RATES[isFirst ? 0 : 1]?.[bits >> 4] ?? 0;
  const sampleRate = SAMPLE_RATES[(bits >> 2) & 3];
  if (sampleRate === undefined || bitRate === 0) return 0;
  return Math.floor((144_000 * bitRate) / sampleRate) + ((bits >> 1) & 1);
}

function isMatroska(file: Buffer): boolean {
  return /webm|matroska/.test(file.toString('latin1', 0, 64));
}

function isPdf(file: Buffer): boolean {
  return /^%PDF-\d\.\d/.test(file.toString('latin1', 0, 8));
}

function isSvg(file: Buffer): boolean {
  return /^<svg[\s>]/.test(file.toString('latin1', 0, 5)) && file.includes('</svg>');
}
