import { UserInputError } from '../errors/userInputError';
import { isBlank, isRecord } from '../json';

/** A date among the options. */
export interface DateOption {
  /** Its name in the collection, or among the parameters. */
  name: string;
  /** Its name on screen, for messages. */
  label: string;
}

/**
 * Reads a date: as the form gives it, as an expression gives it (`$now`, a `Date`, milliseconds
 * since 1970), or a text such as `2026-11-26T09:00:00Z`.
 * @param value what the field holds
 * @param timezone IANA name of the zone that holds if the text names none, such as `UTC`
 * @returns milliseconds since 1970; nothing if the field is empty
 * @throws {UserInputError} if it is not a date
 */
export function readDate(
  value: unknown,
  { label }: DateOption,
  timezone: string,
): number | undefined {
  if (isBlank(value)) return undefined;
  const time = toMilliseconds(value, timezone);
  if (Number.isFinite(time)) return time;
  throw new UserInputError(
    `${label} can't be ${JSON.stringify(value)}`,
    'Give a date such as 2026-11-26T09:00:00Z, or an expression such as {{ $now.minus(1, "day") }}.',
  );
}

function toMilliseconds(value: unknown, timezone: string): number {
  if (typeof value === 'number') return value;
  // A Date, and the dates of expressions, give their milliseconds so.
  if (isRecord(value)) return Number(value.valueOf());
  if (typeof value !== 'string') return NaN;
  const text = value.trim();
  if (/^\d{11,}$/.test(text)) return Number(text);
  const isZoned = /(?:z|[+-]\d{2}:?\d{2})$/i.test(text);
  const [date = '', clock = '00:00'] = text.replace(' ', 'T').split('T');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return Date.parse(text);
  if (isZoned) return Date.parse(`${date}T${clock}`);
  const utc = Date.parse(`${date}T${clock}Z`);
  if (!Number.isFinite(utc)) return NaN;
  // The offset is asked for twice, because it may change between the two.
  return utc - offsetAt(utc - offsetAt(utc, timezone), timezone);
}

/** How far a zone's clock is ahead of UTC at a time, in milliseconds. */
function offsetAt(time: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - Math.floor(time / 1000) * 1000;
}
