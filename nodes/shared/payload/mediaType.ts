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
  'application/x-subrip': 'srt',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'audio/aac': 'aac',
  'audio/aiff': 'aiff',
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

/** The ending of a file whose type says nothing. */
export const UNKNOWN_ENDING = 'bin';

/**
 * The ending that a file of a type has.
 * @param type a media type, with or without parameters
 * @returns `bin` if the type says nothing
 */
export function endingOf(type: string): string {
  return ENDINGS[essenceOf(type)] ?? UNKNOWN_ENDING;
}

/** Other endings of the same types. */
const OTHER_ENDINGS: Record<string, string> = { jpeg: 'jpg', mpga: 'mp3', oga: 'ogg', tif: 'tiff' };

/**
 * A file name with the ending that fits its type. The ending of another type is replaced.
 * @param name with or without an ending
 * @param type a media type; a name stays as it is if the type says nothing
 */
export function withEnding(name: string, type: string): string {
  const ending = endingOf(type);
  const [, stem = name, given] = /^(.+)\.([A-Za-z0-9]{1,5})$/.exec(name) ?? [];
  const known = given?.toLowerCase() ?? '';
  if (ending === UNKNOWN_ENDING || (OTHER_ENDINGS[known] ?? known) === ending) return name;
  const isEnding = known in OTHER_ENDINGS || Object.values(ENDINGS).includes(known);
  return `${isEnding ? stem : name}.${ending}`;
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
