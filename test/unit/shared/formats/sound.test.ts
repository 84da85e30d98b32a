import { toSound } from '../../../../nodes/shared/formats/sound';
import { MEDIA_FILES } from '../../../support/mediaFiles';

const SAMPLES = Buffer.alloc(4000, 3);
const RATE = 24_000;

/** A WAV file whose header says these lengths. */
function wav(riff: number, data: number, more = Buffer.alloc(0)): Buffer {
  const { content } = toSound(SAMPLES, 'audio/wav', RATE);
  const file = Buffer.concat([content.subarray(0, 36), more, content.subarray(36)]);
  file.writeUInt32LE(riff, 4);
  file.writeUInt32LE(data, 40 + more.length);
  return file;
}

test.each(['audio/wav', 'audio/x-wav', 'audio/pcm', 'audio/L16', 'application/octet-stream', ''])(
  'samples of the type %j get a header with their length',
  (type) => {
    const { content, type: made } = toSound(SAMPLES, type, RATE);
    expect(made).toBe('audio/wav');
    expect(content.subarray(44)).toEqual(SAMPLES);
    expect([4, 16, 24, 28, 40].map((at) => content.readUInt32LE(at))).toEqual([
      4036, 16, 24_000, 48_000, 4000,
    ]);
    expect([20, 22, 32, 34].map((at) => content.readUInt16LE(at))).toEqual([1, 1, 2, 16]);
  },
);

test('a rate in the type wins over the one that is set', () => {
  expect(toSound(SAMPLES, 'audio/L16; rate=16000; channels=1', RATE).content.readUInt32LE(24)).toBe(
    16_000,
  );
  expect(toSound(SAMPLES, 'audio/L16; rate=none', RATE).content.readUInt32LE(24)).toBe(RATE);
});

test('half a sample at the end is left out', () => {
  const { content } = toSound(SAMPLES.subarray(1), 'audio/pcm', RATE);
  expect([content.length, content.readUInt32LE(40)]).toEqual([44 + 3998, 3998]);
});

test.each([
  ['0', 0, 0],
  ['the highest number', 0xffffffff, 0xffffffff],
])('a header that was written before the length was known, as %s, gets it', (_, riff, data) => {
  const { content, type } = toSound(wav(riff, data), 'audio/wav', RATE);
  expect([type, content.readUInt32LE(4), content.readUInt32LE(40)]).toEqual([
    'audio/wav',
    4036,
    4000,
  ]);
});

test('chunks in front of the samples stay', () => {
  const list = Buffer.from('LIST\x04\0\0\0INFO', 'latin1');
  const { content } = toSound(wav(0, 0, list), 'audio/wav', RATE);
  expect(content.toString('latin1', 36, 44)).toBe('LIST\x04\0\0\0');
  expect([content.readUInt32LE(4), content.readUInt32LE(52)]).toEqual([4048, 4000]);
});

test('a whole WAV file stays as it is', () => {
  const file = wav(4036, 4000);
  expect(toSound(file, 'audio/wav', RATE).content).toBe(file);
});

test.each(MEDIA_FILES.filter(({ type }) => type.startsWith('audio/') && type !== 'audio/wav'))(
  '$name keeps its bytes, whatever the answer calls it',
  ({ content, type }) => {
    expect(toSound(content, 'audio/wav', RATE)).toEqual({ content, type });
  },
);

test('what can’t be recognised keeps the type that the answer gives', () => {
  expect(toSound(SAMPLES, 'audio/mpeg', RATE)).toEqual({ content: SAMPLES, type: 'audio/mpeg' });
});
