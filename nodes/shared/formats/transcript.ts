import { isRecord, withoutUndefined } from '../json';
import { languageCode } from './languages';

/** What was said, from when to when. */
export interface Segment {
  /** Seconds from the beginning of the recording. */
  start: number;
  end: number;
  text: string;
  /** Who said it, if the model tells speakers apart. */
  speaker?: string;
}

/** What was said in a recording. */
export interface Transcript {
  text: string;
  /** Two or three letters, such as `en`, if the model says it. */
  language?: string;
  /** Seconds, if the model says it. */
  duration?: number;
  /** In the order of the answer; empty if the model gives no times. */
  segments: Segment[];
}

type Fields = Record<string, unknown>;

/** What models call the parts of a transcript. */
const TEXT = ['text', 'transcript', 'transcription'];
const SEGMENTS = ['segments', 'chunks', 'utterances', 'model_output'];
const LANGUAGE = ['language', 'language_code', 'detected_language'];
const DURATION = ['duration', 'audio_duration', 'audio_length_sec', 'audio_length'];
/** And of a segment. `segment` is the text of one in the answers of NeMo's models. */
const SEGMENT_TEXT = ['text', 'segment', 'transcript'];
const START = ['start', 'start_time'];
const END = ['end', 'end_time'];
const SPEAKER = ['speaker', 'speaker_id', 'speaker_label'];
/** Fields that may hold the whole transcript, or a list of transcripts. */
const INSIDE = ['transcript', 'transcription', 'output', 'result'];

/**
 * Reads a transcript in any of the shapes in which models give it.
 * @param answer parsed JSON, or a text
 * @returns nothing if it is none
 */
export function readTranscript(answer: unknown): Transcript | undefined {
  if (typeof answer === 'string') return { text: answer.trim(), segments: [] };
  if (Array.isArray(answer)) return readList(answer);
  if (!isRecord(answer)) return undefined;
  const inner = INSIDE.map((name) => answer[name]).find((value) => isObject(value));
  const transcript = inner === undefined ? undefined : readTranscript(inner);
  // Beside the transcript such a field may be empty, or hold something else.
  const own = transcript?.text ? undefined : readFields(answer);
  return own ?? (transcript && { ...factsOf(answer), ...transcript });
}

/** An answer whose own fields are the transcript. */
function readFields(answer: Fields): Transcript | undefined {
  const text = firstText(answer, TEXT);
  const list = listOf(answer);
  if (text === undefined && list === undefined) return undefined;
  const segments = (list ?? []).flatMap(toSegment);
  return { text: (text ?? allText(list ?? [])).trim(), ...factsOf(answer), segments };
}

/**
 * Reads a transcript from a chat completion. Qwen3-ASR writes the language in front of it:
 * `language English<asr_text>Four score …`.
 * @param answer parsed JSON
 * @returns nothing if it is no chat completion
 */
export function readSpokenChat(answer: unknown): Transcript | undefined {
  const choices = isRecord(answer) && Array.isArray(answer.choices) ? answer.choices : [];
  const message: unknown = isRecord(choices[0]) ? choices[0].message : undefined;
  if (!isRecord(message) || typeof message.content !== 'string') return undefined;
  const { content } = message;
  const mark = content.indexOf(ASR_MARK);
  const before = mark < 0 ? undefined : /^\s*language\s+(\S+)\s*$/.exec(content.slice(0, mark));
  const text = mark < 0 ? content : content.slice(mark + ASR_MARK.length);
  const language = before?.[1];
  return {
    text: text.trim(),
    ...(language !== undefined && language !== 'None' && { language: languageCode(language) }),
    segments: [],
  };
}

const ASR_MARK = '<asr_text>';

/** A list of segments, or of transcripts one after the other. */
function readList(list: unknown[]): Transcript | undefined {
  if (list.length === 0) return { text: '', segments: [] };
  if (list.some((entry) => timesOf(entry) !== undefined))
    return { text: allText(list).trim(), segments: list.flatMap(toSegment) };
  const parts = list.flatMap((entry) => readTranscript(entry) ?? []);
  if (parts.length === 0) return undefined;
  return {
    ...parts[0],
    text: parts.map(({ text }) => text).join(' '),
    segments: parts.flatMap(({ segments }) => segments),
  };
}

function listOf(answer: Fields): unknown[] | undefined {
  // NeMo's models have lists of words, segments and characters.
  const times = [answer.timestamps, answer.timestep].find(isRecord)?.segment;
  return [...SEGMENTS.map((name) => answer[name]), times].find((value) => Array.isArray(value));
}

function factsOf(answer: Fields): Pick<Transcript, 'language' | 'duration'> {
  const language = firstText(answer, LANGUAGE);
  return withoutUndefined({
    language: language === undefined ? undefined : languageCode(language),
    duration: DURATION.map((name) => toSeconds(answer[name])).find((value) => value !== undefined),
  });
}

function toSegment(entry: unknown): Segment[] {
  const times = timesOf(entry);
  if (times === undefined || !isRecord(entry)) return [];
  const speaker = SPEAKER.map((name) => entry[name]).find(
    (value) => typeof value === 'string' || typeof value === 'number',
  );
  return [
    {
      ...times,
      text: (firstText(entry, SEGMENT_TEXT) ?? '').trim(),
      ...(speaker !== undefined && speaker !== '' && { speaker: String(speaker) }),
    },
  ];
}

function timesOf(entry: unknown): Pick<Segment, 'start' | 'end'> | undefined {
  if (!isRecord(entry)) return undefined;
  const pair = Array.isArray(entry.timestamp) ? (entry.timestamp as unknown[]) : [];
  const first = (names: string[], other: unknown) =>
    [...names.map((name) => entry[name]), other].map(toSeconds).find((time) => time !== undefined);
  const start = first(START, pair[0]);
  // The end of the last piece is missing if the recording breaks off in a word.
  const end = first(END, pair[1]) ?? start;
  return start === undefined || end === undefined ? undefined : { start, end };
}

function allText(list: unknown[]): string {
  const texts = list.flatMap((entry) =>
    typeof entry === 'string' ? [entry] : isRecord(entry) ? [firstText(entry, SEGMENT_TEXT)] : [],
  );
  // Whisper begins its segments with the space between them; others do not.
  return texts
    .map((text = '') => text.trim())
    .filter((text) => text !== '')
    .join(' ');
}

function firstText(fields: Fields, names: string[]): string | undefined {
  return names.map((name) => fields[name]).find((value) => typeof value === 'string');
}

/** @returns seconds from 0 on, which may be given as text; nothing for anything else */
function toSeconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
