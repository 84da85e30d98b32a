import { isRecord } from '../json';
import type { ModelKnowledge } from './modelKnowledge';

/** What a model is for, in words that a list of models can show. */
export type ModelKind =
  | 'classifier'
  | 'embeddings'
  | 'images'
  | 'language model'
  | 'reranker'
  | 'speech to text'
  | 'text to speech';

/** The tags by which templates name their kind. */
const KIND_OF_TAG: Record<string, ModelKind> = {
  'image-generation': 'images',
  'speech-recognition': 'speech to text',
  'text-to-speech': 'text to speech',
};

/** Tags of models that take a chat's input, but answer something else. */
const NO_CHAT_TAGS = ['guard-model', 'speech-to-speech'];

/** A kind, and the fields by which its input is known: all of the first, one of the others. */
type Shape = [kind: ModelKind, all: string[], oneOf: string[]];

/** The first that fits counts. */
const SHAPES: Shape[] = [
  ['reranker', ['query', 'texts'], []],
  ['embeddings', ['input', 'encoding_format'], []],
  ['classifier', ['inputs', 'raw_scores'], []],
  ['speech to text', [], ['whisper_input', 'audio_url', 'audio_file']],
  ['images', ['workflow_values'], []],
  ['text to speech', ['text'], ['voice', 'speaker', 'speaker_voice']],
  ['text to speech', ['prompt', 'voice'], []],
  ['images', ['prompt'], ['num_inference_steps', 'use_refiner', 'guidance_scale', 'width']],
];

const AUDIO_LINK = /\.(?:aac|flac|m4a|mp3|ogg|opus|wav)(?:[?#]|$)/i;

/**
 * Says what a model is for, from its tags and the shape of its example input.
 * @returns nothing if neither tells
 */
export function kindOf({ example, tags }: Pick<ModelKnowledge, 'example' | 'tags'>) {
  const tag = tags.find((each) => Object.hasOwn(KIND_OF_TAG, each));
  if (tag !== undefined) return KIND_OF_TAG[tag];
  if (!isRecord(example)) return undefined;
  if (Array.isArray(example.messages))
    return tags.some((each) => NO_CHAT_TAGS.includes(each)) ? undefined : kindOfChat(example);
  if (typeof example.url === 'string' && AUDIO_LINK.test(example.url)) return 'speech to text';
  const has = (name: string) => Object.hasOwn(example, name);
  return SHAPES.find(
    ([, all, oneOf]) => all.every(has) && (oneOf.length === 0 || oneOf.some(has)),
  )?.[0];
}

/** Some models write down a recording that a message holds, and nothing else. */
function kindOfChat({ messages }: Record<string, unknown>): ModelKind {
  const contents = (messages as unknown[]).flatMap((message) =>
    isRecord(message) && message.role === 'user' ? [message.content] : [],
  );
  const isRecording = (content: unknown) =>
    Array.isArray(content) && content.every((part) => isRecord(part) && part.type === 'audio_url');
  return contents.length > 0 && contents.every(isRecording) ? 'speech to text' : 'language model';
}
