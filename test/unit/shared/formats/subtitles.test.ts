import { toSubtitles, type SubtitleFormat } from '../../../../nodes/shared/formats/subtitles';
import type { Segment } from '../../../../nodes/shared/formats/transcript';

const said = (start: number, end: number, text = 'Hello', speaker?: string): Segment => ({
  start,
  end,
  text,
  ...(speaker !== undefined && { speaker }),
});
/** The cues without the head of the file. */
const cues = (segments: Segment[], format: SubtitleFormat = 'srt') =>
  toSubtitles(segments, format)
    .replace(/^WEBVTT\n\n/, '')
    .trimEnd()
    .split('\n\n');

test('SubRip numbers its cues, WebVTT has a head', () => {
  const segments = [said(0, 1.5), said(2, 3.25, 'World')];
  expect(toSubtitles(segments, 'srt')).toBe(
    '1\n00:00:00,000 --> 00:00:01,500\nHello\n\n2\n00:00:02,000 --> 00:00:03,250\nWorld\n',
  );
  expect(toSubtitles(segments, 'vtt')).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello\n\n00:00:02.000 --> 00:00:03.250\nWorld\n',
  );
});

test.each<[number, string]>([
  [0, '00:00:00,000'],
  [0.0004, '00:00:00,000'],
  [59.9996, '00:01:00,000'],
  [3599.9995, '01:00:00,000'],
  [3661.007, '01:01:01,007'],
  [359_999.999, '99:59:59,999'],
  [360_000, '100:00:00,000'],
  [3_600_000.5, '1000:00:00,500'],
])('%s seconds are written as %s', (seconds, time) => {
  expect(cues([said(seconds, seconds + 1)])[0]).toContain(`\n${time} --> `);
});

test('cues are in the order of time and do not overlap', () => {
  expect(cues([said(4, 6, 'c'), said(0, 5, 'a'), said(2, 3, 'b')])).toEqual([
    '1\n00:00:00,000 --> 00:00:02,000\na',
    '2\n00:00:02,000 --> 00:00:03,000\nb',
    '3\n00:00:04,000 --> 00:00:06,000\nc',
  ]);
});

test('what begins at the same time is one cue, with all that is said', () => {
  const both = [said(1, 2, 'Yes', 'A'), said(1.0001, 3, 'No', 'B'), said(2.5, 4)];
  expect(cues(both)).toEqual([
    '1\n00:00:01,000 --> 00:00:02,500\nA: Yes\nB: No',
    '2\n00:00:02,500 --> 00:00:04,000\nHello',
  ]);
  expect(cues(both, 'vtt')[0]).toBe('00:00:01.000 --> 00:00:02.500\n<v A>Yes\n<v B>No');
});

test('a cue without a length is shown for a second, or until the next one', () => {
  expect(cues([said(1, 1), said(1.3, 0.5)])).toEqual([
    '1\n00:00:01,000 --> 00:00:01,300\nHello',
    '2\n00:00:01,300 --> 00:00:02,300\nHello',
  ]);
});

test('text can’t be read as anything else', () => {
  const text = 'a < b & c\n\n--> <i>d</i>\r\n\u2028e\0';
  expect(cues([said(0, 1, text, 'Tom & <Jerry>')], 'vtt')).toEqual([
    '00:00:00.000 --> 00:00:01.000\n' +
      '<v Tom &amp; &lt;Jerry&gt;>a &lt; b &amp; c --&gt; &lt;i&gt;d&lt;/i&gt; e',
  ]);
  expect(cues([said(0, 1, text)])).toEqual([
    '1\n00:00:00,000 --> 00:00:01,000\na < b & c -> <i>d</i> e',
  ]);
});

test('silence is left out', () => {
  expect(cues([said(0, 1, ' \n'), said(1, 2)])).toEqual([
    '1\n00:00:01,000 --> 00:00:02,000\nHello',
  ]);
  expect(toSubtitles([], 'vtt')).toBe('WEBVTT\n');
});

test('whatever the times are, no cue overlaps another one or ends before it begins', () => {
  const random = Array.from({ length: 500 }, (_, at) =>
    said(Math.random() * 100, Math.random() * 100, `cue ${at}`),
  );
  const times = toSubtitles(random, 'srt')
    .split('\n')
    .filter((line) => line.includes(' --> '))
    .map((line) => line.split(' --> ').map((time) => Number(time.replace(/[:,]/g, ''))));
  expect(times.length).toBeGreaterThan(400);
  for (const [at, [start = 0, end = 0]] of times.entries()) {
    expect(end).toBeGreaterThan(start);
    expect(times[at + 1]?.[0] ?? Infinity).toBeGreaterThanOrEqual(end);
  }
});
