import { PNG } from 'pngjs';
import { MODEL_IDS } from '../../emulator';
import { stopAll } from './support/stopping';
import { startTestEmulator } from './support/testEmulator';

afterEach(stopAll);

const path = (id: string) => `/model-${id}/production/predict`;
const AUDIO = Buffer.from('not a recording').toString('base64');
const LINK = 'https://example.com/a.mp3';
const chat = (url: string) => ({
  messages: [{ role: 'user', content: [{ type: 'audio_url', audio_url: { url } }] }],
});

/** For each model an input of its own shape. No other model takes one of another shape. */
const INPUTS: Array<[id: string, input: object]> = [
  [MODEL_IDS.libraryWhisper, { whisper_input: { audio: { audio_b64: AUDIO } } }],
  [MODEL_IDS.libraryWhisper, { whisper_input: { audio: { url: LINK } } }],
  [MODEL_IDS.fasterWhisper, { url: LINK }],
  [MODEL_IDS.fasterWhisper, { audio: AUDIO }],
  [MODEL_IDS.parakeet, { audio_url: LINK }],
  [MODEL_IDS.parakeet, { audio_url: `data:audio/wav;base64,${AUDIO}` }],
  [MODEL_IDS.whisperX, { audio_file: AUDIO }],
  [MODEL_IDS.whisperX, { audio_file: LINK }],
  [MODEL_IDS.chatTranscriber, chat(LINK)],
  [MODEL_IDS.chatTranscriber, chat(`data:audio/mpeg;base64,${AUDIO}`)],
];

test.each(INPUTS)('%s hears what it is given as %j', async (id, input) => {
  const { post } = await startTestEmulator();
  const { status, json } = await post(path(id), input);
  expect(status).toBe(200);
  const what = JSON.stringify(input).includes(LINK) ? `the link ${LINK}` : '15 bytes';
  expect(JSON.stringify(json)).toContain(`It was made of ${what}.`);
});

test.each(INPUTS)('others than %s do not take %j', async (id, input) => {
  const { post } = await startTestEmulator();
  const others = INPUTS.map(([other]) => other).filter((other) => other !== id);
  for (const other of new Set(others)) {
    const { status, json } = await post(path(other), input);
    const isRefused = status === 422 || 'error' in json;
    expect([other, isRefused]).toEqual([other, true]);
  }
});

test('the audio server takes a form on its own route, and says what it serves', async () => {
  const { url, apiKey } = await startTestEmulator().then(({ emulator }) => emulator);
  const server = `${url}/model-${MODEL_IDS.openAiTranscriber}/environments/production/sync/v1`;
  const headers = { authorization: `Bearer ${apiKey}` };
  const models = (await (await fetch(`${server}/models`, { headers })).json()) as {
    data: Array<{ id: string }>;
  };
  const body = new FormData();
  body.append('file', new Blob(['not a recording']), 'a.mp3');
  body.append('model', models.data[0]?.id ?? '');
  body.append('response_format', 'verbose_json');
  const answer = await fetch(`${server}/audio/transcriptions`, { method: 'POST', headers, body });
  expect(await answer.json()).toMatchObject({
    language: 'english',
    duration: 7.5,
    segments: [{}, {}, {}],
  });
});

test('voices speak as long as the text is, as WAV or as bare samples', async () => {
  const { post } = await startTestEmulator();
  const { base64 } = (await post(path(MODEL_IDS.kokoro), { text: 'Hello', speed: 2 })).json;
  const wav = Buffer.from(base64, 'base64');
  expect([wav.toString('latin1', 0, 4), wav.length]).toEqual(['RIFF', 44 + 2400]);
  const { output } = (await post(path(MODEL_IDS.xtts), { text: 'Hello' })).json;
  expect(Buffer.from(output, 'base64').length).toBe(44 + 4800);
  const orpheus = await post(path(MODEL_IDS.orpheus), { prompt: 'Hello' });
  expect(orpheus.headers.get('content-type')).toBe('audio/wav');
  expect([orpheus.bytes.length, orpheus.bytes.includes('RIFF')]).toEqual([4800, false]);
  expect((await post(path(MODEL_IDS.orpheus), { text: 'Hello' })).status).toBe(422);
});

test('image models draw what the prompt and the seed say', async () => {
  const { post } = await startTestEmulator();
  const draw = async (seed: number) =>
    (await post(path(MODEL_IDS.flux), { prompt: 'a fox', seed, width: 32 })).json.data;
  const [one, same, other] = [await draw(1), await draw(1), await draw(2)];
  expect([one === same, one === other]).toEqual([true, false]);
  expect(PNG.sync.read(Buffer.from(one, 'base64'))).toMatchObject({ width: 32, height: 64 });
  expect((await post(path(MODEL_IDS.sdxl), { prompt: 'a fox' })).json.data).toHaveLength(2);
  const comfy = { workflow_values: { positive_prompt: 'a fox' } };
  expect((await post(path(MODEL_IDS.comfyUi), comfy)).json.result).toHaveLength(1);
  expect((await post(path(MODEL_IDS.comfyUi), { prompt: 'a fox' })).status).toBe(422);
});
