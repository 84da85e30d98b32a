// Decisions: docs/decisions.md, "Log lines are paged by time".

import type { Manage, Schemas } from './api';

/** A line of a log as Baseten gives it. */
export type LogLine = Schemas['LogV1'];

/** Which log is read, and which of its lines. */
export interface LogQuestion {
  /** The parts of the path after `/v1` up to `logs`. */
  path: string[];
  /** The first and the last millisecond since 1970. */
  start: number;
  end: number;
  /** The lines that are wanted, by Baseten's names: `min_level`, `request_id`, … */
  filter?: Record<string, unknown>;
  /** What the log is of, for messages. */
  subject: string;
}

/** The lines that are asked for at once: as many as Baseten gives by default. */
const PAGE = 500;
/** The longest window that Baseten takes, in milliseconds: 7 days. */
const LONGEST_WINDOW = 7 * 24 * 60 * 60 * 1000;

/**
 * Reads a log page by page, the oldest lines first. Baseten has no cursor for logs, so a page
 * begins at the last line's millisecond, whose lines come twice and are given once. A time of more
 * than seven days is read in parts.
 * @returns the lines one by one, each once, in the order of their nanoseconds
 * @throws {BasetenError} if a page can't be read
 * @see https://docs.baseten.co/reference/management-api/overview
 */
export async function* oldestFirst(manage: Manage, question: LogQuestion): AsyncGenerator<LogLine> {
  let given = new Given([]);
  for (let from = question.start; from <= question.end; from += LONGEST_WINDOW) {
    const end = Math.min(from + LONGEST_WINDOW, question.end);
    for (let start = from; ;) {
      const lines = await askPage(manage, question, { start, end, direction: 'asc' });
      const fresh = given.without(lines);
      if (lines.length > 0) given = new Given(lines);
      yield* fresh;
      if (lines.length < PAGE) break;
      const last = millisecondOf(lines[lines.length - 1]);
      // A page within one millisecond can't be continued there. What comes after it still can.
      start = last > start ? last : start + 1;
      if (start > end) break;
    }
  }
}

/**
 * Like `oldestFirst`, with the newest lines first. It reads no further back than somebody takes
 * lines.
 */
export async function* newestFirst(manage: Manage, question: LogQuestion): AsyncGenerator<LogLine> {
  let given = new Given([]);
  for (let until = question.end; until >= question.start; until -= LONGEST_WINDOW) {
    const start = Math.max(until - LONGEST_WINDOW, question.start);
    for (let end = until; ;) {
      const lines = await askPage(manage, question, { start, end, direction: 'desc' });
      const fresh = given.without(lines);
      if (lines.length > 0) given = new Given(lines);
      yield* fresh;
      if (lines.length < PAGE) break;
      // Nobody says whether the end of a window belongs to it, so the millisecond after counts too.
      const last = millisecondOf(lines[lines.length - 1]) + 1;
      end = last < end ? last : end - 1;
      if (end < start) break;
    }
  }
}

async function askPage(
  manage: Manage,
  { path, filter, subject }: LogQuestion,
  { start, end, direction }: { start: number; end: number; direction: 'asc' | 'desc' },
): Promise<LogLine[]> {
  const query = {
    start_epoch_millis: start,
    end_epoch_millis: end,
    direction,
    limit: PAGE,
    ...filter,
  };
  const { logs } = await manage<Schemas['GetLogsResponseV1']>({
    path: [...path, 'logs'],
    query,
    subject,
  });
  const sign = direction === 'asc' ? 1 : -1;
  return [...(logs ?? [])].sort((one, other) => sign * compareLines(one, other));
}

/** The lines of a page. Two lines may be the same, so they are counted. */
class Given {
  private readonly counts = new Map<string, number>();

  constructor(lines: LogLine[]) {
    for (const line of lines) {
      const key = keyOf(line);
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    }
  }

  /** The lines that this page does not have. */
  without(lines: LogLine[]): LogLine[] {
    const left = new Map(this.counts);
    return lines.filter((line) => {
      const key = keyOf(line);
      const count = left.get(key) ?? 0;
      if (count > 0) left.set(key, count - 1);
      return count === 0;
    });
  }
}

function keyOf({ timestamp, message, replica, request_id, level }: LogLine): string {
  return JSON.stringify([timestamp, message, replica, request_id, level]);
}

/** Compares two lines by their time, for sorting. */
export function compareLines(one: LogLine, other: LogLine): number {
  return compare(one.timestamp, other.timestamp);
}

/** Compares whole numbers that are text, since JavaScript can't hold so many nanoseconds. */
function compare(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : Number(one > other));
}

/** @returns milliseconds since 1970 */
export function millisecondOf(line: LogLine | undefined): number {
  // The last six digits are nanoseconds of a millisecond.
  return Number(line?.timestamp.slice(0, -6) ?? 0);
}
