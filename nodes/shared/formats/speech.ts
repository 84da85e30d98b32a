// Decisions: docs/decisions.md, "Speech and images have one shape".

import { isRecord } from '../json';
import { decodeFile } from '../payload/base64';
import { findFiles } from '../payload/embeddedFiles';
import { namedFields, type Answer, type Example, type FieldNames, type Format } from './format';
import { restOf, waysTo } from './rest';

/** What a person asks for. What is not set is not sent. */
interface SpeechAsk {
  text: string;
  voice?: string;
  language?: string;
  /** 1 is the voice's own speed. */
  speed?: number;
}

/** How a text-to-speech model takes a text. */
export interface SpeechFormat extends Format {
  request(ask: SpeechAsk, example?: Example): Record<string, unknown>;
}

const NAMES: FieldNames<keyof SpeechAsk> = {
  text: ['text'],
  voice: ['voice', 'speaker', 'voice_name'],
  language: ['language', 'lang'],
  speed: ['speed'],
};

/** What the examples of Orpheus have, for one whose own example is not known. */
const MOST_TOKENS = 10_000;

/**
 * Every format. The first one whose `fits` takes a model's example is used.
 * @see https://docs.baseten.co/examples/overview
 */
export const SPEECH_FORMATS: SpeechFormat[] = [
  {
    value: 'textSpeaker',
    name: 'Text and Speaker Voice',
    description: '{"text", "speaker_voice", "language"}, as XTTS takes it',
    fits: (example) => 'text' in example && 'speaker_voice' in example,
    request: (ask, example) =>
      namedFields({ ...ask }, { ...NAMES, voice: ['speaker_voice'] }, example),
  },
  {
    value: 'textVoice',
    name: 'Text and Voice',
    description: '{"text", "voice", "speed"}, as Kokoro takes it',
    fits: (example) => 'text' in example,
    request: (ask, example) => namedFields({ ...ask }, NAMES, example),
  },
  {
    value: 'promptVoice',
    name: 'Prompt and Voice',
    description: '{"prompt", "voice", "max_tokens"}, as Orpheus takes it',
    fits: (example) => 'prompt' in example,
    request: (ask, example = { max_tokens: MOST_TOKENS }) => ({
      ...namedFields({ ...ask }, { ...NAMES, text: ['prompt'] }, example),
      // Without it such a model stops in the middle of a long text.
      ...('max_tokens' in example && { max_tokens: example.max_tokens }),
    }),
  },
];

/** Fields in which models give audio that can't be known by its bytes: samples without a header. */
const BARE_FIELDS = ['base64', 'output', 'audio', 'audio_base64', 'audio_b64', 'data', 'result'];

/** Audio that a model gave, and what else its answer says. */
export interface Speech {
  content: Buffer;
  /** What the answer says that it is; empty if it says nothing. */
  type: string;
  /** The answer without the audio. */
  rest: Record<string, unknown>;
  /** More audio of the same answer, in its order: some models give a recording a sentence. */
  more?: Array<Pick<Speech, 'content' | 'type'>>;
}

/**
 * Finds the audio in an answer: bytes, or base64 in JSON.
 * @returns nothing if there is none
 */
export function readSpeech(answer: Answer): Speech | undefined {
  if ('content' in answer) {
    const { content, type } = answer;
    return content.length > 0 ? { content, type, rest: {} } : undefined;
  }
  const { json } = answer;
  const holder = { json };
  const found = findFiles(holder).filter(({ type }) => /^(?:audio|video)\//.test(type));
  const [first, ...more] = found;
  if (first) {
    const { content, type, place } = first;
    return { content, type, rest: restOf(place, waysTo(found.map((each) => each.place))), more };
  }
  if (typeof json === 'string') return bare(json, {});
  if (!isRecord(json)) return undefined;
  for (const name of BARE_FIELDS) {
    const speech = bare(json[name], without(json, name));
    if (speech) return speech;
  }
  return undefined;
}

function bare(value: unknown, rest: Record<string, unknown>): Speech | undefined {
  const file = decodeFile(value);
  return file && { content: file.content, type: file.type ?? '', rest };
}

function without(json: unknown, name: string): Record<string, unknown> {
  if (!isRecord(json)) return {};
  return Object.fromEntries(Object.entries(json).filter(([each]) => each !== name));
}
