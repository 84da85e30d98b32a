/** Endings of file names by the media types that models take and give. */
const ENDINGS: Record<string, string> = {
  'application/gzip': 'gz',
  'application/json': 'json',
  'application/msword': 'doc',
  'application/ogg': 'ogg',
  'application/pdf': 'pdf',
  'application/rtf': 'rtf',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/m4a': 'm4a',
  'audio/mp3': 'mp3',
  'audio/mp4': 'm4a',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/vnd.wave': 'wav',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/webm': 'webm',
  'audio/x-flac': 'flac',
  'audio/x-m4a': 'm4a',
  'audio/x-wav': 'wav',
  'image/avif': 'avif',
  'image/bmp': 'bmp',
  'image/gif': 'gif',
  'image/heic': 'heic',
  'image/jpeg': 'jpg',
  'image/jpg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/tiff': 'tiff',
  'image/webp': 'webp',
  'text/calendar': 'ics',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'text/vtt': 'vtt',
  'text/xml': 'xml',
  'video/mp4': 'mp4',
  'video/mpeg': 'mpeg',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/x-msvideo': 'avi',
};

/** The first bytes of files, as Latin-1, where they begin, and their type. */
const SIGNATURES: Array<[start: string, at: number, type: string]> = [
  ['\x89PNG\r\n\x1a\n', 0, 'image/png'],
  ['\xff\xd8\xff', 0, 'image/jpeg'],
  ['GIF8', 0, 'image/gif'],
  ['WEBP', 8, 'image/webp'],
  ['WAVE', 8, 'audio/wav'],
  ['AVI ', 8, 'video/x-msvideo'],
  ['BM', 0, 'image/bmp'],
  ['II*\0', 0, 'image/tiff'],
  ['MM\0*', 0, 'image/tiff'],
  ['ftypavif', 4, 'image/avif'],
  ['ftypheic', 4, 'image/heic'],
  ['ftypM4A', 4, 'audio/mp4'],
  ['ftypqt', 4, 'video/quicktime'],
  ['ftyp', 4, 'video/mp4'],
  ['ID3', 0, 'audio/mpeg'],
  ['\xff\xfb', 0, 'audio/mpeg'],
  ['\xff\xf3', 0, 'audio/mpeg'],
  ['\xff\xf2', 0, 'audio/mpeg'],
  ['fLaC', 0, 'audio/flac'],
  ['OggS', 0, 'audio/ogg'],
  ['\x1aE\xdf\xa3', 0, 'video/webm'],
  ['%PDF-', 0, 'application/pdf'],
  ['PK\x03\x04', 0, 'application/zip'],
  ['\x1f\x8b', 0, 'application/gzip'],
];
/** No signature ends later. */
const SIGNATURE_BYTES = 16;
/** A shorter file is not looked at: two letters could be anything. */
const SHORTEST_BYTES = 12;

/**
 * The type of a file by its first bytes.
 * @returns nothing if they are none of those that models take and give
 */
export function typeOfBytes(content: Buffer): string | undefined {
  if (content.length < SHORTEST_BYTES) return undefined;
  const start = content.toString('latin1', 0, SIGNATURE_BYTES);
  return SIGNATURES.find(([bytes, at]) => start.startsWith(bytes, at))?.[2];
}

/**
 * The ending that a file of a type has.
 * @param type a media type, with or without parameters
 * @returns `bin` if the type says nothing
 */
export function endingOf(type: string): string {
  return ENDINGS[essenceOf(type)] ?? 'bin';
}

/**
 * A media type as it can stand in a header.
 * @param type what an item says, of any kind
 * @returns the type, its name in lower case; empty if it is none
 */
export function cleanType(type: unknown): string {
  if (typeof type !== 'string') return '';
  const [name = '', ...parameters] = type.split(';').map((part) => part.trim());
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(name)) return '';
  const whole = [name.toLowerCase(), ...parameters.filter((part) => part !== '')].join('; ');
  // A line break would end the header.
  return /^[\x20-\x7e]*$/.test(whole) ? whole : name.toLowerCase();
}

/** A media type without its parameters, in lower case. */
export function essenceOf(type: string): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase();
}
