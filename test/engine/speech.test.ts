import type { INodeParameters } from 'n8n-workflow';

import { MODEL_IDS, bytes, json } from '../../emulator';
import { drawPng } from '../../emulator/models/image';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { SPEAKERS } from '../support/mediaModels';
import { byId } from '../support/parameters';

const emulator = useEmulator();

async function speak(modelId: string, parameters: INodeParameters = {}) {
  const result = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      resource: 'audio',
      operation: 'generateSpeech',
      modelId: byId(modelId),
      text: 'Hello there, this is a test.',
      ...parameters,
    },
  });
  const file = result.items[0]?.binary?.data;
  return { ...result, file, content: Buffer.from(file?.data ?? '', 'base64') };
}

/** What the header of a WAV file says. */
function headerOf(file: Buffer) {
  return {
    isWav: file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16) === 'RIFFWAVEfmt ',
    size: file.readUInt32LE(4),
    channels: file.readUInt16LE(22),
    rate: file.readUInt32LE(24),
    bits: file.readUInt16LE(34),
    samples: file.readUInt32LE(40),
  };
}

test.each(SPEAKERS)('a model of the format %s gives a file that plays', async (format, modelId) => {
  for (const requestFormat of ['auto', format]) {
    const { items, error, file, content } = await speak(modelId, { requestFormat });
    expect(error).toBeUndefined();
    expect([items.length, items[0]?.json]).toEqual([1, {}]);
    expect(file).toMatchObject({ mimeType: 'audio/wav', fileName: 'speech.wav' });
    expect(headerOf(content)).toEqual({
      isWav: true,
      size: content.length - 8,
      channels: 1,
      rate: 24_000,
      bits: 16,
      samples: content.length - 44,
    });
    expect(content.length).toBeGreaterThan(20_000);
  }
});

test('what is set goes where the model has it', async () => {
  const options = { voice: 'tara', language: 'de', speed: 1.5 };
  await speak(MODEL_IDS.xtts, { options });
  await speak(MODEL_IDS.orpheus, { options: { voice: 'leo', extraInput: { top_p: 0.5 } } });
  const bodies = emulator().requests.filter(({ path }) => path.endsWith('/predict'));
  const text = 'Hello there, this is a test.';
  expect(bodies.map((request) => request.json())).toEqual([
    { text, speaker_voice: 'tara', language: 'de', speed: 1.5 },
    { prompt: text, voice: 'leo', max_tokens: 10_000, top_p: 0.5 },
  ]);
});

test('a long text is spoken to its end if the format is chosen by hand, too', async () => {
  await speak(MODEL_IDS.orpheus, { requestFormat: 'promptVoice' });
  const options = { extraInput: { max_tokens: 50 } };
  await speak(MODEL_IDS.orpheus, { requestFormat: 'promptVoice', options });
  const bodies = emulator().requests.map((request) => request.json() as { max_tokens: number });
  expect(bodies.map((body) => body.max_tokens)).toEqual([10_000, 50]);
});

/** Calls a model that always sends this response. */
async function responding(response: ReturnType<typeof json>, options: INodeParameters = {}) {
  emulator().addModel({ kind: 'model', id: 'fixed001', name: 'Fixed', handler: () => response });
  return await speak('fixed001', { options });
}

test('bare samples get the header of a WAV file, at the rate that is set', async () => {
  const samples = Buffer.alloc(1001, 1);
  const answer = bytes(samples, 'application/octet-stream');
  const { content, file } = await responding(answer, { sampleRate: 16_000, fileName: 'hello' });
  expect(file).toMatchObject({ mimeType: 'audio/wav', fileName: 'hello.wav' });
  expect(headerOf(content)).toMatchObject({ isWav: true, rate: 16_000, samples: 1000 });
  const base64 = await responding(json({ audio: samples.toString('base64'), took: 2 }));
  expect(headerOf(base64.content)).toMatchObject({ isWav: true, rate: 24_000, samples: 1000 });
  expect(base64.items[0]?.json).toEqual({ took: 2 });
});

test('bare samples are played at the rate that the answer says', async () => {
  const audio = Buffer.alloc(1000, 1).toString('base64');
  const { content, items } = await responding(json({ audio, sample_rate: 22_050 }));
  expect(headerOf(content)).toMatchObject({ isWav: true, rate: 22_050, samples: 1000 });
  expect(items[0]?.json).toEqual({ sample_rate: 22_050 });
  for (const said of [0, 44.1, 'none', null, true]) {
    const other = await responding(json({ audio, sample_rate: said }));
    expect(headerOf(other.content).rate).toBe(24_000);
  }
});

test('another kind of audio keeps its type, and the name gets its ending', async () => {
  const flac = Buffer.concat([Buffer.from('fLaC\0\0\0\x22', 'latin1'), Buffer.alloc(40)]);
  const { file, content } = await responding(bytes(flac, 'audio/wav'), { fileName: 'hello.mp3' });
  expect(file).toMatchObject({ mimeType: 'audio/flac', fileName: 'hello.flac' });
  expect(content).toEqual(flac);
});

test('all recordings of an answer come out, one file each', async () => {
  const flac = (mark: number) =>
    Buffer.concat([Buffer.from('fLaC\0\0\0\x22', 'latin1'), Buffer.alloc(40, mark)]);
  const audio = [1, 2].map((mark) => flac(mark).toString('base64'));
  const { items } = await responding(json({ audio, took: 2 }), { fileName: 'hello' });
  expect(items.map((item) => item.json)).toEqual([{ took: 2 }]);
  expect(items[0]?.binary).toMatchObject({
    data: { fileName: 'hello-1.flac', mimeType: 'audio/flac', data: audio[0] },
    data_2: { fileName: 'hello-2.flac', mimeType: 'audio/flac', data: audio[1] },
  });
});

test.each([
  ['as a file', bytes(drawPng('fox', 8, 8), 'image/png')],
  ['in JSON', json({ data: drawPng('fox', 8, 8).toString('base64') })],
])('an image %s is no speech', async (_, response) => {
  const { error, items } = await responding(response);
  expect(error?.message).toBe('The answer of model fixed001 holds no audio');
  expect(items).toEqual([]);
});

test('an answer without audio is an error that shows it', async () => {
  const { error } = await responding(json({ status: 'error', message: 'no such voice' }));
  expect(error?.message).toBe('The answer of model fixed001 holds no audio');
  expect(error?.description).toContain('no such voice');
});

test.each<[string, INodeParameters, RegExp]>([
  ['no text', { text: ' ' }, /^Text is empty/],
  ['a speed that is no number', { options: { speed: 'fast' } }, /^Speed can't be "fast"/],
  ['a rate of 0', { options: { sampleRate: 0 } }, /^Sample Rate can't be 0/],
])('%s is an error that says so', async (_, parameters, message) => {
  expect((await speak(MODEL_IDS.kokoro, parameters)).error?.message).toMatch(message);
});
