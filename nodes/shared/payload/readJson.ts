import { mayBeFile } from './embeddedFiles';

/** JSON that was read, and what had to be changed for it. */
export interface JsonReading {
  value: unknown;
  /** How many numbers are text now, because JavaScript can't hold them exactly. */
  bigNumbers: number;
  /** How many times `NaN` or `Infinity`, which JSON does not have, became null. */
  notFinite: number;
  /** Whether a text in it may be a file. */
  mayHoldFiles: boolean;
}

const NUMBER = /NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Reads JSON as models write it. Whole numbers beyond 2^53, and numbers too large for a double,
 * become text with all their digits. `NaN` and `Infinity`, which Python writes, become null.
 * @param text without a byte order mark
 * @throws {SyntaxError} if it is not JSON
 */
export function readJson(text: string): JsonReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
    // What was read is looked through first: that costs less than the text does.
    const { isExact, mayHoldFiles } = lookThrough(value);
    if (isExact) return { value, bigNumbers: 0, notFinite: 0, mayHoldFiles };
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) failWith(error);
  }
  const counts = { bigNumbers: 0, notFinite: 0 };
  const readable = outsideStrings(text, (part) =>
    part.replace(NUMBER, (number) => {
      if (number.endsWith('N') || number.endsWith('y')) {
        counts.notFinite++;
        return 'null';
      }
      if (isInRange(number)) return number;
      counts.bigNumbers++;
      return `"${number}"`;
    }),
  );
  const isChanged = counts.bigNumbers + counts.notFinite > 0;
  return {
    value: isChanged || value === undefined ? JSON.parse(readable) : value,
    ...counts,
    mayHoldFiles: true,
  };
}

/**
 * Reads JSON with a value on each line.
 * @param text its lines; blank ones are left out
 * @returns the values as a list
 * @throws {SyntaxError} if a line is not JSON
 */
export function readJsonLines(text: string): JsonReading {
  const reading = { value: [] as unknown[], bigNumbers: 0, notFinite: 0, mayHoldFiles: false };
  for (let at = 0, end = 0; at < text.length; at = end + 1) {
    end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    const line = text.slice(at, end);
    if (line.trim() === '') continue;
    const { value, bigNumbers, notFinite, mayHoldFiles } = readJson(line);
    reading.value.push(value);
    reading.bigNumbers += bigNumbers;
    reading.notFinite += notFinite;
    reading.mayHoldFiles ||= mayHoldFiles;
  }
  return reading;
}

/** Whether JavaScript holds a number exactly; of a fraction, as exactly as any double. */
export function isKept(number: string): boolean {
  const isZero = Number(number) === 0;
  return isInRange(number) && (!isZero || !/^[^eE]*[1-9]/.test(number));
}

function isInRange(number: string): boolean {
  const value = Number(number);
  return /[.eE]/.test(number) ? Number.isFinite(value) : Number.isSafeInteger(value);
}

/**
 * The first number in JSON that JavaScript would change.
 * @param text valid JSON
 */
export function firstChangedNumber(text: string): string | undefined {
  let found: string | undefined;
  outsideStrings(text, (part) => {
    found ??= part.match(NUMBER)?.find((number) => !isKept(number));
    return '';
  });
  return found;
}

/** What was seen in data so far. */
interface Sight {
  /** Whether no number may stand for another one, as large ones and Infinity do. */
  isExact: boolean;
  mayHoldFiles: boolean;
  /** Objects and lists that are still to be looked through. */
  left: object[];
}

/** Looks through data once, since every pass over a large answer takes time. */
function lookThrough(data: unknown): Sight {
  const sight: Sight = { isExact: true, mayHoldFiles: false, left: [] };
  look(data, sight);
  for (let value = sight.left.pop(); value !== undefined; value = sight.left.pop()) {
    if (Array.isArray(value)) for (const entry of value) look(entry, sight);
    else for (const name in value) look((value as Record<string, unknown>)[name], sight);
  }
  return sight;
}

function look(entry: unknown, sight: Sight): void {
  if (typeof entry === 'number') {
    if (Math.abs(entry) > Number.MAX_SAFE_INTEGER) sight.isExact = false;
  } else if (typeof entry === 'string') {
    if (mayBeFile(entry)) sight.mayHoldFiles = true;
  } else if (typeof entry === 'object' && entry !== null) sight.left.push(entry);
}

/** Changes JSON outside its texts. Quotes are looked for, so that long texts cost little. */
function outsideStrings(text: string, change: (part: string) => string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('"', at);
    if (open === -1) {
      parts.push(change(text.slice(at)));
      break;
    }
    const end = endOfString(text, open);
    parts.push(change(text.slice(at, open)), text.slice(open, end));
    at = end;
  }
  return parts.join('');
}

/** @param open position of the quote that opens it. @returns the position after the last quote */
function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function failWith(error: unknown): never {
  throw error;
}
