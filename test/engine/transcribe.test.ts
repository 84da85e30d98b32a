import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import { MODEL_IDS, json } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { TRANSCRIBERS, transcriptOf } from '../support/mediaModels';
import { binaryItem, byId } from '../support/parameters';

const emulator = useEmulator();
const TALK = Buffer.from('not really a recording');
const LINK = 'https://example.com/files/my%20talk.mp3?token=1';

async function transcribe(
  modelId: string,
  parameters: INodeParameters = {},
  credential: Record<string, string> = {},
) {
  return await runBaseten({
    credential: credentialFor(emulator(), credential),
    parameters: {
      resource: 'audio',
      operation: 'transcribe',
      modelId: byId(modelId),
      ...parameters,
    },
    items: [binaryItem('data', TALK, 'audio/mpeg', { id: 7 }, 'talk.mp3')],
  });
}

describe.each(TRANSCRIBERS)(
  'a model of the format %s',
  (format, modelId, { hasTimes, takesLinks }) => {
    test.each(['auto', format])('is given a file, Request Format %s', async (requestFormat) => {
      const { items, error } = await transcribe(modelId, { requestFormat });
      expect(error).toBeUndefined();
      expect(items).toHaveLength(1);
      expect(items[0]?.json).toMatchObject({
        text: transcriptOf(`${TALK.length} bytes`),
        language: 'en',
        requestFormat: format,
      });
      expect(items[0]?.pairedItem).toEqual({ item: 0 });
      const { segments } = items[0]?.json as { segments: object[] };
      // Parakeet gives times if it is told to, which only its example says.
      if (hasTimes && !(format === 'audioUrl' && requestFormat === format)) {
        expect(segments).toHaveLength(3);
        expect(segments[1]).toMatchObject({
          start: 2.5,
          end: 4.75,
          text: `It was made of ${TALK.length} bytes.`,
        });
      } else expect(segments).toEqual([]);
      expect(Object.keys(items[0]?.json ?? {})).not.toContain('raw');
    });

    if (takesLinks)
      test('is given a link', async () => {
        const { items } = await transcribe(modelId, { audioSource: 'url', audioUrl: LINK });
        expect(items[0]?.json.text).toBe(transcriptOf(`the link ${LINK}`));
      });

    test('gives subtitles that are named like the recording', async () => {
      const { items, run } = await transcribe(modelId, { options: { subtitles: 'srt' } });
      const { subtitles } = items[0]?.binary ?? {};
      if (!hasTimes) {
        expect(subtitles).toBeUndefined();
        const hints = run.data.resultData.runData.Baseten?.[0]?.hints ?? [];
        expect(hints.map(({ message }) => message).join(' ')).toContain('The model gave no times');
        return;
      }
      expect(subtitles).toMatchObject({ fileName: 'talk.srt', mimeType: 'application/x-subrip' });
      expect(Buffer.from(String(subtitles?.data), 'base64').toString()).toMatch(
        /^1\n00:00:00,000 --> 00:00:02,250\n(SPEAKER_00: )?This is a simulated transcript\.\n\n2\n/,
      );
    });
  },
);

test('speakers come out if the model tells them apart', async () => {
  const { items } = await transcribe(MODEL_IDS.whisperX, { options: { subtitles: 'vtt' } });
  const { segments } = items[0]?.json as { segments: Array<{ speaker?: string }> };
  expect(segments.map(({ speaker }) => speaker)).toEqual([
    'SPEAKER_00',
    'SPEAKER_01',
    'SPEAKER_00',
  ]);
  const file = items[0]?.binary?.subtitles;
  expect(file).toMatchObject({ fileName: 'talk.vtt', mimeType: 'text/vtt' });
  expect(Buffer.from(String(file?.data), 'base64').toString()).toMatch(
    /^WEBVTT\n\n00:00:00.000 --> 00:00:02.250\n<v SPEAKER_00>This is/,
  );
});

