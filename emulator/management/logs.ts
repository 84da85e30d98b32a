import type { Clock } from '../clock';
import { badRequest } from '../http/refusal';

/** How serious a line is. */
type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
const LEVELS: LogLevel[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];

/** A line of a log. */
export interface LogEntry {
  message: string;
  /** Nothing for a line without one. */
  level?: LogLevel | null;
  requestId?: string | null;
  replica?: string | null;
  /** Nanoseconds since the epoch; now by default. */
  nanoseconds?: bigint;
}

type KeptLine = Required<LogEntry>;

const WEEK_MS = 7 * 24 * 3_600_000;
const HALF_AN_HOUR_MS = 30 * 60_000;

/** The query of a log request, as it stands in the URL. */
export type LogQuery = Record<string, string | string[] | undefined>;

/** What deployments and chainlets have logged. */
export class LogStore {
  private readonly lines = new Map<string, KeptLine[]>();
  /** How long a line takes until it can be read, in ms. */
  delayMs = 0;

  constructor(private readonly clock: Clock) {}

  /** Adds a line to the log of a deployment or chainlet. */
  add(
    id: string,
    { message, level = null, requestId = null, replica = 'abcde', nanoseconds }: LogEntry,
  ) {
    const at = nanoseconds ?? BigInt(this.clock.now()) * 1_000_000n;
    const own = this.lines.get(id) ?? [];
    own.push({ message, level, requestId, replica, nanoseconds: at });
    // Lines come in order as a rule, and a sort for each would take long.
    if ((own.at(-2)?.nanoseconds ?? at) > at)
      own.sort((one, other) => (one.nanoseconds < other.nanoseconds ? -1 : 1));
    this.lines.set(id, own);
  }

  /**
   * The lines that a request asks for, as Baseten gives them: GetLogsResponseV1.
   * @throws {Refusal} 400 if a parameter is not valid
   */
  read(id: string, query: LogQuery) {
    const now = this.clock.now();
    const end = numberIn(query.end_epoch_millis) ?? now;
    const start = numberIn(query.start_epoch_millis) ?? end - HALF_AN_HOUR_MS;
    const limit = numberIn(query.limit) ?? 500;
    if (end - start > WEEK_MS) throw badRequest('The window must not exceed 7 days.');
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw badRequest('limit has to be an integer from 1 to 1000.');
    }
    const isWanted = filterOf(query);
    const found = (this.lines.get(id) ?? []).filter((line) => {
      const ms = Number(line.nanoseconds / 1_000_000n);
      return ms >= start && ms <= end && ms + this.delayMs <= now && isWanted(line);
    });
    const ordered = query.direction === 'asc' ? found : found.reverse();
    return {
      logs: ordered.slice(0, limit).map(({ message, level, requestId, replica, nanoseconds }) => ({
        timestamp: String(nanoseconds),
        message,
        replica,
        request_id: requestId,
        level,
      })),
    };
  }
}

function filterOf(query: LogQuery): (line: KeptLine) => boolean {
  const least = query.min_level === undefined ? undefined : levelOf(String(query.min_level));
  const [includes, excludes] = [listIn(query.includes), listIn(query.excludes)];
  const pattern =
    query.search_pattern === undefined ? undefined : new RegExp(String(query.search_pattern));
  return ({ message, level, requestId, replica }) =>
    (least === undefined || (level !== null && LEVELS.indexOf(level) >= LEVELS.indexOf(least))) &&
    (query.request_id === undefined || query.request_id === requestId) &&
    (query.replica === undefined || query.replica === replica) &&
    includes.every((word) => message.includes(word)) &&
    !excludes.some((word) => message.includes(word)) &&
    (pattern?.test(message) ?? true);
}

function levelOf(name: string): LogLevel {
  const level = LEVELS.find((each) => each === name);
  if (!level) throw badRequest(`min_level can't be ${name}.`);
  return level;
}

function listIn(value: string | string[] | undefined): string[] {
  const words = value === undefined ? [] : [value].flat();
  if (words.length > 8) throw badRequest('At most 8 words.');
  return words;
}

function numberIn(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number)) throw badRequest(`${String(value)} is not a whole number.`);
  return number;
}
