import type { Segment } from './transcript';

/** Kinds of subtitle files. */
export type SubtitleFormat = 'srt' | 'vtt';

/** Media types of subtitle files. */
export const SUBTITLE_TYPES: Record<SubtitleFormat, string> = {
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
};

/** A text that is shown for some time. Times are whole milliseconds. */
interface Cue {
  start: number;
  end: number;
  lines: Line[];
}

type Line = Pick<Segment, 'text' | 'speaker'>;

/** Milliseconds that a cue without a length is shown, if nothing follows it. */
const SHORTEST_MS = 1000;

/**
 * Writes subtitles that players take: cues in the order of time that don't overlap, and no text
 * that could be read as something else.
 * @param segments in any order; those without text are left out
 * @see https://www.w3.org/TR/webvtt1/
 */
export function toSubtitles(segments: Segment[], format: SubtitleFormat): string {
  const cues = toCues(segments);
  const time = (ms: number) => timestamp(ms, format === 'srt' ? ',' : '.');
  const blocks = cues.map(({ start, end, lines }, index) =>
    [
      ...(format === 'srt' ? [String(index + 1)] : []),
      `${time(start)} --> ${time(end)}`,
      ...lines.map(format === 'srt' ? srtLine : vttLine),
    ].join('\n'),
  );
  return `${[...(format === 'vtt' ? ['WEBVTT'] : []), ...blocks].join('\n\n')}\n`;
}

function toCues(segments: Segment[]): Cue[] {
  const cues: Cue[] = [];
  const sorted = segments
    .map(({ text, ...segment }) => ({ ...segment, text: oneLine(text) }))
    .filter(({ text }) => text !== '')
    .sort((one, other) => one.start - other.start);
  for (const { start, end, ...line } of sorted) {
    const cue = { start: Math.round(start * 1000), end: Math.round(end * 1000), lines: [line] };
    const before = cues.at(-1);
    if (before?.start === cue.start) {
      // Two people at once: both are shown.
      before.lines.push(line);
      before.end = Math.max(before.end, cue.end);
    } else {
      if (before) before.end = ended(before, cue.start);
      cues.push(cue);
    }
  }
  const last = cues.at(-1);
  if (last) last.end = ended(last, Infinity);
  return cues;
}

/** When a cue ends: not before it has begun, and not after the next one begins. */
function ended({ start, end }: Cue, next: number): number {
  return Math.min(end > start ? end : start + SHORTEST_MS, next);
}

/** `01:02:03.004`. There may be more than 99 hours. */
function timestamp(ms: number, point: ',' | '.'): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60];
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${point}${String(ms % 1000).padStart(3, '0')}`;
}

/** An empty line would end the cue, and so would other characters that break lines. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** SubRip has no way to write an arrow, which stands in its lines of times. */
function srtLine({ text, speaker }: Line): string {
  return `${speaker === undefined ? '' : `${oneLine(speaker)}: `}${text}`.replaceAll('-->', '->');
}

function vttLine({ text, speaker }: Line): string {
  const name = speaker === undefined ? '' : `<v ${escaped(oneLine(speaker))}>`;
  return `${name}${escaped(text)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
