// Decisions: docs/decisions.md, "Speech and images have one shape".

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { BasetenError } from '../errors/basetenError';
import { isRecord } from '../json';
import { safeFileName } from '../payload/headerValue';
import { withNumber } from '../payload/jsonFiles';
import { withEnding } from '../payload/mediaType';
import type { ReadingNotes } from '../payload/notes';
import { storeFile, type BinaryHelpers } from '../payload/storeFile';
import { withMain } from '../run/outputField';
import type { Answer } from './format';
import { readImages } from './image';
import { toSound } from './sound';
import { readSpeech } from './speech';
import { SUBTITLE_TYPES, toSubtitles, type SubtitleFormat } from './subtitles';
import { TRANSCRIPTION_FORMATS } from './transcription';

/** How the answer about a recording becomes an item. It is data, so that it can be kept. */
export interface TranscriptReading {
  kind: 'transcript';
  /** Name of the format that was used. */
  format: string;
  subtitles: SubtitleFormat | 'none';
  /** File name of the recording, by which that of the subtitles is made. */
  recordingName?: string;
  /** Whether the model's own answer is in the item, too. */
  withRaw: boolean;
}

/** How the answer about a text becomes an item with its recording. */
export interface SpeechReading {
  kind: 'speech';
  /** Of samples without a header, in hertz, if the answer does not say it. */
  sampleRate: number;
  fileName: string;
}

/** How the answer about a prompt becomes items with an image each. */
export interface ImageReading {
  kind: 'images';
  fileName: string;
}

/** How an answer becomes items. */
export type Reading = TranscriptReading | SpeechReading | ImageReading;

/** What making items needs besides the answer. */
export interface Making {
  helpers: BinaryHelpers;
  /** What was called, for messages. */
  subject: string;
  /** Takes what a person may overlook. */
  notes?: ReadingNotes;
}

/** The property of an item that holds what was made. */
const FILE = 'data';
/** The property that holds the subtitles of a recording. */
const SUBTITLES = 'subtitles';
/** The most characters of an answer that a message shows. */
const LONGEST_SHOWN = 200;

/**
 * Makes items of what a model answered, in the same shape for every model.
 * @returns one item; for images as many as the answer has
 * @throws {BasetenError} if the answer holds nothing of the kind
 */
export async function toItems(
  answer: Answer,
  reading: Reading,
  making: Making,
): Promise<INodeExecutionData[]> {
  switch (reading.kind) {
    case 'transcript':
      return [await toTranscriptItem(answer, reading, making)].map((item) =>
        withMain(item, item.json.text),
      );
    case 'speech':
      return [await toSpeechItem(answer, reading, making)];
    case 'images':
      return await toImageItems(answer, reading, making);
  }
}

/**
 * Checks that items can be made of an answer. Nothing is stored.
 * @throws {BasetenError} if it holds nothing of the kind
 */
export async function checkAnswer(
  answer: Answer,
  reading: Reading,
  subject: string,
): Promise<void> {
  const prepareBinaryData = async () => ({ data: '', mimeType: '' });
  await toItems(answer, reading, { helpers: { prepareBinaryData }, subject });
}

async function toTranscriptItem(
  answer: Answer,
  { format, subtitles, recordingName, withRaw }: TranscriptReading,
  { helpers, subject, notes }: Making,
): Promise<INodeExecutionData> {
  const raw = 'json' in answer ? answer.json : undefined;
  const transcript = isFailure(raw)
    ? undefined
    : TRANSCRIPTION_FORMATS.find(({ value }) => value === format)?.read(raw);
  if (!transcript) throw noneIn(answer, subject, 'transcript');
  if (notes && isCut(raw)) notes.cutTranscripts++;
  const json = { ...transcript, requestFormat: format, ...(withRaw && { raw }) };
  const item: INodeExecutionData = { json: json as unknown as IDataObject };
  if (subtitles === 'none') return item;
  if (transcript.segments.length === 0) {
    if (notes) notes.withoutTimes++;
    return item;
  }
  const content = Buffer.from(toSubtitles(transcript.segments, subtitles));
  const name = (recordingName ?? SUBTITLES).replace(/\.[^.]+$/, '');
  const fileName = `${safeFileName(name) ?? SUBTITLES}.${subtitles}`;
  const facts = { property: SUBTITLES, type: SUBTITLE_TYPES[subtitles], fileName };
  item.binary = { [SUBTITLES]: await storeFile(helpers, content, facts) };
  return item;
}

