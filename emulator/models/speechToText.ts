import { type Handler, type ModelCall, inputObject, isObject, json, modelError } from './model';

/** A recording that a model was given. */
interface Recording {
  bytes?: Buffer;
  url?: string;
}

interface Said {
  start: number;
  end: number;
  text: string;
}

const refused = (wanted: string) => modelError(422, `The input has to be ${wanted}.`);

/** What a simulated model hears: always the same, but for what it was given. */
function heard({ bytes, url }: Recording): { said: Said[]; text: string; duration: number } {
  const what = url === undefined ? `${bytes?.length ?? 0} bytes` : `the link ${url}`;
  const texts = ['This is a simulated transcript.', `It was made of ${what}.`, 'Nobody spoke.'];
  const said = texts.map((text, at) => ({ start: at * 2.5, end: at * 2.5 + 2.25, text }));
  return { said, text: texts.join(' '), duration: 7.5 };
}

/** Base64 alone, without a data URL's head. */
function decoded(value: unknown): Buffer | undefined {
  const isBase64 = typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
  return isBase64 ? Buffer.from(value, 'base64') : undefined;
}

function linkOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && /^https?:\/\//.test(value) ? value : undefined;
}

/** Whisper of Baseten's library: `{whisper_input: {audio, whisper_params?}}`. */
export const libraryWhisper: Handler = (call) => {
  const { whisper_input: input } = inputObject(call);
  const audio = isObject(input) && isObject(input.audio) ? input.audio : {};
  const url = linkOrNothing(audio.url);
  const bytes = decoded(audio.audio_b64);
  if (!isObject(input) || (!url && !bytes))
    return refused('{"whisper_input": {"audio": {"url"} or {"audio_b64"}}}');
  const params = isObject(input.whisper_params) ? input.whisper_params : {};
  return json({
    language_code: params.audio_language ?? 'en',
    language_prob: null,
    segments: heard({ url, bytes }).said.map(({ start, end, text }) => ({
      text: ` ${text}`,
      start_time: start,
      end_time: end,
    })),
  });
};

/** faster-whisper: `{url}` or `{audio: base64}`, one of the two. */
export const fasterWhisper: Handler = (call) => {
  const { url: link, audio, language } = inputObject(call);
  const url = linkOrNothing(link);
  const bytes = decoded(audio);
  if ((url === undefined) === (bytes === undefined))
    return json({ error: 'Give a base64 audio file or a URL, and not both of them.' });
  const { said, duration } = heard({ url, bytes });
  return json({ language: language ?? 'en', language_probability: 0.98, duration, segments: said });
};

/** Parakeet: `{audio_url, timestamps?}`. It gives times only if it is told to. */
export const parakeet: Handler = (call) => {
  const { audio_url: link, timestamps } = inputObject(call);
  if (typeof link !== 'string') return refused('{"audio_url"}');
  const data = /^data:audio\/[\w.-]+;base64,(.*)$/s.exec(link)?.[1];
  const url = linkOrNothing(link);
  const bytes = decoded(data);
  if (!url && !bytes) return json('Error: Only .wav and .flac files are supported');
  const { text, said } = heard({ url, bytes });
  return json({ text, language: 'en', segments: timestamps === true ? said : [] });
};

/** WhisperX: `{audio_file}` with base64 or a link. It tells speakers apart. */
export const whisperX: Handler = (call) => {
  const { audio_file: file } = inputObject(call);
  const url = linkOrNothing(file);
  const bytes = decoded(file);
  if (!url && !bytes) return refused('{"audio_file": base64 or a link}');
  const { text, said } = heard({ url, bytes });
  const segments = said.map((each, at) => ({ ...each, speaker: `SPEAKER_0${at % 2}` }));
  return json({ text, language: 'en', segments });
};

const VLLM_MODEL = 'simulated/whisper';

/** The audio server of vLLM takes a form, as OpenAI has it, and answers with its verbose JSON. */
export const openAiTranscriber: Handler = async (call) => {
  if (call.contentType !== 'multipart/form-data') return refused('a form with a file');
  const parts = await call.form();
  const file = parts.find((part) => part.name === 'file' && 'bytes' in part);
  const field = (name: string) => {
    const part = parts.find((each) => each.name === name);
    return part && 'value' in part ? part.value : undefined;
  };
  if (!file || !('bytes' in file)) return refused('a form with a file');
  if (field('model') !== VLLM_MODEL) return modelError(404, `No model ${field('model')}.`);
  const { text, said, duration } = heard({ bytes: file.bytes });
  if (field('response_format') !== 'verbose_json') return json({ text });
  const segments = said.map((each, id) => ({ id, seek: 0, ...each, avg_logprob: -0.1 }));
  return json({ task: 'transcribe', language: 'english', duration, text, segments });
};

/** The server with all its routes. */
export const openAiTranscriberServer: Handler = (call) => {
  if (call.route === '/v1/models' && call.method === 'GET')
    return json({ object: 'list', data: [{ id: VLLM_MODEL, object: 'model', created: 0 }] });
  const isRoute = call.route === '/v1/audio/transcriptions' && call.method === 'POST';
  return isRoute ? openAiTranscriber(call) : modelError(404, 'Not Found');
};

/** Qwen3-ASR: a chat message with a part `audio_url`. It writes the language before the text. */
export const chatTranscriber: Handler = (call) => {
  const { messages, model = 'qwen3-asr' } = inputObject(call);
  const url = audioUrlIn(messages);
  if (url === undefined) return refused('{"messages"} with a part "audio_url"');
  const bytes = decoded(/^data:[^,]*;base64,(.*)$/s.exec(url)?.[1]);
  const { text } = heard(bytes ? { bytes } : { url });
  const message = { role: 'assistant', content: `language English<asr_text>${text}` };
  return json({
    id: 'chatcmpl-asr',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  });
};

/** The same on its own server. */
export const chatTranscriberServer: Handler = (call: ModelCall) =>
  call.route === '/v1/chat/completions' ? chatTranscriber(call) : modelError(404, 'Not Found');

function audioUrlIn(messages: unknown): string | undefined {
  const parts = (Array.isArray(messages) ? messages : []).flatMap((message: unknown) =>
    isObject(message) && Array.isArray(message.content) ? (message.content as unknown[]) : [],
  );
  const part = parts.filter(isObject).find(({ type }) => type === 'audio_url');
  const { url } = isObject(part?.audio_url) ? part.audio_url : {};
  return typeof url === 'string' ? url : undefined;
}
