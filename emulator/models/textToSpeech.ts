import { Readable } from 'node:stream';
import { hash } from './hash';
import { type Handler, inputObject, json, modelError } from './model';

const SAMPLE_RATE = 24_000;
/** Seconds that a letter takes. */
const LETTER_SECONDS = 0.02;

/** A tone of 16 bit samples: as long as the text, and as high as the voice. */
function tone(text: string, voice: string, speed = 1): Buffer {
  const samples = Math.round((text.length * LETTER_SECONDS * SAMPLE_RATE) / speed);
  const pitch = 200 + (hash(voice) % 400);
  const sound = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at++)
    sound.writeInt16LE(
      Math.round(8000 * Math.sin((2 * Math.PI * pitch * at) / SAMPLE_RATE)),
      at * 2,
    );
  return sound;
}

/** The samples as a WAV file. */
function wav(samples: Buffer): Buffer {
  const header = Buffer.from('RIFF....WAVEfmt ................data....', 'latin1');
  const head = Buffer.alloc(44);
  header.copy(head);
  head.writeUInt32LE(36 + samples.length, 4);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLE_RATE, 24);
  head.writeUInt32LE(SAMPLE_RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const refused = (wanted: string) => modelError(422, `The input has to be ${wanted}.`);

/** Kokoro: `{text, voice?, speed?}` → `{base64}`. */
export const kokoro: Handler = (call) => {
  const { text, voice = 'af', speed = 1 } = inputObject(call);
  if (typeof text !== 'string' || typeof speed !== 'number')
    return refused('{"text", "voice", "speed"}');
  return json({ base64: wav(tone(text, String(voice), speed)).toString('base64') });
};

/** XTTS: `{text, speaker_voice?, language?}` → `{output: base64}`. */
export const xtts: Handler = (call) => {
  const { text, speaker_voice: voice = 'Claribel Dervla', voice: other } = inputObject(call);
  if (typeof text !== 'string' || other !== undefined)
    return refused('{"text", "speaker_voice", "language"}');
  return json({ output: wav(tone(text, String(voice))).toString('base64') });
};

/**
 * Orpheus: `{prompt, voice?, max_tokens?}` → bare samples, which come piece by piece and are called
 * a WAV.
 */
export const orpheus: Handler = (call) => {
  const { prompt, voice = 'tara' } = inputObject(call);
  if (typeof prompt !== 'string') return refused('{"prompt", "voice", "max_tokens"}');
  const samples = tone(prompt, String(voice));
  const pieces = Array.from({ length: Math.ceil(samples.length / 4096) }, (_, at) =>
    samples.subarray(at * 4096, (at + 1) * 4096),
  );
  return { headers: { 'content-type': 'audio/wav' }, body: Readable.from(pieces) };
};
