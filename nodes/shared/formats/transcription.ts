// Decisions: docs/decisions.md, "Speech and images have one shape".

import { isRecord, withoutUndefined } from '../json';
import type { InputFile } from '../payload/requestBody';
import type { Example, Format } from './format';
import { readSpokenChat, readTranscript, type Transcript } from './transcript';

/** What a person asks for. */
export interface TranscriptionAsk {
  recording: Recording;
  /** The language that is spoken, such as `en`. */
  language?: string;
  /** Words that the model should expect. */
  prompt?: string;
  /** Name under which the model's own server serves the model. */
  model?: string;
  /** Whether times are needed. */
  wantsTimes: boolean;
  /** The model's own example, if it is known. */
  example?: Example;
}

/** A recording: a link to it, or the file. */
export type Recording = { url: string } | { file: InputFile };

/** How a speech-to-text model takes a recording, and how it answers. */
export interface TranscriptionFormat extends Format {
  /** Set if the request is a form with the file in it. Such a model takes no links. */
  isForm?: true;
  /** The fields of a request. */
  request(ask: TranscriptionAsk): Record<string, unknown>;
  /** @returns nothing if the answer is no transcript */
  read(answer: unknown): Transcript | undefined;
}

/**
 * Every format. The first one whose `fits` takes a model's example is used, so those with a field
 * that only they have come first.
 * @see https://docs.baseten.co/examples/overview
 */
export const TRANSCRIPTION_FORMATS: TranscriptionFormat[] = [
  {
    value: 'whisperInput',
    name: 'Whisper of the Model Library',
    description: '{"whisper_input": {"audio": …}}',
    fits: (example) => 'whisper_input' in example,
    root: 'whisper_input',
    request: ({ recording, language, prompt }) => ({
      whisper_input: {
        audio: 'url' in recording ? { url: recording.url } : { audio_b64: base64(recording) },
        ...someFields('whisper_params', { audio_language: language, prompt }),
      },
    }),
    read: readTranscript,
  },
  {
    value: 'chatAudioUrl',
    name: 'Chat with Audio',
    description: 'A chat message with a part "audio_url", as Qwen3-ASR takes it',
    fits: (example) => Array.isArray(example.messages),
    route: '/v1/chat/completions',
    request: ({ recording, language, prompt, model }) => {
      const context = [prompt, language && `Language: ${language}`].filter(Boolean).join('\n');
      const part = { type: 'audio_url', audio_url: { url: link(recording) } };
      return {
        ...withoutUndefined({ model }),
        messages: [
          ...(context === '' ? [] : [{ role: 'system', content: context }]),
          { role: 'user', content: [part] },
        ],
        stream: false,
      };
    },
    read: readSpokenChat,
  },
  {
    value: 'audioUrl',
    name: 'Audio URL',
    description: '{"audio_url": …}, as Parakeet takes it',
    fits: (example) => 'audio_url' in example,
    request: ({ recording, language, prompt, wantsTimes, example = {} }) => ({
      audio_url: link(recording),
      // Parakeet gives times only if it is told to.
      ...((wantsTimes || 'timestamps' in example) && { timestamps: true }),
      ...withoutUndefined({ language, prompt }),
    }),
    read: readTranscript,
  },
  {
    value: 'audioFile',
    name: 'Audio File',
    description: '{"audio_file": …}, as WhisperX takes it',
    fits: (example) => 'audio_file' in example,
    request: ({ recording, language, prompt }) => ({
      audio_file: 'url' in recording ? recording.url : base64(recording),
      ...withoutUndefined({ language, prompt }),
    }),
    read: readTranscript,
  },
  {
    value: 'openAi',
    name: 'OpenAI',
    description: 'A form to v1/audio/transcriptions, as vLLM takes it',
    fits: (example) => 'file' in example || 'response_format' in example,
    route: '/v1/audio/transcriptions',
    isForm: true,
    request: ({ language, prompt, model }) =>
      withoutUndefined({ model, language, prompt, response_format: 'verbose_json' }),
    read: readTranscript,
  },
  {
    value: 'urlOrAudio',
    name: 'URL or Audio',
    description: 'A link, or {"audio": …}, as faster-whisper takes it',
    fits: (example) => 'url' in example || 'audio' in example,
    request: ({ recording, language, prompt }) => ({
      ...('url' in recording ? { url: recording.url } : { audio: base64(recording) }),
      ...withoutUndefined({ language, prompt }),
    }),
    read: readTranscript,
  },
];

function base64({ file }: { file: InputFile }): string {
  return file.content.toString('base64');
}

/** A link, or the file as a data URL in its place. */
function link(recording: Recording): string {
  if ('url' in recording) return recording.url;
  const type = recording.file.mimeType.replaceAll(' ', '') || 'audio/wav';
  return `data:${type};base64,${base64(recording)}`;
}

/** An object under a name, if it has any field. */
function someFields(name: string, fields: Record<string, unknown>): Record<string, unknown> {
  const set = withoutUndefined(fields);
  return isRecord(set) && Object.keys(set).length > 0 ? { [name]: set } : {};
}