describe('a model that takes files only', () => {
  let files: Server;
  let address: string;

  beforeAll(async () => {
    files = createServer((request, response) => {
      response.statusCode = request.url === '/talk.mp3' ? 200 : 404;
      response.setHeader('content-type', 'audio/mpeg').end(TALK);
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await new Promise((resolve) => files.close(resolve));
  });

  const linked = async (path: string) =>
    await transcribe(MODEL_IDS.openAiTranscriber, {
      audioSource: 'url',
      audioUrl: `${address}${path}`,
      options: { subtitles: 'vtt' },
    });

  test('gets the file of a link', async () => {
    const { items } = await linked('/talk.mp3');
    expect(items[0]?.json.text).toBe(transcriptOf(`${TALK.length} bytes`));
    expect(items[0]?.binary?.subtitles?.fileName).toBe('talk.vtt');
  });

  test('says that a link can’t be downloaded, and why it has to be', async () => {
    const { error } = await linked('/missing.mp3');
    expect(error?.message).toMatch(
      /^The recording could not be downloaded from 127\.0\.0\.1:\d+: /,
    );
    expect(error?.description).toContain('take files, not links');
  });
});

test.each<[string, INodeParameters, RegExp]>([
  ['no link', { audioSource: 'url', audioUrl: ' ' }, /There is no link to a recording/],
  ['another address', { audioSource: 'url', audioUrl: 'file:///etc/passwd' }, /is not a link/],
  ['a missing file', { binaryPropertyName: 'voice' }, /has no binary data in "voice"/],
  ['a choice that does not exist', { requestFormat: 'none' }, /Request Format can't be "none"/],
  ['subtitles that do not exist', { options: { subtitles: 'ass' } }, /Subtitles can't be "ass"/],
  ['bad Extra Input', { options: { extraInput: '[]' } }, /Extra Input is not a JSON object/],
])('%s is an error that says so', async (_, parameters, message) => {
  expect((await transcribe(MODEL_IDS.fasterWhisper, parameters)).error?.message).toMatch(message);
});

test('a model of another kind is refused before anything is sent', async () => {
  const { error } = await transcribe(MODEL_IDS.kokoro);
  expect(error?.message).toBe(
    `The example of model ${MODEL_IDS.kokoro} is of no format that is known here`,
  );
  expect(error?.description).toContain('It has the fields "text", "voice", "speed".');
  expect(emulator().requests.filter(({ path }) => !path.startsWith('/management'))).toEqual([]);
});

test('a recording as a form can’t be queued, which Run Async says before anything is sent', async () => {
  const { error } = await transcribe(
    MODEL_IDS.openAiTranscriber,
    { options: { runAsync: true } },
    { webhookSecret: emulator().webhookSecrets.join(',') },
  );
  expect(error?.message).toBe('Run Async can’t send a recording in the format OpenAI');
  expect(error?.description).toContain('Turn Run Async off');
  const sent = emulator().requests.map(({ method }) => method);
  expect(sent.filter((method) => method !== 'GET')).toEqual([]);
});

test('an answer that is no transcript is an error that shows it', async () => {
  const { error } = await transcribe(MODEL_IDS.fasterWhisper, {
    options: { extraInput: '{"url": "https://example.com/a.mp3"}' },
  });
  expect(error?.message).toBe(`The answer of model ${MODEL_IDS.fasterWhisper} holds no transcript`);
  expect(error?.description).toContain('Give a base64 audio file or a URL, and not both');
});

test('a recording that is too large says to use a link', async () => {
  emulator().faults.add({ kind: 'status', status: 413, match: { path: '/predict' } });
  const refused = await transcribe(MODEL_IDS.fasterWhisper);
  expect(refused.error?.description).toContain('Set Audio Source to URL and give a link');
});

test('a recording that is too large for a form says what helps there, as a link does not', async () => {
  emulator().faults.add({ kind: 'status', status: 413, match: { path: '/audio/transcriptions' } });
  const { error } = await transcribe(MODEL_IDS.openAiTranscriber);
  expect(error?.description).toContain('compress the recording, as MP3 for example');
  expect(error?.description).not.toContain('Set Audio Source to URL');
});

test('without Simplify the model’s own answer is there, too', async () => {
  const { items } = await transcribe(MODEL_IDS.fasterWhisper, { simplify: false });
  expect(items[0]?.json).toMatchObject({
    duration: 7.5,
    raw: { language_probability: 0.98, segments: [{}, {}, {}] },
  });
});

test('language and prompt go where the model has them, and so does what is added', async () => {
  await transcribe(MODEL_IDS.libraryWhisper, {
    options: {
      language: 'de',
      prompt: 'Truss',
      extraInput: '{"whisper_params": {"beam_size": 5}}',
    },
  });
  await transcribe(MODEL_IDS.fasterWhisper, { options: { language: 'de' } });
  const bodies = emulator()
    .requests.filter(({ path }) => path.endsWith('/predict'))
    .map((request) => request.json());
  expect(bodies).toEqual([
    {
      whisper_input: {
        audio: { audio_b64: TALK.toString('base64') },
        whisper_params: { audio_language: 'de', prompt: 'Truss', beam_size: 5 },
      },
    },
    { audio: TALK.toString('base64'), language: 'de' },
  ]);
});

test('a hint says of a text that breaks off that it is not whole', async () => {
  const message = { role: 'assistant', content: 'language English<asr_text>Four score and' };
  emulator().addModel({
    kind: 'model',
    id: 'cut00001',
    name: 'Cut',
    handler: () => json({ choices: [{ index: 0, message, finish_reason: 'length' }] }),
  });
  const { items, run } = await transcribe('cut00001', { requestFormat: 'chatAudioUrl' });
  expect(items[0]?.json.text).toBe('Four score and');
  const [hint] = run.data.resultData.runData.Baseten?.[0]?.hints ?? [];
  expect(hint?.message).toContain('The text of 1 recording is not whole');
});

test('a list goes into a form as fields of the same name', async () => {
  const name = 'timestamp_granularities[]';
  const { error } = await transcribe(MODEL_IDS.openAiTranscriber, {
    options: { extraInput: { [name]: ['word', 'segment'], hotwords: ['Truss'] } },
  });
  expect(error).toBeUndefined();
  const sent = emulator().requests.find(({ path }) => path.endsWith('/audio/transcriptions'));
  const fields = [
    ...(sent?.rawBody.toString('latin1') ?? '').matchAll(/name="([^"]+)"\r\n\r\n(.*)/g),
  ]
    .map(([, field, value]) => [field, value])
    .filter(([field]) => field === name || field === 'hotwords');
  expect(fields).toEqual([
    [name, 'word'],
    [name, 'segment'],
    ['hotwords', '["Truss"]'],
  ]);
});

test('a key that may not read the example leads to Whisper of the library', async () => {
  emulator().faults.add({
    kind: 'status',
    status: 403,
    match: { path: '/management' },
    times: 'always',
  });
  const { items, error } = await transcribe(
    MODEL_IDS.libraryWhisper,
    {},
    // What one key may read is remembered for it alone.
    { managementApiKey: 'limited' },
  );
  expect(error).toBeUndefined();
  expect(items[0]?.json.requestFormat).toBe('whisperInput');
});