async function toSpeechItem(
  answer: Answer,
  { sampleRate, fileName }: SpeechReading,
  { helpers, subject }: Making,
): Promise<INodeExecutionData> {
  const speech = readSpeech(answer);
  if (!speech) throw noneIn(answer, subject, 'audio');
  const rate = saidRate(speech.rest) ?? sampleRate;
  const { content, type } = toSound(speech.content, speech.type, rate);
  // A video may have nothing but sound; an image is that of another kind of model.
  if (/^image\/|^application\/pdf$/.test(type)) throw noneIn(answer, subject, 'audio');
  const sounds = [
    { content, type },
    ...(speech.more ?? []).map((each) => toSound(each.content, each.type, rate)),
  ];
  const stored = await Promise.all(
    sounds.map(async (sound, index) => {
      const property = index === 0 ? FILE : `${FILE}_${index + 1}`;
      const name = withEnding(fileName, sound.type);
      const numbered = sounds.length > 1 ? withNumber(name, index + 1) : name;
      const facts = { property, type: sound.type, fileName: numbered };
      return [property, await storeFile(helpers, sound.content, facts)] as const;
    }),
  );
  return { json: speech.rest as IDataObject, binary: Object.fromEntries(stored) };
}

/** What models call the samples a second that their audio has. */
const SAMPLE_RATE = ['sample_rate', 'sampling_rate', 'samplerate', 'sampleRate'];

/** @returns hertz; nothing if the answer does not say it */
function saidRate(rest: Record<string, unknown>): number | undefined {
  return SAMPLE_RATE.map((name) => Number(rest[name])).find(
    (rate) => Number.isInteger(rate) && rate >= 1000 && rate <= 384_000,
  );
}

async function toImageItems(
  answer: Answer,
  { fileName }: ImageReading,
  { helpers, subject }: Making,
): Promise<INodeExecutionData[]> {
  const images = readImages(answer);
  if (images.length === 0) throw noneIn(answer, subject, 'image');
  return await Promise.all(
    images.map(async ({ content, type, rest }) => {
      const facts = { property: FILE, type, fileName: withEnding(fileName, type) };
      const binary = { [FILE]: await storeFile(helpers, content, facts) };
      return { json: rest as IDataObject, binary };
    }),
  );
}

/** Whether a model tells of a failure in an answer whose status says success. */
function isFailure(json: unknown): boolean {
  if (typeof json === 'string') return /^error\b/i.test(json);
  return isRecord(json) && !isBlankError(json.error) && json.segments === undefined;
}

/** Whether a chat completion breaks off at the most tokens that it may have. */
function isCut(json: unknown): boolean {
  const [choice]: unknown[] = isRecord(json) && Array.isArray(json.choices) ? json.choices : [];
  return isRecord(choice) && choice.finish_reason === 'length';
}

function isBlankError(error: unknown): boolean {
  return error === undefined || error === null || error === '' || error === false;
}

function noneIn(answer: Answer, subject: string, wanted: string): BasetenError {
  const received = 'json' in answer ? answer.json : undefined;
  const text = typeof received === 'string' ? received : (JSON.stringify(received) ?? '');
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  const start =
    'json' in answer ? `It begins with: ${shown}` : `It is a file of type ${answer.type}.`;
  return new BasetenError(`The answer of ${subject} holds no ${wanted}`, {
    kind: 'response',
    hint: `${start}\nCheck that the model and the Request Format are right. Predict gives the answer of any model as it is.`,
    received,
  });
}
