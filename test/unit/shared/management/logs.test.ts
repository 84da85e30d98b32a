import type { Manage } from '../../../../nodes/shared/management/api';
import { newestFirst, oldestFirst, type LogLine } from '../../../../nodes/shared/management/logs';
import { take } from '../../../../nodes/shared/management/api';

const line = (nanoseconds: bigint, message: string): LogLine => ({
  timestamp: String(nanoseconds),
  message,
  replica: null,
  request_id: null,
  level: null,
});

/** A log as Baseten serves it. @param endBelongs whether a window has its last millisecond */
function serving(lines: LogLine[], endBelongs: boolean) {
  const windows: Array<[number, number]> = [];
  const manage = (async ({ query = {} }: { query?: Record<string, unknown> }) => {
    const [start, end] = [Number(query.start_epoch_millis), Number(query.end_epoch_millis)];
    windows.push([start, end]);
    const found = lines.filter(({ timestamp }) => {
      const ms = Number(BigInt(timestamp) / 1_000_000n);
      return ms >= start && (endBelongs ? ms <= end : ms < end);
    });
    const ordered = query.direction === 'asc' ? found : found.reverse();
    return { logs: ordered.slice(0, Number(query.limit)) };
  }) as unknown as Manage;
  return { manage, windows };
}

const START = 1_700_000_000_000;
const DAY = 24 * 3_600_000;

/** So many lines in each millisecond, in the order of their nanoseconds. */
function linesOver(count: number, inOneMs: number, stepMs = 1): LogLine[] {
  return Array.from({ length: count }, (_, index) =>
    line(
      BigInt(START + Math.floor(index / inOneMs) * stepMs) * 1_000_000n + BigInt(index % inOneMs),
      `line ${index}`,
    ),
  );
}

const question = (end: number) => ({ path: ['x'], start: START, end, subject: 'the logs' });

test.each([
  ['one line a millisecond', linesOver(1300, 1)],
  ['many lines a millisecond', linesOver(1300, 40)],
  ['exactly a page', linesOver(500, 3)],
  ['twenty days', linesOver(1700, 2, 2_000_000)],
])('each line comes once and in order: %s', async (_name, lines) => {
  const end = START + 20 * DAY;
  for (const endBelongs of [true, false]) {
    const oldest = await take(oldestFirst(serving(lines, endBelongs).manage, question(end)));
    expect(oldest.map(({ message }) => message)).toStrictEqual(lines.map(({ message }) => message));
    const newest = await take(newestFirst(serving(lines, endBelongs).manage, question(end)));
    expect(newest.map(({ message }) => message)).toStrictEqual(
      lines.map(({ message }) => message).reverse(),
    );
  }
});

test('lines that are the same in every field are all given', async () => {
  const same = Array.from({ length: 3 }, () => line(BigInt(START) * 1_000_000n, 'tick'));
  const { manage } = serving(same, true);
  expect(await take(oldestFirst(manage, question(START + 1)))).toHaveLength(3);
});

test('more lines in one millisecond than a page has don’t hold it up', async () => {
  const lines = [...linesOver(700, 700), line(BigInt(START + 5) * 1_000_000n, 'later')];
  const { manage, windows } = serving(lines, true);
  const read = await take(oldestFirst(manage, question(START + 10)));
  expect(read.at(-1)?.message).toBe('later');
  expect(windows.length).toBeLessThan(5);
});

test('no window is longer than seven days, and no page is read in vain', async () => {
  const { manage, windows } = serving(linesOver(10, 1), true);
  await take(oldestFirst(manage, question(START + 20 * DAY)));
  expect(windows).toHaveLength(3);
  expect(windows.every(([from, to]) => to - from <= 7 * DAY)).toBe(true);
  windows.length = 0;
  await take(newestFirst(manage, question(START + DAY)), 5);
  expect(windows).toHaveLength(1);
});
