import { mediaTypeOf } from '../payload/fileSignatures';
import { essenceOf } from '../payload/mediaType';

/** A file that players take. */
export interface Sound {
  content: Buffer;
  /** Its media type. */
  type: string;
}

const WAV = 'audio/wav';
/** Bytes of a sample: 16 bit, one channel. */
const SAMPLE_BYTES = 2;
const HEADER_BYTES = 44;
/** Names under which WAV files go. */
const WAV_TYPE = /^audio\/(?:wav|wave|x-wav|vnd\.wave|x-pn-wav)$/;
/** Names under which samples without a header go, and those that say nothing. */
const BARE_TYPE = /^(?:audio\/(?:pcm|l16|raw|x-raw)|application\/octet-stream|)$/;

/**
 * Makes a file of the audio that a model gave. Bare samples, which no player takes, get the header
 * of a WAV file; a header that was written before the length was known gets the length.
 * @param content audio of any kind
 * @param type what the answer says that it is; some call bare samples a WAV
 * @param sampleRate of bare samples, in hertz; a rate in the type wins
 */
export function toSound(content: Buffer, type: string, sampleRate: number): Sound {
  const known = mediaTypeOf(content);
  const said = essenceOf(type);
  if (known === WAV) return { content: withLengths(content), type: WAV };
  if (known !== undefined) return { content, type: known };
  if (!WAV_TYPE.test(said) && !BARE_TYPE.test(said)) return { content, type: said };
  return { content: withHeader(content, rateIn(type) ?? sampleRate), type: WAV };
}

/** Samples behind the header of a WAV file: one channel of 16 bit. */
function withHeader(samples: Buffer, sampleRate: number): Buffer {
  // Half a sample at the end would shift nothing, but players complain.
  const whole = samples.subarray(0, samples.length - (samples.length % SAMPLE_BYTES));
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + whole.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * SAMPLE_BYTES, 28);
  header.writeUInt16LE(SAMPLE_BYTES, 32);
  header.writeUInt16LE(SAMPLE_BYTES * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(whole.length, 40);
  return Buffer.concat([header, whole]);
}

/** A server that streams writes 0 or the highest number where a length belongs. */
function withLengths(file: Buffer): Buffer {
  if (file.toString('latin1', 0, 4) !== 'RIFF') return file;
  const data = dataChunk(file);
  const length = data === undefined ? 0 : file.length - data - 8;
  if (data === undefined || !isOpen(file.readUInt32LE(data + 4), length)) return file;
  const copy = Buffer.from(file);
  copy.writeUInt32LE(file.length - 8, 4);
  copy.writeUInt32LE(length, data + 4);
  return copy;
}

function isOpen(stated: number, actual: number): boolean {
  return (stated === 0 && actual > 0) || stated > actual;
}

/** @returns the position of the chunk with the samples */
function dataChunk(file: Buffer): number | undefined {
  for (let at = 12; at + 8 <= file.length;) {
    if (file.toString('latin1', at, at + 4) === 'data') return at;
    const length = file.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

/** `audio/L16; rate=16000` */
function rateIn(type: string): number | undefined {
  const rate = Number(/;\s*rate\s*=\s*"?(\d{4,6})\b/i.exec(type)?.[1]);
  return Number.isInteger(rate) ? rate : undefined;
}
