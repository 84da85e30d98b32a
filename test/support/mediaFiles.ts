import { drawPng } from '../../emulator/models/image';

/** A file of some kind, small but with all that its kind needs. */
export interface MediaFile {
  name: string;
  type: string;
  content: Buffer;
}

const bytes = (...parts: Array<string | number[]>) =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    ),
  );
const little = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, 0];
const zeros = (count: number) => '\0'.repeat(count);

/** Frames of 128 kbit/s and 44.1 kHz, which have 417 bytes each. */
const mp3Frames = (count: number) => `\xff\xfb\x90\0${zeros(413)}`.repeat(count);

/** Files of every kind that is found in answers. */
export const MEDIA_FILES: MediaFile[] = [
  { name: 'a PNG', type: 'image/png', content: drawPng('fox', 2, 2) },
  {
    name: 'a JPEG',
    type: 'image/jpeg',
    content: bytes(
      '\xff\xd8\xff\xe0\0\x10JFIF\0',
      zeros(9),
      '\xff\xdb\0\x04\0\0\xff\xda\0\x08',
      zeros(9),
    ),
  },
  {
    name: 'a JPEG of a camera',
    type: 'image/jpeg',
    content: bytes('\xff\xd8\xff\xe1\0\x0aExif\0\0MM\xff\xff\xda\0\x08', zeros(9)),
  },
  {
    name: 'a GIF',
    type: 'image/gif',
    content: bytes('GIF89a\x01\0\x01\0\x80\0\0', zeros(20), ';'),
  },
  { name: 'a WebP', type: 'image/webp', content: bytes('RIFF\x20\0\0\0WEBPVP8 ', zeros(24)) },
  {
    name: 'a bitmap',
    type: 'image/bmp',
    content: bytes('BM', little(58), little(0), little(54), little(40), zeros(40)),
  },
  {
    name: 'a TIFF',
    type: 'image/tiff',
    content: bytes('II*\0', little(8), '\x01\0\0\x01\x03\0', zeros(20)),
  },
  {
    name: 'a TIFF of the other order',
    type: 'image/tiff',
    content: bytes('MM\0*\0\0\0\x08\0\x01\x01\0\0\x03', zeros(20)),
  },
  { name: 'an AVIF', type: 'image/avif', content: bytes('\0\0\0\x18ftypavif', zeros(20)) },
  { name: 'a HEIC', type: 'image/heic', content: bytes('\0\0\0\x18ftypheic', zeros(20)) },
  {
    name: 'an SVG',
    type: 'image/svg+xml',
    content: bytes('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'),
  },
  { name: 'a WAV', type: 'audio/wav', content: bytes('RIFF\x24\0\0\0WAVEfmt ', zeros(28)) },
  {
    name: 'a long WAV',
    type: 'audio/wav',
    content: bytes('RF64\xff\xff\xff\xffWAVEds64', zeros(28)),
  },
  { name: 'an AIFF', type: 'audio/aiff', content: bytes('FORM\0\0\0\x20AIFFCOMM', zeros(20)) },
  { name: 'an MP3', type: 'audio/mpeg', content: bytes(mp3Frames(4)) },
  {
    name: 'an MP3 whose last frame is cut',
    type: 'audio/mpeg',
    content: bytes(mp3Frames(1), '\xff\xfb\x90\0', zeros(9)),
  },
  {
    name: 'an MP3 with a title',
    type: 'audio/mpeg',
    content: bytes('ID3\x04\0\0\0\0\x02\x01', mp3Frames(1)),
  },
  {
    name: 'an MP3 of half the rate',
    type: 'audio/mpeg',
    content: bytes(`\xff\xf3\x80\0${zeros(204)}`.repeat(3)),
  },
  { name: 'a FLAC', type: 'audio/flac', content: bytes('fLaC\0\0\0\x22', zeros(34)) },
  { name: 'an Ogg', type: 'audio/ogg', content: bytes('OggS\0\x02', zeros(30)) },
  { name: 'an M4A', type: 'audio/mp4', content: bytes('\0\0\0\x18ftypM4A ', zeros(20)) },
  { name: 'an MP4', type: 'video/mp4', content: bytes('\0\0\0\x18ftypisom', zeros(20)) },
  {
    name: 'a QuickTime film',
    type: 'video/quicktime',
    content: bytes('\0\0\0\x14ftypqt  ', zeros(20)),
  },
  { name: 'an AVI', type: 'video/x-msvideo', content: bytes('RIFF\x20\0\0\0AVI LIST', zeros(24)) },
  {
    name: 'a WebM',
    type: 'video/webm',
    content: bytes('\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm', zeros(20)),
  },
  {
    name: 'a PDF',
    type: 'application/pdf',
    content: bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\n'),
  },
];
