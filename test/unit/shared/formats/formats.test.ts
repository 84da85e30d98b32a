import type { Format } from '../../../../nodes/shared/formats/format';
import { namedFields, withExtra } from '../../../../nodes/shared/formats/format';
import { IMAGE_FORMATS, readImages } from '../../../../nodes/shared/formats/image';
import { readSpeech, SPEECH_FORMATS } from '../../../../nodes/shared/formats/speech';
import { TRANSCRIPTION_FORMATS } from '../../../../nodes/shared/formats/transcription';
import { drawPng } from '../../../../emulator/models/image';

const chosen = (formats: Format[], example: Record<string, unknown>) =>
  formats.find(({ fits }) => fits(example))?.value;

test.each<[Record<string, unknown>, string | undefined]>([
  [{ whisper_input: { audio: { url: 'a' } } }, 'whisperInput'],
  [{ url: 'https://example.com/a.mp3' }, 'urlOrAudio'],
  [{ audio: 'aGk=' }, 'urlOrAudio'],
  [{ audio_url: 'a', timestamps: false }, 'audioUrl'],
  [{ audio_file: 'a' }, 'audioFile'],
  [{ stream: false, messages: [{ role: 'user', content: [] }] }, 'chatAudioUrl'],
  [{ file: '@a.mp3', model: 'whisper' }, 'openAi'],
  [{ prompt: 'a', max_tokens: 5 }, undefined],
])('a recording for a model with the example %j is sent as %s', (example, format) => {
  expect(chosen(TRANSCRIPTION_FORMATS, example)).toBe(format);
});

test.each<[Record<string, unknown>, string | undefined]>([
  [{ text: 'a', voice: 'af', speed: 1 }, 'textVoice'],
  [{ text: 'a', speaker: 0 }, 'textVoice'],
  [{ text: 'a' }, 'textVoice'],
  [{ language: 'en', speaker_voice: 'a', text: 'a' }, 'textSpeaker'],
  [{ max_tokens: 1, prompt: 'a', voice: 'tara' }, 'promptVoice'],
  [{ url: 'a' }, undefined],
])('a text for a model with the example %j is sent as %s', (example, format) => {
  expect(chosen(SPEECH_FORMATS, example)).toBe(format);
});

test.each<[Record<string, unknown>, string | undefined]>([
  [{ prompt: 'a' }, 'flux'],
  [{ prompt: 'a', use_refiner: true }, 'sdxl'],
  [{ workflow_values: { positive_prompt: 'a' } }, 'comfyUi'],
  [{ input_image: 'a' }, undefined],
])('a prompt for a model with the example %j is sent as %s', (example, format) => {
  expect(chosen(IMAGE_FORMATS, example)).toBe(format);
});

test('names are those of the example, and so is the type of a number', () => {
  const names = { voice: ['voice', 'speaker'], speed: ['speed'] };
  expect(namedFields({ voice: '3' }, names)).toEqual({ voice: '3' });
  expect(namedFields({ voice: '3', speed: 2 }, names, { speaker: 0 })).toEqual({
    speaker: 3,
    speed: 2,
  });
  expect(namedFields({ voice: 'tara' }, names, { speaker: 0 })).toEqual({ speaker: 'tara' });
});

test('what is added is joined with the request, inside of its root', () => {
  const request = { root: { a: { b: 1 }, list: [1] } };
  expect(withExtra(request, {}, 'root')).toEqual(request);
  expect(withExtra(request, { a: { c: 2 }, list: [2] }, 'root')).toEqual({
    root: { a: { b: 1, c: 2 }, list: [2] },
  });
  expect(withExtra(request, { root: { a: 5 }, x: 1 }, 'root')).toEqual({
    root: { a: 5, list: [1] },
    x: 1,
  });
  expect(request).toEqual({ root: { a: { b: 1 }, list: [1] } });
});

const PNG = drawPng('fox', 4, 4);
const base64 = PNG.toString('base64');

test.each<[string, unknown, Array<Record<string, unknown>>]>([
  ['a field', { data: base64, seed: 7 }, [{ seed: 7 }]],
  ['a text', base64, [{}]],
  ['a data URL', { image: `data:image/png;base64,${base64}` }, [{}]],
  ['a list', { images: [base64, base64], seeds: [1, 2] }, [{ seeds: [1, 2] }, { seeds: [1, 2] }]],
  [
    'OpenAI’s list',
    { created: 1, data: [{ b64_json: base64, revised_prompt: 'a' }] },
    [{ created: 1, revised_prompt: 'a' }],
  ],
  [
    'ComfyUI’s list',
    {
      result: [
        { node_id: '9', data: base64 },
        { node_id: '12', data: base64 },
      ],
    },
    [{ node_id: '9' }, { node_id: '12' }],
  ],
  ['two fields', { output: base64, mask: base64, took: 1 }, [{ took: 1 }, { took: 1 }]],
  ['none', { error: 'no GPU' }, []],
])('images in %s are found, with what the answer says besides', (_, json, rests) => {
  const images = readImages({ json });
  expect(images.map(({ rest }) => rest)).toEqual(rests);
  expect(images.every(({ content, type }) => content.equals(PNG) && type === 'image/png')).toBe(
    true,
  );
});

test.each([
  ['application/octet-stream', 'image/png'],
  ['', 'image/png'],
  ['image/x-own', 'image/x-own'],
])('an image that is the whole answer, called %j, is of type %s', (type, known) => {
  expect(readImages({ content: PNG, type })).toEqual([{ content: PNG, type: known, rest: {} }]);
});

test.each(['audio/wav', 'application/pdf'])('a file of type %s is no image', (type) => {
  expect(readImages({ content: Buffer.alloc(99, 1), type })).toEqual([]);
});

const WAV = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(30)]);

test.each<[string, unknown, string, object]>([
  ['a field', { base64: WAV.toString('base64'), took: 1 }, 'audio/wav', { took: 1 }],
  ['a list', { data: [WAV.toString('base64')], took: 1 }, 'audio/wav', { took: 1 }],
  [
    'an object in the answer',
    { result: { audio: WAV.toString('base64'), voice: 'tara' }, audio: null },
    'audio/wav',
    { voice: 'tara', audio: null },
  ],
  ['bare samples', { output: Buffer.alloc(99, 1).toString('base64'), took: 1 }, '', { took: 1 }],
  ['a text', WAV.toString('base64'), 'audio/wav', {}],
])('audio in %s is found, with what the answer says besides', (_, json, type, rest) => {
  const speech = readSpeech({ json });
  expect(speech?.type).toBe(type);
  expect(speech?.rest).toEqual(rest);
});

test.each([[{ error: 'none' }], ['no'], [null], [{ data: [] }]])('%j holds no audio', (json) => {
  expect(readSpeech({ json })).toBeUndefined();
});
